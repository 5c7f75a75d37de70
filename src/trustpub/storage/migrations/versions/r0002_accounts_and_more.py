"""People's accounts (sessions, second factors, mails), what projects are in, readers, and names that are gone."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_EMPTY = sa.text("''")


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    """Make the new columns of old tables."""
    return {
        "users": (
            sa.Column("email_normalized", sa.Text(), server_default=_EMPTY, nullable=False),
            sa.Column("email_verified_at", sa.Double()),
            sa.Column("full_name", sa.Text(), server_default=_EMPTY, nullable=False),
            sa.Column("language", sa.Text(), server_default=_EMPTY, nullable=False),
        ),
        "projects": (
            sa.Column("state_reason", sa.Text(), server_default=_EMPTY, nullable=False),
            sa.Column("summary", sa.Text(), server_default=_EMPTY, nullable=False),
            sa.Column("trusted_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        ),
        "api_tokens": (
            sa.Column("description", sa.Text(), server_default=_EMPTY, nullable=False),
            sa.Column("used_at", sa.Double()),
        ),
        "publishers": (
            sa.Column("number", sa.Text(), server_default=_EMPTY, nullable=False),
            sa.Column("seen", sa.Text(), server_default="{}", nullable=False),
        ),
        "project_publishers": (
            sa.Column("allowed_events", sa.Text(), server_default="[]", nullable=False),
            sa.Column("refs", sa.Text(), server_default="[]", nullable=False),
        ),
        "pending_publishers": (
            sa.Column("number", sa.Text(), server_default=_EMPTY, nullable=False),
            sa.Column("refs", sa.Text(), server_default="[]", nullable=False),
            sa.Column("reminded_at", sa.Double()),
        ),
        "events": (sa.Column("user_id", _ID),),
    }


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.drop_index(op.f("ix_replays_expires"), "replays")
    op.create_index(op.f("ix_users_email_normalized"), "users", ["email_normalized"])
    of_somebody = sa.text("user_id IS NOT NULL")
    op.create_index(op.f("ix_events_user_id"), "events", ["user_id"], sqlite_where=of_somebody, postgresql_where=of_somebody)
    op.execute(sa.text("UPDATE users SET email_normalized = lower(email)"))
    _constraints_of_links()
    _numbers()
    _summaries()
    _retired_names()
    _sessions()
    _second_factors()
    _links()
    _throttles()
    _mails()
    _leases()
    _blob_removals()
    _readers()
    _read_tokens()


def downgrade() -> None:
    names = ("read_tokens", "readers", "leases", "mails", "throttles", "links", "recovery_codes", "security_keys", "totp")
    for table in (*names, "blob_removals", "sessions", "retired_names"):
        op.drop_table(table)
    op.add_column("publishers", sa.Column("allowed_events", sa.Text(), server_default="[]", nullable=False))
    for table in ("publishers", "pending_publishers"):
        op.drop_index(op.f(f"ix_{table}_number"), table)
    op.create_index(op.f("ix_replays_expires"), "replays", ["expires"])
    op.drop_index(op.f("ix_events_user_id"), "events")
    op.drop_index(op.f("ix_users_email_normalized"), "users")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)


def _constraints_of_links() -> None:
    """Let each project hold a publisher to what it likes: a shared row would let one project loosen another's."""
    of_publisher = "SELECT allowed_events FROM publishers WHERE publishers.id = project_publishers.publisher_id"
    op.execute(sa.text(f"UPDATE project_publishers SET allowed_events = ({of_publisher})"))  # noqa: S608 - our own words
    op.drop_column("publishers", "allowed_events")


def _numbers() -> None:
    """Let GitHub's publishers be found by the owner's id and the repository's name, whatever the owner is called."""
    connection = op.get_bind()
    for table in ("publishers", "pending_publishers"):
        op.create_index(op.f(f"ix_{table}_number"), table, ["number"])
        keep = sa.text(f"UPDATE {table} SET number = :number WHERE id = :id")  # noqa: S608 - our own words
        for row_id, fields in connection.execute(sa.text(f"SELECT id, fields FROM {table} WHERE provider = 'github'")).all():  # noqa: S608
            row = json.loads(fields)
            if row.get("repository_owner_id"):
                connection.execute(
                    keep, {"number": f"{row['repository_owner_id']}/{row['repository_name']}".lower(), "id": row_id}
                )


