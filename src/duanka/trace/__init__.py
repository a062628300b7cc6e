"""Follow money through the ledger, down and up, under each doctrine; what is left where. Arrays in, arrays out."""
