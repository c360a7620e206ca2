"""Profiles: the norms of a place, as TOML. Levels with bounds, targets, weights and code templates; staffing norms."""

from partitioner.profiles.codes import CodeTemplate, assign_codes
from partitioner.profiles.loading import load_profile, shipped_profiles
from partitioner.profiles.numbering import numbered_plan
from partitioner.profiles.profile import MEASURES, Level, Measure, Norms, Profile, Workload
from partitioner.profiles.staffing import StaffRole, StaffRules
from partitioner.profiles.standards import STANDARDS, CodeStandard

__all__ = [
    "MEASURES",
    "STANDARDS",
    "CodeStandard",
    "CodeTemplate",
    "Level",
    "Measure",
    "Norms",
    "Profile",
    "StaffRole",
    "StaffRules",
    "Workload",
    "assign_codes",
    "load_profile",
    "numbered_plan",
    "shipped_profiles",
]
