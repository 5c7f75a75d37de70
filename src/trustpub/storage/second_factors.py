"""Second factors: authenticators (TOTP), security keys, and the recovery codes for the day when both are gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, update

from trustpub.storage.tables import recovery_codes, security_keys, totp

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator that was confirmed. `last_step` is the newest time step whose code was accepted."""

    secret: str = field(repr=False)
    last_step: int


@dataclass(frozen=True, slots=True)
class SecurityKey:
    """A security key. `credential` and `public_key` are base64url."""

    id: int
    user_id: int
    credential: str
    public_key: str = field(repr=False)
    sign_count: int
    label: str
    created: float
    used_at: float | None


_KEY = tuple(
    security_keys.c[name] for name in ("id", "user_id", "credential", "public_key", "sign_count", "label", "created", "used_at")
)


def has_factor(connection: Connection, user_id: int) -> bool:
    """Whether the account has an authenticator or a security key."""
    return totp_of(connection, user_id) is not None or bool(keys_of(connection, user_id))


def set_totp(connection: Connection, user_id: int, secret: str, step: int, now: float) -> None:
    """Turn an authenticator on in the place of any other; `step` is that of the code which confirmed it."""
    remove_totp(connection, user_id)
    connection.execute(insert(totp), {"user_id": user_id, "secret": secret, "confirmed_at": now, "last_step": step})


def totp_of(connection: Connection, user_id: int) -> Totp | None:
    """The account's authenticator, if it is turned on."""
    mine = (totp.c.user_id == user_id, totp.c.confirmed_at.is_not(None))
    row = connection.execute(select(totp.c.secret, totp.c.last_step).where(*mine)).first()
    return None if row is None else Totp(*row)


def spend_step(connection: Connection, user_id: int, secret: str, step: int) -> bool:
    """Accept the code of a step; False when this one or a later one was accepted before, or the authenticator is another now."""
    mine = (totp.c.user_id == user_id, totp.c.secret == secret, totp.c.last_step < step)
    return connection.execute(update(totp).where(*mine).values(last_step=step)).rowcount == 1


def remove_totp(connection: Connection, user_id: int) -> bool:
    """Turn the authenticator off; False when there was none."""
    return connection.execute(delete(totp).where(totp.c.user_id == user_id)).rowcount == 1


def add_key(
    connection: Connection, user_id: int, credential: str, public_key: str, sign_count: int, label: str, now: float
) -> int:
    """Store a security key and return its id. The caller has checked that nobody has this credential."""
    row = {
        "user_id": user_id,
        "credential": credential,
        "public_key": public_key,
        "sign_count": sign_count,
        "label": label,
        "created": now,
    }
    key_id: int = connection.execute(insert(security_keys).returning(security_keys.c.id), row).scalar_one()
    return key_id


def keys_of(connection: Connection, user_id: int) -> tuple[SecurityKey, ...]:
    """The account's security keys, the oldest first."""
    query = select(*_KEY).where(security_keys.c.user_id == user_id).order_by(security_keys.c.id)
    return tuple(SecurityKey(*row) for row in connection.execute(query))


def find_key(connection: Connection, credential: str) -> SecurityKey | None:
    """The security key with this credential, whoever's it is."""
    row = connection.execute(select(*_KEY).where(security_keys.c.credential == credential)).first()
    return None if row is None else SecurityKey(*row)


def use_key(connection: Connection, key: SecurityKey, sign_count: int, now: float) -> bool:
    """Note that a key was used; False when it is gone or was used meanwhile."""
    mine = (security_keys.c.id == key.id, security_keys.c.sign_count == key.sign_count)
    return connection.execute(update(security_keys).where(*mine).values(sign_count=sign_count, used_at=now)).rowcount == 1


def remove_key(connection: Connection, user_id: int, key_id: int) -> str | None:
    """Remove a security key of this account; its label, or None when the account has none of this id."""
    mine = (security_keys.c.user_id == user_id, security_keys.c.id == key_id)
    return connection.execute(delete(security_keys).where(*mine).returning(security_keys.c.label)).scalar_one_or_none()


def set_recovery_codes(connection: Connection, user_id: int, digests: Iterable[str]) -> None:
    """Give an account new recovery codes in the place of all that it had; none for none."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "digest": digest} for digest in digests]
    if rows:
        connection.execute(insert(recovery_codes), rows)


def recovery_codes_left(connection: Connection, user_id: int) -> int:
    """How many recovery codes of an account are not used."""
    mine = (recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None))
    return connection.execute(select(func.count()).select_from(recovery_codes).where(*mine)).scalar_one()


def spend_recovery_code(connection: Connection, user_id: int, digest: str, now: float) -> bool | None:
    """Use a recovery code up: True when it was good, False when it was used before, None when it is none."""
    mine = (recovery_codes.c.user_id == user_id, recovery_codes.c.digest == digest)
    fresh = update(recovery_codes).where(*mine, recovery_codes.c.used_at.is_(None)).values(used_at=now)
    if connection.execute(fresh).rowcount:
        return True
    return None if connection.execute(select(recovery_codes.c.id).where(*mine)).first() is None else False
