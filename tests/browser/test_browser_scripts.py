"""The page's own arithmetic holds: borders, colours, and the queue of edits."""

from __future__ import annotations

import subprocess

from hatch_build import UI, node_environment


def test_the_pages_scripts_pass_their_own_tests() -> None:
    npm, environment = node_environment()
    done = subprocess.run(
        [*npm, "run", "test"], cwd=UI, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
