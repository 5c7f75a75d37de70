"""Every table of the index, once, for SQLite and PostgreSQL alike.

Instants (`created`, `at`, `upload_time`) are seconds since the epoch as floating point, exact to the microsecond; deadlines
(`expires`) are whole seconds. JSON is kept as text and read by the query function that returns it. No secret is stored:
tokens by their SHA-256 (hex), passwords by their hash.

The migrations create these tables; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
"""How constraints are called: a later migration can only drop what has a name."""

metadata = MetaData(naming_convention=NAMES)

_Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows up only in a column that is exactly INTEGER.

Tables whose ids are remembered elsewhere (in tokens, in the audit log) never give an id out twice: `sqlite_autoincrement`.
"""

users = Table(
    "users",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("normalized", Text, nullable=False, unique=True, doc="the name in lower case"),
    Column("email", Text, nullable=False),
    Column("password", Text, doc="a hash with its own parameters; NULL: cannot sign in by password"),
    Column("admin", Boolean, nullable=False, server_default=text("false")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created", Double, nullable=False),
    sqlite_autoincrement=True,
)

projects = Table(
    "projects",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("normalized", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, doc="as the last upload spelled it"),
    Column("ultranormalized", Text, nullable=False, index=True, doc="equal for names that look alike"),
    Column("state", Text, nullable=False, server_default="active", doc="active, archived or quarantined"),
    Column("serial", BigInteger, nullable=False, doc="the global serial of the last change"),
    Column("created", Double, nullable=False),
    CheckConstraint("state IN ('active', 'archived', 'quarantined')", name="state"),
    sqlite_autoincrement=True,
)

roles = Table(
    "roles",
    metadata,
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", Text, nullable=False),
    CheckConstraint("role IN ('owner', 'maintainer')", name="role"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="CASCADE"), index=True, doc="NULL: all of the user's"),
    Column("scope", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", BigInteger),
    Column("revoked_at", Double),
    CheckConstraint("scope IN ('upload', 'manage', 'read')", name="scope"),
)


def _identity_columns() -> tuple[Column[str], ...]:
    """The columns that publishers and pending publishers share: an identity and the two keys that find it."""
    return (
        Column("provider", Text, nullable=False),
        Column("issuer", Text, nullable=False),
        Column("lookup", Text, nullable=False, doc="lower-cased; narrows the candidates of an exchange"),
        Column("kin", Text, nullable=False, index=True, doc="wider; finds near misses to explain a refusal"),
        Column("fields", Text, nullable=False, doc="JSON object: row name to registered value"),
        Column("allowed_events", Text, nullable=False, server_default="[]", doc="JSON list"),
    )


publishers = Table(
    "publishers",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("identity", Text, nullable=False, unique=True, doc="SHA-256 over provider, issuer and every field"),
    *_identity_columns(),
    Column("created", Double, nullable=False),
    Index(None, "lookup", "issuer"),
    sqlite_autoincrement=True,
)

project_publishers = Table(
    "project_publishers",
    metadata,
    Column("publisher_id", _Id, ForeignKey("publishers.id", ondelete="CASCADE"), primary_key=True),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("created", Double, nullable=False),
)

pending_publishers = Table(
    "pending_publishers",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("identity", Text, nullable=False),
    Column("project", Text, nullable=False, doc="the name as it was typed"),
    Column("normalized", Text, nullable=False, index=True),
    *_identity_columns(),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", Double, nullable=False),
    UniqueConstraint("identity", "normalized"),
    Index(None, "lookup", "issuer"),
)

replays = Table(
    "replays",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("key", Text, primary_key=True, doc="the token's jti, or a hash of its signed bytes"),
    Column("expires", BigInteger, nullable=False, index=True, doc="kept until then: later than the token could be accepted"),
    sqlite_with_rowid=False,
)

upload_tokens = Table(
    "upload_tokens",
    metadata,
    Column("id", _Id, primary_key=True, doc="rises with time, so that sweeping needs no index over deadlines"),
    Column("digest", Text, nullable=False, unique=True),
    # No index over publisher_id: removing a publisher is rare, a day of tokens is few, and an index costs every exchange.
    Column("publisher_id", _Id, ForeignKey("publishers.id", ondelete="CASCADE"), nullable=False),
    # A list in the row and no table of its own: it is written once by every exchange, and only ever read with its token.
    Column("projects", Text, nullable=False, doc="JSON list: ids of the projects that it was minted for"),
    Column("claims", Text, nullable=False, doc='JSON: what PyPI keeps, {"ref", "sha"} for GitHub'),
    Column("created", Double, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("burnt_at", Double),
)

releases = Table(
    "releases",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("version", Text, nullable=False, doc="canonical"),
    Column("metadata", Text, nullable=False, doc="JSON: core metadata of the file that made the release"),
    Column("yanked", Boolean, nullable=False, server_default=text("false")),
    Column("yanked_reason", Text, nullable=False, server_default=text("''")),
    Column("created", Double, nullable=False),
    UniqueConstraint("project_id", "version"),
)

files = Table(
    "files",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("filename", Text, nullable=False, unique=True),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("release_id", _Id, ForeignKey("releases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("packagetype", Text, nullable=False, doc="sdist or bdist_wheel"),
    Column("python_version", Text, nullable=False),
    Column("requires_python", Text, doc="NULL: the metadata says nothing"),
    Column("sha256", Text, nullable=False, index=True),
    Column("blake2_256", Text, nullable=False, index=True),
    Column("md5", Text),
    Column("size", BigInteger, nullable=False),
    Column("metadata_sha256", Text, doc="of the wheel's METADATA, which lies beside its blob; NULL: none"),
    Column("provenance", Text, doc="PEP 740 object as JSON; NULL: none"),
    Column("yanked", Boolean, nullable=False, server_default=text("false")),
    Column("yanked_reason", Text, nullable=False, server_default=text("''")),
    Column("uploaded_by", Text, nullable=False, doc="the actor: a publisher's specifier or a user's name"),
    Column("upload_time", Double, nullable=False),
)

filenames = Table(
    "filenames",
    metadata,
    Column("filename", Text, primary_key=True, doc="every name that was ever used: a name is never used again"),
    Column("project", Text, nullable=False, doc="normalized"),
    Column("created", Double, nullable=False),
    sqlite_with_rowid=False,
)

blob_uses = Table(
    "blob_uses",
    metadata,
    Column("id", _Id, primary_key=True),
    # No index: the table holds what is being uploaded now, and every upload writes it twice.
    Column("sha256", Text, nullable=False, doc="a blob that an upload is about to name; the sweeper leaves it"),
    Column("created", Double, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="SET NULL"), index=True, doc="NULL: no one project's"),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("detail", Text, nullable=False, doc="JSON object"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True, doc="serial: of the whole index; index: rises when a name appears or goes"),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
