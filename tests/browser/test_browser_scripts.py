"""The page's own arithmetic holds: borders, colours, and the queue of edits."""

from __future__ import annotations

import gzip
import subprocess

from hatch_build import BUILT, UI, node_environment

MOST_BYTES = 450_000


def test_the_pages_scripts_pass_their_own_tests() -> None:
    npm, environment = node_environment()
    done = subprocess.run(
        [*npm, "run", "test"], cwd=UI, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_the_page_weighs_less_than_half_a_megabyte() -> None:
    sent = [file for file in BUILT.rglob("*") if file.is_file() and file.name != "built-from"]
    assert sum(len(gzip.compress(file.read_bytes())) for file in sent) < MOST_BYTES
