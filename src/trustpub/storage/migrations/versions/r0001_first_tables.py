"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _blob_uses()
    _counters()
    _filenames()
    _projects()
    _publishers()
    _replays()
    _users()
    _api_tokens()
    _events()
    _pending_publishers()
    _project_publishers()
    _releases()
    _roles()
    _upload_tokens()
    _files()
    counters = sa.table("counters", sa.column("name", sa.Text), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": "serial", "value": 0}, {"name": "index", "value": 0}])


def downgrade() -> None:
    op.drop_table("files")
    op.drop_table("upload_tokens")
    op.drop_table("roles")
    op.drop_table("releases")
    op.drop_table("project_publishers")
    op.drop_table("pending_publishers")
    op.drop_table("events")
    op.drop_table("api_tokens")
    op.drop_table("users")
    op.drop_table("replays")
    op.drop_table("publishers")
    op.drop_table("projects")
    op.drop_table("filenames")
    op.drop_table("counters")
    op.drop_table("blob_uses")


def _blob_uses() -> None:
    op.create_table(
        "blob_uses",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blob_uses")),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
        sqlite_with_rowid=False,
    )


def _filenames() -> None:
    op.create_table(
        "filenames",
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("filename", name=op.f("pk_filenames")),
        sqlite_with_rowid=False,
    )


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", _ID, nullable=False),
        sa.Column("normalized", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ultranormalized", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'archived', 'quarantined')", name=op.f("ck_projects_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("normalized", name=op.f("uq_projects_normalized")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_projects_ultranormalized"), "projects", ["ultranormalized"], unique=False)


def _publishers() -> None:
    op.create_table(
        "publishers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("kin", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("allowed_events", sa.Text(), server_default="[]", nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publishers")),
        sa.UniqueConstraint("identity", name=op.f("uq_publishers_identity")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_publishers_kin"), "publishers", ["kin"], unique=False)
    op.create_index(op.f("ix_publishers_lookup_issuer"), "publishers", ["lookup", "issuer"], unique=False)


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "key", name=op.f("pk_replays")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_replays_expires"), "replays", ["expires"], unique=False)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("normalized", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("admin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("normalized", name=op.f("uq_users_normalized")),
        sqlite_autoincrement=True,
    )


def _api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.CheckConstraint("scope IN ('upload', 'manage', 'read')", name=op.f("ck_api_tokens_scope")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_api_tokens_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_index(op.f("ix_api_tokens_project_id"), "api_tokens", ["project_id"], unique=False)
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"], unique=False)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_events_project_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_project_id"), "events", ["project_id"], unique=False)


def _pending_publishers() -> None:
    op.create_table(
        "pending_publishers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("normalized", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("kin", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("allowed_events", sa.Text(), server_default="[]", nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_pending_publishers_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_publishers")),
        sa.UniqueConstraint("identity", "normalized", name=op.f("uq_pending_publishers_identity_normalized")),
    )
    op.create_index(op.f("ix_pending_publishers_kin"), "pending_publishers", ["kin"], unique=False)
    op.create_index(op.f("ix_pending_publishers_lookup_issuer"), "pending_publishers", ["lookup", "issuer"], unique=False)
    op.create_index(op.f("ix_pending_publishers_normalized"), "pending_publishers", ["normalized"], unique=False)
    op.create_index(op.f("ix_pending_publishers_user_id"), "pending_publishers", ["user_id"], unique=False)


def _project_publishers() -> None:
    op.create_table(
        "project_publishers",
        sa.Column("publisher_id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_publishers_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["publishers.id"], name=op.f("fk_project_publishers_publisher_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("publisher_id", "project_id", name=op.f("pk_project_publishers")),
    )
    op.create_index(op.f("ix_project_publishers_project_id"), "project_publishers", ["project_id"], unique=False)


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("yanked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("yanked_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_releases_project_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_releases_project_id_version")),
    )


def _roles() -> None:
    op.create_table(
        "roles",
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'maintainer')", name=op.f("ck_roles_role")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_roles_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_roles_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_roles")),
    )
    op.create_index(op.f("ix_roles_user_id"), "roles", ["user_id"], unique=False)


def _upload_tokens() -> None:
    op.create_table(
        "upload_tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("publisher_id", _ID, nullable=False),
        sa.Column("projects", sa.Text(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("burnt_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["publishers.id"], name=op.f("fk_upload_tokens_publisher_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_upload_tokens_digest")),
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", _ID, nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("release_id", _ID, nullable=False),
        sa.Column("packagetype", sa.Text(), nullable=False),
        sa.Column("python_version", sa.Text(), nullable=False),
        sa.Column("requires_python", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("blake2_256", sa.Text(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("metadata_sha256", sa.Text(), nullable=True),
        sa.Column("provenance", sa.Text(), nullable=True),
        sa.Column("yanked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("yanked_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("upload_time", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_files_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_files_release_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("filename", name=op.f("uq_files_filename")),
    )
    op.create_index(op.f("ix_files_blake2_256"), "files", ["blake2_256"], unique=False)
    op.create_index(op.f("ix_files_project_id"), "files", ["project_id"], unique=False)
    op.create_index(op.f("ix_files_release_id"), "files", ["release_id"], unique=False)
    op.create_index(op.f("ix_files_sha256"), "files", ["sha256"], unique=False)
