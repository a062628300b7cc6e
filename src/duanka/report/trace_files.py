"""Traces and plans as files: every table as Parquet and CSV, one workbook; networks as GraphML and GEXF."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa

from duanka.report import cells
from duanka.report.graphs import WRITERS, Graph
from duanka.report.long import LongTable
from duanka.report.tables import BATCH_ROWS, whole, write


def write_trace(tables: Mapping[str, pl.DataFrame | LongTable], network: Graph, folder: Path) -> tuple[Path, ...]:
    """Write the tables as `write_frames` does, `trace.graphml` and `trace.gexf`; returns their paths."""
    paths = [*write_frames(tables, folder, "trace")]
    for suffix, writer in WRITERS.items():
        paths.append(folder / f"trace.{suffix}")
        writer(network, paths[-1])
    return tuple(paths)


def write_frames(tables: Mapping[str, pl.DataFrame | LongTable], folder: Path, workbook: str) -> tuple[Path, ...]:
    """Write `tables/NAME.parquet` and `.csv`, and the workbook `workbook.xlsx`; returns their paths.

    Files of these names are replaced, each appears only when it is whole. Amounts stay minor units, times UTC, as in
    `duanka export`. The workbook has a sheet for each table that fits one (`cells.SHEET_ROWS`).
    """
    paths = []
    for name, table in tables.items():
        for fmt in ("parquet", "csv"):
            paths.append(folder / "tables" / f"{name}.{fmt}")
            write(_batches(table), _schema(table), fmt, paths[-1], sheet=name)
    paths.append(folder / f"{workbook}.xlsx")
    with whole(paths[-1]) as partial, cells.Workbook(partial) as book:
        for name, table in tables.items():
            if len(table) <= cells.SHEET_ROWS:
                sheet = cells.Sheets(book, name, _schema(table))
                for batch in _batches(table):
                    sheet.append(batch)
    return tuple(paths)


def _batches(table: pl.DataFrame | LongTable) -> Iterator[pa.RecordBatch]:
    for frame in table.frames() if isinstance(table, LongTable) else (table,):
        yield from _plain(frame).to_arrow().to_batches(BATCH_ROWS)


def _schema(table: pl.DataFrame | LongTable) -> pa.Schema:
    return _plain(pl.DataFrame(schema=table.schema)).to_arrow().schema


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Words of fixed lists as text."""
    return frame.with_columns(pl.col(pl.Enum).cast(pl.String))
