"""Seeded towns: cases with published figures, and benchmark instances. Run from the checkout, never shipped.

`python -m datasets CASE -o DIR` writes a case's files; `datasets.instances` returns problems in memory.
"""
