"""`wangge solve` and `wangge check`: files in, files out, exit codes that tell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from cli_running import city_problem, document, small_problem, wangge

from partitioner import __version__
from partitioner.model.plan_json import read_plan
from partitioner.scoring import validate

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "partitioner" / "model" / "schema" / "wangge-plan-1.json").read_text("utf-8"))
RUN = [sys.executable, "-c", "from partitioner.cli import main; main()"]
FEW = ("--step-limit", 20_000, "--threads", 1)


def test_a_plan_that_was_found_ends_with_0_and_passes_the_check(tmp_path: Path) -> None:
    problem, plan = small_problem(tmp_path / "problem.json"), tmp_path / "plan.json"
    result = wangge("solve", problem, "-o", plan, *FEW, "--lang", "en")
    assert result.exit_code == 0
    assert str(plan) in result.stdout
    assert "households per grid" in result.stdout
    jsonschema.validate(json.loads(plan.read_text("utf-8")), SCHEMA)
    checked = wangge("check", problem, plan, "--lang", "en")
    assert checked.exit_code == 0
    assert "lawful" in checked.stdout


def test_a_plan_that_breaks_rules_ends_the_check_with_1(tmp_path: Path) -> None:
    problem, plan = small_problem(tmp_path / "problem.json"), tmp_path / "plan.json"
    num = len(json.loads(problem.read_text("utf-8"))["units"]["id"])
    plan.write_text(json.dumps({"format": "wangge-plan/1", "grid": ["全部"] * (num - 1) + [None]}))
    result = wangge("check", problem, plan, "--lang", "both")
    assert result.exit_code == 1
    assert "[size_max]" in result.stdout
    assert "[labelled]" in result.stdout
    told = document(wangge("check", problem, plan, "--json"))
    assert not told["lawful"]
    assert [v["rule"] for v in told["violations"]] == ["labelled", "size_max"]
    assert all(v["message"]["zh"] and v["remedy"]["en"] for v in told["violations"])


def test_a_proof_that_nothing_is_lawful_ends_with_3_and_still_writes_a_plan(tmp_path: Path) -> None:
    problem, plan = small_problem(tmp_path / "problem.json", bounds={"min": 1, "max": 20}), tmp_path / "plan.json"
    result = wangge("solve", problem, "-o", plan, *FEW, "--json")
    assert result.exit_code == 3
    told = document(result)
    assert (told["status"], told["bound"], told["gap"]) == ("infeasible", None, None)
    assert told["reasons"][0]["rule"] == "size_max"
    assert told["reasons"][0]["remedy"]["zh"]
    assert told["num_violations"] > 0
    assert len(read_plan(plan)) == told["num_units"]
    people = wangge("solve", problem, "-o", plan, *FEW, "--lang", "zh")
    assert people.exit_code == 3
    assert "无合规方案的原因" in people.stdout


def test_nothing_found_in_time_ends_with_4(tmp_path: Path) -> None:
    # Each grid may hold 400 or 401 households and nothing else: no counting shows that this fails, and no time is left.
    problem = small_problem(tmp_path / "problem.json", bounds={"min": 400, "max": 401}, max_walk_m=None)
    households = json.loads(problem.read_text("utf-8"))["units"]["households"]
    total = sum(households)
    grids = total // 400
    bounds = {"min": total // grids, "max": -(-total // grids)}
    small_problem(problem, bounds=bounds)
    result = wangge("solve", problem, "-o", tmp_path / "plan.json", "--step-limit", 0, "--json")
    assert result.exit_code == 4
    assert document(result)["status"] == "unknown"
    assert (tmp_path / "plan.json").exists()


def test_the_json_document_says_what_the_plan_file_says(tmp_path: Path) -> None:
    problem, plan = small_problem(tmp_path / "problem.json"), tmp_path / "plan.json"
    told = document(wangge("solve", problem, "-o", plan, *FEW, "--json", "--seed", 3))
    written = json.loads(plan.read_text("utf-8"))
    for key in ("problem", "status", "stop_reason", "objective", "bound", "gap", "seconds", "seed", "engine"):
        assert told[key] == written[key], key
    assert told["seed"] == 3
    assert told["files"] == [str(plan)]
    assert told["num_grids"] == len(set(written["grid"]))
    again = document(wangge("check", problem, plan, "--json"))
    assert again["objective"] == told["objective"]
    assert again["lawful"] == (told["num_violations"] == 0)


def test_the_same_seed_and_steps_give_the_same_bytes(tmp_path: Path) -> None:
    problem = small_problem(tmp_path / "problem.json")
    for name, threads in (("a", 1), ("b", 2)):
        wangge("solve", problem, "-o", tmp_path / name, "--step-limit", 20_000, "--threads", threads, "--quiet")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("words", "env", "expected", "missing"),
    [
        (("--lang", "zh"), {}, ["网格数"], ["grids"]),
        (("--lang", "en"), {}, ["grids"], ["网格数"]),
        (("--lang", "both"), {}, ["网格数 / grids"], []),
        ((), {"WANGGE_LANG": "zh"}, ["网格数"], ["grids"]),
        ((), {"LC_ALL": "en_GB.UTF-8"}, ["grids"], ["网格数"]),
        ((), {"LC_ALL": "zh_CN.UTF-8"}, ["网格数"], ["grids"]),
        ((), {"LC_ALL": "C"}, ["网格数 / grids"], []),
        (("--quiet",), {}, [], ["网格", "grids"]),
    ],
)
def test_the_command_speaks_the_readers_language(
    tmp_path: Path, words: tuple[str, ...], env: dict[str, str], expected: list[str], missing: list[str]
) -> None:
    problem = small_problem(tmp_path / "p.json")
    result = wangge("solve", problem, "-o", tmp_path / "q", "--step-limit", 100, *words, env=env)
    assert result.exit_code in (0, 4)
    output = result.stdout.replace(str(tmp_path), "")
    assert all(text in output for text in expected)
    assert not any(text in output for text in missing)


def test_faults_are_told_in_both_languages_unless_one_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("{")
    for lang, zh, en in (("both", True, True), ("zh", True, False), ("en", False, True)):
        result = wangge("solve", tmp_path / "p.json", "-o", tmp_path / "q", "--lang", lang)
        assert result.exit_code == 2
        assert ("不是有效的 JSON" in result.stderr) == zh
        assert ("not valid JSON" in result.stderr) == en
        assert not result.stdout


ONE = {"format": "wangge-problem/1", "units": {"id": ["a"], "households": [5]}, "edges": {"u": [], "v": []}}
BAD_FILES = {
    "empty": "",
    "broken": "{",
    "wrong version": json.dumps(ONE | {"format": "wangge-problem/9", "bounds": {"min": 1, "max": 9}}),
    "a list": "[]",
    "huge numbers": json.dumps(ONE | {"bounds": {"min": 1, "max": 1e30}}),
    "bounds min above max": json.dumps(ONE | {"bounds": {"min": 500, "max": 300}}),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_bad_files_end_with_2_and_name_the_place(tmp_path: Path, kind: str) -> None:
    bad, good = tmp_path / "bad.json", small_problem(tmp_path / "good.json")
    bad.write_text(BAD_FILES[kind])
    before = sorted(tmp_path.iterdir())
    for words in (("solve", bad, "-o", tmp_path / "plan.json"), ("check", bad, good), ("check", good, bad)):
        result = wangge(*words, "--lang", "en")
        assert result.exit_code == 2
        assert "bad.json" in result.stderr
    told = document(wangge("solve", bad, "-o", tmp_path / "plan.json", "--json"))
    assert told["error"] == "input"
    assert told["num_faults"] == len(told["faults"])
    assert all(fault["file"] == str(bad) for fault in told["faults"])
    assert sorted(tmp_path.iterdir()) == before


def test_missing_files_and_folders_end_with_2(tmp_path: Path) -> None:
    problem = small_problem(tmp_path / "p.json")
    for path in (tmp_path / "none.json", tmp_path, problem / "below"):
        assert wangge("solve", path, "-o", tmp_path / "q").exit_code == 2
        assert wangge("check", problem, path).exit_code == 2


def test_a_plan_of_another_problem_ends_the_check_with_2(tmp_path: Path) -> None:
    problem, plan = small_problem(tmp_path / "p.json"), tmp_path / "plan.json"
    plan.write_text(json.dumps({"format": "wangge-plan/1", "grid": ["a"]}))
    result = wangge("check", problem, plan, "--lang", "en")
    assert result.exit_code == 2
    assert "belongs to this problem" in result.stderr


def test_an_output_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    problem = small_problem(tmp_path / "p.json")
    before = problem.read_bytes()
    for target in (problem / "plan.json", tmp_path / "none" / "plan.json", tmp_path):
        result = wangge("solve", problem, "-o", target, "--step-limit", 100, "--lang", "en")
        assert result.exit_code == 2
        assert "cannot write" in result.stderr
        assert document(wangge("solve", problem, "-o", target, "--step-limit", 100, "--json"))["error"] == "output"
    assert problem.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("--time-limit", 1, "--step-limit", 1),
        ("--time-limit", -1),
        ("--time-limit", "nan"),
        ("--time-limit", "soon"),
        ("--step-limit", -5),
        ("--threads", 0),
        ("--seed", -1),
        ("--lang", "fr"),
        ("--colour", "red"),
    ],
)
def test_options_that_make_no_sense_end_with_2(tmp_path: Path, words: tuple[object, ...]) -> None:
    result = wangge("solve", small_problem(tmp_path / "p.json"), "-o", tmp_path / "q", *words)
    assert result.exit_code == 2
    assert str(words[0]) in result.stderr
    assert not (tmp_path / "q").exists()


def test_help_and_version() -> None:
    assert wangge("--version").stdout.strip() == f"wangge {__version__}"
    for words in (("--help",), ("solve", "-h"), ("check", "-h"), ("plan", "-h")):
        assert wangge(*words).exit_code == 0
    assert wangge().exit_code == 2
    assert wangge("draw").exit_code == 2


def test_the_installed_command_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    problem, plan = small_problem(tmp_path / "p.json"), tmp_path / "plan.json"
    words = ["solve", str(problem), "-o", str(plan), "--step-limit", "1000", "--json"]
    ran = subprocess.run([*RUN, *words], cwd=ROOT, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["files"] == [str(plan)]
    assert ran.stderr == b""


def test_a_terminal_that_knows_no_chinese_never_ends_a_run(tmp_path: Path) -> None:
    ran = subprocess.run(
        [*RUN, "solve", str(tmp_path / "没有.json"), "-o", str(tmp_path / "q")],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )
    assert ran.returncode == 2
    assert b"Traceback" not in ran.stderr
    assert b"no such file" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent another way there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_keeps_the_best_plan_and_ends_with_0(tmp_path: Path, number: int) -> None:
    path, problem = city_problem(tmp_path / "city.json")
    plan = tmp_path / "plan.json"
    started = tmp_path / "started"
    code = (
        "import sys, pathlib\n"
        "from partitioner.cli.progress import ProgressLine\n"
        "told = ProgressLine.on_progress\n"
        "def on_progress(self, snapshot):\n"
        "    told(self, snapshot)\n"
        "    if snapshot.best is not None: pathlib.Path(sys.argv[-1]).touch()\n"
        "ProgressLine.on_progress = on_progress\n"
        "from partitioner.cli.main import app\n"
        "app(sys.argv[1:-1])\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, "solve", str(path), "-o", str(plan), "--lang", "en", str(started)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        while not started.exists() and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(number)
        out, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert running.returncode == 0, err.decode()
    assert b"the best plan so far is kept" in err
    assert b"cancelled" in out
    assert not validate(problem, read_plan(plan))[0]
