"""Parquet files of bounded size: a few kilobytes may stand for terabytes of repeated values."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hubopt.instance.errors import Problem
from hubopt.instance.intake import too_large

_CELL = 64
"""Bytes that a cell takes about once it is read, as the text of a table may."""


class TooLargeError(Exception):
    """A file that unpacks to more than an input file may take."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _refuse(name: str, size: float) -> None:
    if problem := too_large(name, size):
        raise TooLargeError(problem)


def _length(chunk: pa.Array) -> int:
    """Bytes of the texts that a dictionary-encoded chunk stands for."""
    kind = chunk.dictionary.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)):
        return 0
    lengths = pc.binary_length(chunk.dictionary)
    return int(pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0)


def bounded_parquet(path: Path) -> pa.Table:
    """The table in a Parquet file; columns of text stay dictionaries where they are so in the file.

    Raises
    ------
    TooLargeError
        If it unpacks to more than an input file may take.
    """
    with path.open("rb") as stream:
        head = pq.ParquetFile(stream)
        schema, meta = head.schema_arrow, head.metadata
        cells = float(meta.num_rows) * max(1, meta.num_columns) * _CELL
        packed = sum(max(0, meta.row_group(at).total_byte_size) for at in range(meta.num_row_groups))
        _refuse(path.name, max(cells, packed))
        # texts stay dictionaries, so that a long one that repeats is counted before it is written out
        texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_binary(field.type)]
        stream.seek(0)
        table = pq.ParquetFile(stream, read_dictionary=texts).read()
    _refuse(path.name, float(table.num_rows) * max(1, table.num_columns) * _CELL)
    written = 0
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            written += sum(_length(chunk) for chunk in column.chunks)
            _refuse(path.name, written)
    return table
