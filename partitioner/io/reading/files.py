"""Every file as layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from partitioner.io.reading.findings import Findings
from partitioner.io.reading.geodata import read_geodata
from partitioner.io.reading.grids import read_grid
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.sources import Source
from partitioner.io.reading.text_tables import read_text_table
from partitioner.io.reading.workbooks import read_workbook


def read_layers(sources: Iterable[Source], columns: Mapping[str, str], findings: Findings) -> list[Layer]:
    """All layers of all files, in order; layers without rows are told and left out."""
    layers: list[Layer] = []
    for source in sources:
        if source.kind in ("text", "workbook"):
            grids = read_text_table(source, findings) if source.kind == "text" else read_workbook(source, findings)
            read = [read_grid(source.shown, name, grid, columns.values(), findings) for name, grid in grids]
            layers += [layer for layer in read if layer is not None]
        else:
            layers += _with_rows(read_geodata(source, findings), findings)
    return layers


def _with_rows(layers: list[Layer], findings: Findings) -> list[Layer]:
    for layer in layers:
        if not len(layer):
            findings.fault("table_without_rows", layer.place())
    return [layer for layer in layers if len(layer)]
