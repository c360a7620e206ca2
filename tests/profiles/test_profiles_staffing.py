"""Roles, their rules and the weights of work stand in the profile; what is wrong there is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from partitioner.errors import InputError
from partitioner.profiles import Profile, load_profile, shipped_profiles
from partitioner.staffing import Roster

LEVEL = """
format = "wangge-profile/1"
name = "here"
[[level]]
name = "grid"
code = "{community}{number:03d}"
bounds = { min = 10, max = 20 }
"""


def loaded(folder: Path, text: str) -> Profile:
    path = folder / "p.toml"
    path.write_text(LEVEL + text, "utf-8")
    return load_profile(path)


def faults_of(folder: Path, text: str) -> dict[str | None, str]:
    with pytest.raises(InputError) as caught:
        loaded(folder, text)
    assert all(fault.message.zh and fault.remedy.en for fault in caught.value.faults)
    return {fault.place.pointer: fault.rule for fault in caught.value.faults}


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_roles_of_every_shipped_profile_make_a_roster_without_faults(name: str) -> None:
    rules = load_profile(name).staffing
    assert Roster(people=(), targets=(), roles=tuple(role.role for role in rules.roles)).roles
    assert rules.weights["households"] == 1


def test_hebei_has_the_posts_that_its_counties_publish() -> None:
    rules = load_profile("hebei").staffing
    assert (rules.role("cadre").role.min_people, rules.role("cadre").role.max_posts) == (1, 1)
    assert {role.role.level for role in rules.roles} == {
        "community", "grid", "special", "micro", "compound", "building", "stairwell",
    }  # fmt: skip
    assert rules.role("worker").counted_by == ("community_workers", "full_time_workers")
    assert "科级干部" in rules.role("cadre").words


def test_two_profiles_differ_in_their_roles() -> None:
    hebei, other = load_profile("hebei").staffing, load_profile("beijing").staffing
    for name in ("worker", "keeper", "grid_leader"):
        assert hebei.role(name).role != other.role(name).role
    assert hebei.weights != other.weights


def test_a_profile_without_staffing_has_no_roles(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").staffing.roles == ()


def test_every_key_of_a_role_arrives(tmp_path: Path) -> None:
    staffing = loaded(
        tmp_path,
        """
[staffing.weights]
households = 1
[[staffing.roles]]
id = "w"
title_zh = "网格员"
aliases = ["员"]
level = "grid"
people = { min = 0, max = 4 }
targets = { min = 1 }
shared = true
capacity = 300
max_ratio = 1.5
own_area = true
home_area = "community"
same_organisation = true
tag = "党员"
max_distance_m = 900
living = "elsewhere"
contiguous = true
counted_by = ["community_workers"]
weights = { households = 1, events = 2 }
""",
    ).staffing
    role = staffing.role("w")
    assert role.words == ("w", "网格员", "员")
    assert (role.role.min_people, role.role.max_people, role.role.min_posts, role.role.max_posts) == (0, 4, 1, None)
    assert (role.role.sharing, role.role.capacity, role.role.max_ratio) == ("split", 300, 1.5)
    assert (role.role.own_area, role.home_area, role.role.same_organisation) == (True, "community", True)
    assert (role.role.tag, role.role.max_distance_m, role.role.living) == ("党员", 900, "elsewhere")
    assert role.role.contiguous
    assert dict(role.role.weights) == {"households": 1, "events": 2}


def test_all_faults_of_roles_are_told_at_once(tmp_path: Path) -> None:
    found = faults_of(
        tmp_path,
        """
[staffing.weights]
houses = 1
elderly = "many"
[[staffing.roles]]
id = "a"
level = "street"
people = { min = 3, max = 2 }
capacity = 0
living = "there"
contiguous = "yes"
home_area = "community"
aliases = [1]
counted_by = ["somebody"]
colour = "red"
[[staffing.roles]]
title_zh = "无编号"
""",
    )
    assert found == {
        "/staffing/weights/houses": "key_unknown",
        "/staffing/weights/elderly": "value_type",
        "/staffing/roles/0/level": "word_unknown",
        "/staffing/roles/0/people": "range_order",
        "/staffing/roles/0/capacity": "value_range",
        "/staffing/roles/0/living": "word_unknown",
        "/staffing/roles/0/contiguous": "value_type",
        "/staffing/roles/0/home_area": "home_area_unused",
        "/staffing/roles/0/aliases": "value_type",
        "/staffing/roles/0/counted_by": "word_unknown",
        "/staffing/roles/0/colour": "key_unknown",
        "/staffing/roles/1/id": "key_missing",
        "/staffing/roles/1/level": "key_missing",
    }


def test_only_another_role_can_be_led(tmp_path: Path) -> None:
    role = '[[staffing.roles]]\nid = "{0}"\nlevel = "grid"\nleads = "{1}"\n'
    assert loaded(tmp_path, role.format("a", "b") + role.format("b", "a")).staffing.role("a").leads == "b"
    assert faults_of(tmp_path, role.format("a", "a")) == {"/staffing/roles": "leads_unknown"}


def test_one_word_for_two_roles_is_a_fault(tmp_path: Path) -> None:
    role = '[[staffing.roles]]\nid = "{0}"\nlevel = "grid"\naliases = ["网格 员"]\n'
    assert faults_of(tmp_path, role.format("a") + role.format("b")) == {"/staffing/roles": "role_word_twice"}
