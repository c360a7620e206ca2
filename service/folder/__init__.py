"""Shows one planned folder: read-only, without projects."""
