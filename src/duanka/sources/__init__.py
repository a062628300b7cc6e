"""From outside formats to records: recognise, read, map, reject. One file per format under `formats/`."""
