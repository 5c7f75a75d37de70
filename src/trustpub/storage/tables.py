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
    Column("email_normalized", Text, nullable=False, server_default=text("''"), index=True, doc="in lower case"),
    Column("email_verified_at", Double, doc="NULL: nobody has proven that they read its mail"),
    Column("full_name", Text, nullable=False, server_default=text("''")),
    Column("language", Text, nullable=False, server_default=text("''"), doc="of pages and mails; empty: the browser's"),
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
    Column("state_reason", Text, nullable=False, server_default=text("''"), doc="for readers (PEP 792)"),
    Column("summary", Text, nullable=False, server_default=text("''"), doc="of its newest release, for the search"),
    Column("trusted_only", Boolean, nullable=False, server_default=text("false"), doc="refuses uploads by API tokens"),
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
    Column("description", Text, nullable=False, server_default=text("''"), doc="for its owner, unique among theirs"),
    Column("created", Double, nullable=False),
    Column("expires", BigInteger),
    Column("used_at", Double, doc="about when it was last used; NULL: never"),
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
    )


def _constraint_columns() -> tuple[Column[str], ...]:
    """What a publisher is held to beyond its identity. Each project has its own: one identity may publish to many."""
    return (
        Column("allowed_events", Text, nullable=False, server_default="[]", doc="JSON list"),
        Column("refs", Text, nullable=False, server_default="[]", doc="JSON list of patterns; empty: every ref"),
    )


def _number() -> Column[str]:
    """The key that finds an identity after a rename; readers have none."""
    return Column("number", Text, nullable=False, server_default=text("''"), index=True, doc="no rename changes it; may be empty")


publishers = Table(
    "publishers",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("identity", Text, nullable=False, unique=True, doc="SHA-256 over provider, issuer and every field"),
    *_identity_columns(),
    _number(),
    Column("seen", Text, nullable=False, server_default="{}", doc="JSON: what its last token said that is not matched"),
    Column("created", Double, nullable=False),
    Index(None, "lookup", "issuer"),
    sqlite_autoincrement=True,
)

project_publishers = Table(
    "project_publishers",
    metadata,
    Column("publisher_id", _Id, ForeignKey("publishers.id", ondelete="CASCADE"), primary_key=True),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True, index=True),
    *_constraint_columns(),
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
    _number(),
    *_constraint_columns(),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", Double, nullable=False),
    Column("reminded_at", Double, doc="when its registrant was told that it will expire; NULL: not yet"),
    UniqueConstraint("identity", "normalized"),
    Index(None, "lookup", "issuer"),
)

replays = Table(
    "replays",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("key", Text, primary_key=True, doc="the token's jti, or a hash of its signed bytes"),
    # No index: it would cost every exchange, and the sweep goes by the key.
    Column("expires", BigInteger, nullable=False, doc="kept until then: later than the token could be accepted"),
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

blob_removals = Table(
    "blob_removals",
    metadata,
    Column("sha256", Text, primary_key=True, doc="a blob that a store may be removing now; no upload may begin to name it"),
    Column("asked", Double, nullable=False, doc="when the removal was begun; long after that it can no longer come"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="SET NULL"), index=True, doc="NULL: no one project's"),
    Column("user_id", _Id, doc="whose account it is about; NULL: none"),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("detail", Text, nullable=False, doc="JSON object"),
    # Only of accounts: most events are of no account, an exchange's for one, and would all be in the index.
    Index(None, "user_id", sqlite_where=text("user_id IS NOT NULL"), postgresql_where=text("user_id IS NOT NULL")),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True, doc="serial: of the whole index; index: rises when a name appears or goes"),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

retired_names = Table(
    "retired_names",
    metadata,
    Column("normalized", Text, primary_key=True, doc="of a project that was deleted: nobody registers it again"),
    Column("ultranormalized", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Double, nullable=False),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", Text, nullable=False, unique=True, doc="SHA-256 of what the cookie holds"),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("level", Text, nullable=False, doc="password: a second factor is still owed; full"),
    Column("created", Double, nullable=False),
    Column("seen", Double, nullable=False, doc="about when it was last used"),
    Column("proven", Double, nullable=False, doc="when the person last proved who they are"),
    Column("expires", BigInteger, nullable=False, index=True),
    Column("address", Text, nullable=False, server_default=text("''")),
    Column("agent", Text, nullable=False, server_default=text("''")),
    Column("challenge", Text, nullable=False, server_default=text("''"), doc="of a security key, good for one answer"),
    Column("challenge_expires", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("level IN ('password', 'full')", name="level"),
)

totp = Table(
    "totp",
    metadata,
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("secret", Text, nullable=False, doc="base32; the one secret that has to be kept as it is"),
    Column("confirmed_at", Double, doc="NULL: shown, and not yet answered with a code"),
    Column("last_step", BigInteger, nullable=False, server_default=text("0"), doc="the newest step that was accepted"),
)

security_keys = Table(
    "security_keys",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("credential", Text, nullable=False, unique=True, doc="its id, base64url"),
    Column("public_key", Text, nullable=False, doc="base64url"),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("used_at", Double),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", Text, nullable=False),
    Column("used_at", Double),
)

links = Table(
    "links",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", Text, nullable=False, unique=True, doc="SHA-256 of the secret in the address that was mailed"),
    Column("kind", Text, nullable=False, doc="verify, reset, join (an account) or role (in a project)"),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), index=True, doc="whose it is; NULL: of no account yet"),
    Column("project_id", _Id, ForeignKey("projects.id", ondelete="CASCADE"), index=True),
    Column("email", Text, nullable=False, doc="the one address that it is good for"),
    Column("role", Text, nullable=False, server_default=text("''")),
    Column("by", Text, nullable=False, server_default=text("''"), doc="who invited"),
    Column("created", Double, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    Column("used_at", Double),
    CheckConstraint("kind IN ('verify', 'reset', 'join', 'role')", name="kind"),
)

throttles = Table(
    "throttles",
    metadata,
    Column("key", Text, primary_key=True, doc="what is counted, and for whom"),
    Column("began", BigInteger, nullable=False, doc="when its window began"),
    Column("count", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

mails = Table(
    "mails",
    metadata,
    Column("id", _Id, primary_key=True, doc="written with what it tells of, sent afterwards"),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("attempts", BigInteger, nullable=False, server_default=text("0")),
    Column("due", Double, nullable=False, index=True, doc="not before then"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True, doc="work that one process does at a time"),
    Column("holder", Text, nullable=False),
    Column("until", Double, nullable=False),
    sqlite_with_rowid=False,
)

readers = Table(
    "readers",
    metadata,
    Column("id", _Id, primary_key=True, doc="an identity whose ID tokens are exchanged for tokens that read"),
    Column("identity", Text, nullable=False, unique=True),
    *_identity_columns(),
    *_constraint_columns(),
    Column("by", Text, nullable=False),
    Column("created", Double, nullable=False),
    Index(None, "lookup", "issuer"),
)

read_tokens = Table(
    "read_tokens",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("reader_id", _Id, ForeignKey("readers.id", ondelete="CASCADE"), nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
