"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def _id() -> Column[str]:
    return Column("id", String(32), primary_key=True)


def _project() -> Column[str]:
    return Column("project", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False, index=True)


tokens = Table(
    "tokens",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("server_admin", Boolean, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
)

projects = Table(
    "projects",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("profile_toml", Text),
    Column("crs", Text),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("revision", Integer, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("project", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("token", ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(16), nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    _id(),
    _project(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("options", JSON, nullable=False),
    Column("files", JSON, nullable=False),
    Column("outputs", JSON, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("num_faults", Integer, nullable=False),
    Column("job", String(32)),
    Column("created", Double, nullable=False),
    Column("actor", Text, nullable=False),
    UniqueConstraint("project", "version"),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    _project(),
    Column("kind", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("phase", String(32)),
    Column("level", String(64)),
    Column("progress", JSON, nullable=False),
    Column("stop_requested", Boolean, nullable=False),
    Column("stop_reason", String(32)),
    Column("attempt", Integer, nullable=False),
    Column("losses", Integer, nullable=False),
    Column("error", JSON),
    Column("result", JSON),
    Column("revision", BigInteger, nullable=False),
    Column("created", Double, nullable=False),
    Column("started", Double),
    Column("finished", Double),
    Column("actor", Text, nullable=False),
    Column("key", String(255)),
    Column("key_hash", String(64)),
    UniqueConstraint("project", "key"),
    Index("jobs_waiting", "state", "created"),
)

plans = Table(
    "plans",
    metadata,
    _id(),
    _project(),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("dataset", String(32)),
    Column("base", String(32)),
    Column("job", String(32), unique=True),
    Column("origin", String(32), nullable=False),
    Column("summary", JSON, nullable=False),
    Column("files", JSON, nullable=False),
    Column("approval", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created", Double, nullable=False),
    Column("actor", Text, nullable=False),
    UniqueConstraint("project", "number"),
)

trail = Table(
    "trail",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("plan", ForeignKey("plans.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_id", String(32), nullable=False),
    Column("action", String(16), nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("comment", Text, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    _id(),
    _project(),
    Column("plan", ForeignKey("plans.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("level", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("num_edits", Integer, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("actor", Text, nullable=False),
)

edits = Table(
    "edits",
    metadata,
    Column("draft", ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", JSON, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("project", String(32), index=True),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("status", Integer, nullable=False),
)
