"""Who asks, and what they may do."""

from service.auth.actors import LOCAL, Actor
from service.auth.permissions import PERMISSIONS, ROLES, allows
from service.auth.tokens import made_token, parsed, verified

__all__ = ["LOCAL", "PERMISSIONS", "ROLES", "Actor", "allows", "made_token", "parsed", "verified"]
