"""Other programs on our problem, each as a competent user would run it.

A peer sees a `Case` (arrays, nothing of ours) and tells a `Found` every plan and bound it has. Each runs in a process
of its own, `python -m benchmarks.peers PEER CASE FOUND`: highspy and ortools cannot share one, and spopt brings
highspy in. So nothing in this folder may import `partitioner`.
"""
