"""Every file as layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from partitioner.errors import Place
from partitioner.io.reading.archives import read_archive
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.geodata import read_geodata
from partitioner.io.reading.grids import read_grid
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.sources import Source
from partitioner.io.reading.text_tables import read_text_table
from partitioner.io.reading.workbooks import read_workbook

MAX_COLUMNS = 16_384
"""As many as a sheet of Excel can have."""


def read_layers(sources: Iterable[Source], columns: Mapping[str, str], findings: Findings) -> list[Layer]:
    """All layers of all files, in order.

    A layer or sheet without rows is left out with a notice; a file without any row is a fault.
    """
    layers: list[Layer] = []
    for source in sources:
        num_faults = len(findings.faults)
        read = _read(source, columns, findings)
        for layer in read:
            if not len(layer):
                findings.notice("table_without_rows", layer.place())
        for layer in read:
            if len(layer.headings) > MAX_COLUMNS:
                findings.fault("table_wide", layer.place(), len(layer.headings), limit=MAX_COLUMNS)
        filled = [layer for layer in read if len(layer) and len(layer.headings) <= MAX_COLUMNS]
        if not filled and len(findings.faults) == num_faults:
            findings.fault("table_empty", Place(file=source.shown))
        layers += filled
    return layers


def _read(source: Source, columns: Mapping[str, str], findings: Findings) -> list[Layer]:
    if source.kind == "zip":
        return read_archive(source, findings)
    if source.kind not in ("text", "workbook"):
        return read_geodata(source, findings)
    grids = read_text_table(source, findings) if source.kind == "text" else read_workbook(source, findings)
    read = [read_grid(source.shown, name, grid, columns.values(), findings) for name, grid in grids]
    return [layer for layer in read if layer is not None]
