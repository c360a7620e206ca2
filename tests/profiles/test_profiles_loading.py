"""Profiles say what they hold, and everything that is wrong with them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from partitioner.errors import InputError
from partitioner.model import SliceRule
from partitioner.profiles import load_profile, shipped_profiles

GOOD = """
format = "wangge-profile/1"
name = "here"
[[level]]
name = "grid"
code = "{community}{number:03d}"
bounds = { min = 10, max = 20 }
"""


def faults_of(folder: Path, text: str | bytes) -> dict[str | None, str]:
    """From pointer to rule."""
    path = folder / "p.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        load_profile(path)
    return {fault.place.pointer: fault.rule for fault in caught.value.faults}


def test_hebei_has_the_published_sizes_and_norm() -> None:
    profile = load_profile("hebei")
    sizes = {level.name: (level.bounds.min, level.bounds.max, level.bounds.aim) for level in profile.levels}
    assert sizes == {"community": (1500, 3000, 2200), "grid": (300, 500, 400), "micro": (10, 15, 12)}
    assert profile.norms.community_workers_per_10000_residents == 18
    grid = profile.level("grid").weights
    assert (grid.walk, grid.walk_power, grid.split, grid.balance, grid.move) == (1, 1, 20_000, 40, 0)
    micro = profile.level("micro").weights
    assert micro.split >= 20
    assert micro.balance >= 20


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_loads_under_its_own_name(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert [level.bounds.max for level in profile.levels] == sorted(
        (level.bounds.max for level in profile.levels), reverse=True
    )


def test_two_profiles_differ_at_every_level() -> None:
    hebei, other = load_profile("hebei"), load_profile("beijing")
    for level in hebei.levels:
        assert other.level(level.name).bounds != level.bounds
    assert other.level("micro").code != hebei.level("micro").code


def test_an_unknown_name_lists_the_shipped_profiles_and_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        load_profile("hebie")
    message = caught.value.text()
    for text in (message.zh, message.en):
        assert "beijing" in text
        assert "hebei" in text


def test_missing_values_take_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("\ufeff" + GOOD, encoding="utf-8")
    level = load_profile(str(path)).level("grid")
    assert level.bounds.aim == 15
    assert level.weights.split == 20_000
    assert level.max_walk_m is None
    assert level.count.of(None).min is None


def test_an_unknown_level_is_named() -> None:
    with pytest.raises(KeyError, match="community, grid, micro"):
        load_profile("hebei").level("street")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = """
