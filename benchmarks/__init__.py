"""How long, how much memory, how good: measured by a protocol, dated, tied to a commit and kept when worse.

`python -m benchmarks` measures, `python -m benchmarks compare OLD NEW` compares two runs; see
`docs/reference/benchmarks.md`.
"""
