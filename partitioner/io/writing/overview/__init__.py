"""The overview map: one sheet to hang on the wall."""

from partitioner.io.writing.overview.sheet import write_overview

__all__ = ["write_overview"]
