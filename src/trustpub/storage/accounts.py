"""People and their API tokens."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from trustpub.storage.statements import Prepared
from trustpub.storage.tables import api_tokens, projects, users

NOTED_EVERY = 3600.0
"""Seconds between two notes of a token's use."""


@dataclass(frozen=True, slots=True)
class User:
    """One account. Names differ by more than their case."""

    id: int
    name: str
    email: str
    admin: bool
    active: bool
    full_name: str = ""
    language: str = ""
    """Of pages and mails: a tag like `en` or `ko`; empty: the browser's."""
    email_verified: bool = False
    created: float = 0.0


@dataclass(frozen=True, slots=True)
class ApiTokenRow:
    """A token as its owner sees it. `project` is the name of the only one that it is for, None: all of the user's."""

    id: int
    description: str
    scope: str
    project: str | None
    created: float
    expires: int | None
    used_at: float | None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A person's long-lived token: its user, its scope (`upload`, `manage`, `read`) and the one project it is for, if any."""

    id: int
    user_id: int
    user: str
    admin: bool
    scope: str
    project_id: int | None
    expires: int | None
    used_at: float | None = None
    """About when it was last used."""

    @property
    def actor(self) -> str:
        """Who acts, for the audit log and the file row."""
        return self.user


USER_COLUMNS = (
    users.c.id,
    users.c.name,
    users.c.email,
    users.c.admin,
    users.c.active,
    users.c.full_name,
    users.c.language,
    users.c.email_verified_at.is_not(None),
    users.c.created,
)
"""What a `User` is made of, in its order."""
_TOKEN = Prepared(
    select(
        api_tokens.c.id,
        api_tokens.c.user_id,
        users.c.name,
        users.c.admin,
        api_tokens.c.scope,
        api_tokens.c.project_id,
        api_tokens.c.expires,
        api_tokens.c.used_at,
    )
    .join_from(api_tokens, users, api_tokens.c.user_id == users.c.id)
    .where(api_tokens.c.digest == bindparam("wanted"), api_tokens.c.revoked_at.is_(None), users.c.active.is_(True)),
)


def add_user(
    connection: Connection,
    name: str,
    email: str,
    now: float,
    *,
    password: str | None = None,
    admin: bool = False,
    full_name: str = "",
    language: str = "",
    verified: bool = False,
) -> User:
    """Create an account; `password` is a finished hash. The caller has checked that the name is free.

    `verified`: whoever creates it vouches for its e-mail address.
    """
    row = {
        "name": name,
        "normalized": name.lower(),
        "email": email,
        "email_normalized": email.lower(),
        "email_verified_at": now if verified else None,
        "full_name": full_name,
        "language": language,
        "password": password,
        "admin": admin,
        "created": now,
    }
    user_id = connection.execute(insert(users).returning(users.c.id), row).scalar_one()
    return User(user_id, name, email, admin, True, full_name, language, verified, now)


def find_user(connection: Connection, name: str) -> User | None:
    """The account of this name, in whatever case."""
    row = connection.execute(select(*USER_COLUMNS).where(users.c.normalized == name.lower())).first()
    return None if row is None else User(*row)


def user_by_id(connection: Connection, user_id: int) -> User | None:
    """The account with this id."""
    row = connection.execute(select(*USER_COLUMNS).where(users.c.id == user_id)).first()
    return None if row is None else User(*row)


def find_users_by_email(connection: Connection, email: str) -> tuple[User, ...]:
    """The accounts that gave this address, in whatever case; those who have proven that it is theirs (at most one) first."""
    mine = select(*USER_COLUMNS).where(users.c.email_normalized == email.lower(), users.c.email_normalized != "")
    rows = connection.execute(mine.order_by(users.c.email_verified_at.is_(None), users.c.id))
    return tuple(User(*row) for row in rows)


def owner_of_email(connection: Connection, email: str) -> User | None:
    """The account that has proven that this address is its own."""
    found = find_users_by_email(connection, email)
    return found[0] if found and found[0].email_verified else None