def _summaries() -> None:
    """Give every project the summary of its newest release, a row at a time: the metadata of all would not fit into memory."""
    connection = op.get_bind()
    newest = connection.execute(sa.text("SELECT max(id) FROM releases GROUP BY project_id")).scalars().all()
    of_one = sa.text("SELECT project_id, metadata FROM releases WHERE id = :id")
    keep = sa.text("UPDATE projects SET summary = :summary WHERE id = :project")
    for release in newest:
        project, metadata = connection.execute(of_one, {"id": release}).one()
        summary = json.loads(metadata).get("summary")
        if isinstance(summary, str) and summary:
            connection.execute(keep, {"summary": summary, "project": project})


def _user(table: str, *, nullable: bool = False) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id"), ondelete="CASCADE")
    return sa.Column("user_id", _ID, nullable=nullable), key


def _table(name: str, *parts: sa.Column[Any] | sa.Constraint, indexes: tuple[tuple[str, ...], ...] = (), **more: bool) -> None:
    op.create_table(name, *parts, **more)
    for columns in indexes:
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name, list(columns))


def _retired_names() -> None:
    _table(
        "retired_names",
        sa.Column("normalized", sa.Text(), nullable=False),
        sa.Column("ultranormalized", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("normalized", name=op.f("pk_retired_names")),
        indexes=(("ultranormalized",),),
        sqlite_with_rowid=False,
    )


def _sessions() -> None:
    user, key = _user("sessions")
    _table(
        "sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        user,
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("seen", sa.Double(), nullable=False),
        sa.Column("proven", sa.Double(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("agent", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("challenge", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("challenge_expires", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
        sa.CheckConstraint("level IN ('password', 'full')", name=op.f("ck_sessions_level")),
        key,
        indexes=(("user_id",), ("expires",)),
    )


def _second_factors() -> None:
    user, key = _user("totp")
    _table(
        "totp",
        user,
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.Double()),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_totp")),
        key,
    )
    user, key = _user("security_keys")
    _table(
        "security_keys",
        sa.Column("id", _ID, nullable=False),
        user,
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_keys")),
        sa.UniqueConstraint("credential", name=op.f("uq_security_keys_credential")),
        key,
        indexes=(("user_id",),),
    )
    user, key = _user("recovery_codes")
    _table(
        "recovery_codes",
        sa.Column("id", _ID, nullable=False),
        user,
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        key,
        indexes=(("user_id",),),
    )


def _links() -> None:
    user, key = _user("links", nullable=True)
    _table(
        "links",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        user,
        sa.Column("project_id", _ID),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("by", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_links_digest")),
        sa.CheckConstraint("kind IN ('verify', 'reset', 'join', 'role')", name=op.f("ck_links_kind")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_links_project_id"), ondelete="CASCADE"),
        key,
        indexes=(("user_id",), ("project_id",), ("expires",)),
    )


def _throttles() -> None:
    _table(
        "throttles",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
        indexes=(("expires",),),
        sqlite_with_rowid=False,
    )


def _mails() -> None:
    _table(
        "mails",
        sa.Column("id", _ID, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        indexes=(("due",),),
    )


def _leases() -> None:
    _table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        sqlite_with_rowid=False,
    )


def _blob_removals() -> None:
    _table(
        "blob_removals",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("asked", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob_removals")),
        sqlite_with_rowid=False,
    )


def _readers() -> None:
    _table(
        "readers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("kin", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("allowed_events", sa.Text(), server_default="[]", nullable=False),
        sa.Column("refs", sa.Text(), server_default="[]", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readers")),
        sa.UniqueConstraint("identity", name=op.f("uq_readers_identity")),
        indexes=(("kin",), ("lookup", "issuer")),
    )


def _read_tokens() -> None:
    _table(
        "read_tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reader_id", _ID, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_read_tokens_digest")),
        sa.ForeignKeyConstraint(["reader_id"], ["readers.id"], name=op.f("fk_read_tokens_reader_id"), ondelete="CASCADE"),
    )