format = "wangge-profile/2"
surprise = 1
[[level]]
name = 3
boundz = {}
bounds = { min = 20, max = 10, target = true }
code = "{city}{number}"
weights = { walk = -1, split = nan, blance = 2 }
[norms]
residents_per_household = "many"
"""
    assert faults_of(tmp_path, text) == {
        "/format": "format_version",
        "/surprise": "key_unknown",
        "/name": "key_missing",
        "/level/0/name": "value_type",
        "/level/0/boundz": "key_unknown",
        "/level/0/bounds/min": "bounds_order",
        "/level/0/bounds/target": "value_type",
        "/level/0/code": "value_invalid",
        "/level/0/weights/walk": "value_type",
        "/level/0/weights/split": "value_type",
        "/level/0/weights/blance": "key_unknown",
        "/norms/residents_per_household": "value_type",
    }


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        (("min = 10", "min = 10.5"), "/level/0/bounds/min", "value_type"),
        (("max = 20", f"max = {10**30}"), "/level/0/bounds/max", "value_type"),
        (("max = 20", "max = 20, target = 99"), "/level/0/bounds/target", "target_outside_bounds"),
        (("{number:03d}", "{number:099999d}"), "/level/0/code", "value_invalid"),
        (("{number:03d}", "{number"), "/level/0/code", "value_invalid"),
        (("{community}{number:03d}", "{community}"), "/level/0/code", "value_invalid"),
        (('format = "wangge-profile/1"', ""), "/format", "key_missing"),
        (("[[level]]", "[level]"), "/level", "value_type"),
    ],
)
def test_a_single_fault_is_placed(tmp_path: Path, change: tuple[str, str], pointer: str, rule: str) -> None:
    assert faults_of(tmp_path, GOOD.replace(*change)) == {pointer: rule}


def test_levels_are_distinct_and_ordered_from_wide_to_narrow(tmp_path: Path) -> None:
    second = GOOD[GOOD.index("[[level]]") :].replace("max = 20", "max = 30")
    assert faults_of(tmp_path, GOOD + second) == {
        "/level/1/name": "level_duplicate",
        "/level/1/bounds/max": "levels_order",
    }


def test_how_buildings_are_cut_is_part_of_a_profile(tmp_path: Path) -> None:
    assert load_profile("hebei").slices == SliceRule()
    assert load_profile("beijing").slices.homes_per_floor == 3
    path = tmp_path / "p.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_profile(path).slices == SliceRule()
    path.write_text(GOOD + "[slices]\nwhole_up_to = 0\nstairs_m_per_floor = 5.5\n", encoding="utf-8")
    assert load_profile(path).slices == SliceRule(whole_up_to=0, stairs_m_per_floor=5.5)


@pytest.mark.parametrize(
    ("line", "pointer", "rule"),
    [
        ("homes_per_flor = 2", "/slices/homes_per_flor", "key_unknown"),
        ("homes_per_floor = 2.5", "/slices/homes_per_floor", "value_type"),
        ("lift_m_per_floor = -1", "/slices/lift_m_per_floor", "value_type"),
        ("homes_per_floor = 0", "/slices/", "value_invalid"),
        ("floors_assumed = 1000", "/slices/", "value_invalid"),
    ],
)
def test_faults_of_cutting_are_placed(tmp_path: Path, line: str, pointer: str, rule: str) -> None:
    found = faults_of(tmp_path, f"{GOOD}[slices]\n{line}\n")
    assert {str(key).rstrip("/"): value for key, value in found.items()} == {pointer.rstrip("/"): rule}


def test_broken_toml_is_placed_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('format = "wangge-profile/1"\nname = here\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_profile(path)
    (fault,) = caught.value.faults
    assert (fault.rule, fault.place.row, fault.place.file) == ("toml_syntax", 2, str(path))


@pytest.mark.parametrize(
    ("contents", "rule"),
    [
        ("名 = 1".encode("gb18030"), "profile_encoding"),
        (b"x" * 1_000_001, "profile_too_long"),
        (b"", "key_missing"),
        (b"a = " + b"[" * 5_000, "toml_syntax"),
    ],
)
def test_files_that_are_no_profiles_are_refused(tmp_path: Path, contents: bytes, rule: str) -> None:
    assert rule in faults_of(tmp_path, contents).values()


@pytest.mark.parametrize("name", ["missing.toml", "", "a\0.toml"])
def test_paths_that_cannot_be_read_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="profile_unreadable"):
        load_profile(f"{tmp_path}/{name}")


def test_a_level_may_count_residents_and_name_a_standard_for_its_codes(tmp_path: Path) -> None:
    text = GOOD.replace('"{community}{number:03d}"', '"CJ/T 349-2010"\ncode_object = "010100"\nmeasure = "residents"')
    path = tmp_path / "p.toml"
    path.write_text(text + "[workload]\nhousehold = 2\nresident = 0.5\n", "utf-8")
    profile = load_profile(path)
    level = profile.level("grid")
    assert level.measure == "residents"
    assert level.code.code("110101001001", 7) == "01010011010100100107"
    assert (profile.workload.household, profile.workload.resident) == (2, 0.5)


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        ('"CJ/T 349-2010"', "/level/0/code", "value_invalid"),
        ('"CJ/T 349-2010"\ncode_object = "1"', "/level/0/code", "value_invalid"),
        ('"DB11/T 2157-2023"\ncode_object = "010100"', "/level/0/code", "value_invalid"),
        ('"{number}"\ncode_object = "010100"', "/level/0/code_object", "code_object_unused"),
        ('"{number}"\nmeasure = "people"', "/level/0/measure", "measure_unknown"),
    ],
)
def test_what_does_not_fit_a_standard_or_a_measure_is_placed(
    tmp_path: Path, change: str, pointer: str, rule: str
) -> None:
    assert faults_of(tmp_path, GOOD.replace('"{community}{number:03d}"', change)) == {pointer: rule}
