"""wangge (网格) draws community grids."""

__version__ = "0.1.0"
