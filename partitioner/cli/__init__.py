"""The command `wangge`."""

from partitioner.cli.main import main

__all__ = ["main"]