def all_users(connection: Connection) -> tuple[User, ...]:
    """Every account by name."""
    return tuple(User(*row) for row in connection.execute(select(*USER_COLUMNS).order_by(users.c.normalized)))


def set_password(connection: Connection, user_id: int, password: str) -> None:
    """Give an account a new password; `password` is a finished hash."""
    connection.execute(update(users).where(users.c.id == user_id).values(password=password))


def set_email(connection: Connection, user_id: int, email: str, now: float) -> None:
    """Make an address the account's own, whose mail it has shown to read."""
    values = {"email": email, "email_normalized": email.lower(), "email_verified_at": now}
    connection.execute(update(users).where(users.c.id == user_id).values(values))


def set_profile(connection: Connection, user_id: int, full_name: str, language: str) -> None:
    """Note what a person says of themselves."""
    connection.execute(update(users).where(users.c.id == user_id).values(full_name=full_name, language=language))


def set_active(connection: Connection, user_id: int, active: bool) -> None:
    """Close or open an account."""
    connection.execute(update(users).where(users.c.id == user_id).values(active=active))


def password_of(connection: Connection, user_id: int) -> str | None:
    """The stored hash of the account's password; None when it cannot sign in by password."""
    return connection.execute(select(users.c.password).where(users.c.id == user_id)).scalar_one_or_none()


def add_api_token(
    connection: Connection,
    digest: str,
    user_id: int,
    scope: str,
    now: float,
    *,
    project_id: int | None = None,
    expires: int | None = None,
    description: str = "",
) -> int:
    """Store a token by its digest and return its id."""
    row = {
        "digest": digest,
        "user_id": user_id,
        "scope": scope,
        "project_id": project_id,
        "expires": expires,
        "created": now,
        "description": description,
    }
    token_id: int = connection.execute(insert(api_tokens).returning(api_tokens.c.id), row).scalar_one()
    return token_id


def find_api_token(connection: Connection, digest: str) -> ApiToken | None:
    """The token with this digest, unless it was revoked or its user is closed. Whether it has expired is the caller's to say."""
    row = _TOKEN.one(connection, wanted=digest)
    if row is None:
        return None
    return ApiToken(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6], row[7])


def note_use(connection: Connection, token: ApiToken, now: float) -> None:
    """Note that a token was used, once an hour at most: most uploads ask the database nothing for it."""
    if token.used_at is None or now - token.used_at >= NOTED_EVERY:
        connection.execute(update(api_tokens).where(api_tokens.c.id == token.id).values(used_at=now))


def api_tokens_of(connection: Connection, user_id: int) -> tuple[ApiTokenRow, ...]:
    """The tokens of an account that are not revoked, the newest first."""
    query = (
        select(
            api_tokens.c.id,
            api_tokens.c.description,
            api_tokens.c.scope,
            projects.c.name,
            api_tokens.c.created,
            api_tokens.c.expires,
            api_tokens.c.used_at,
        )
        .join_from(api_tokens, projects, api_tokens.c.project_id == projects.c.id, isouter=True)
        .where(api_tokens.c.user_id == user_id, api_tokens.c.revoked_at.is_(None))
        .order_by(api_tokens.c.id.desc())
    )
    return tuple(ApiTokenRow(*row) for row in connection.execute(query))


def revoke_api_token(connection: Connection, user_id: int, token_id: int, now: float) -> ApiTokenRow | None:
    """Make a token of this account worthless and say which it was; None when the account has none of this id."""
    found = next((row for row in api_tokens_of(connection, user_id) if row.id == token_id), None)
    if found is not None:
        connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=now))
    return found


def revoke_api_tokens(connection: Connection, user_id: int, now: float) -> int:
    """Make all tokens of an account worthless; how many."""
    mine = (api_tokens.c.user_id == user_id, api_tokens.c.revoked_at.is_(None))
    return connection.execute(update(api_tokens).where(*mine).values(revoked_at=now)).rowcount
