"""What the person who runs an index may do to accounts and projects at its data, when nobody else can or should.

Every change leaves an event of the actor `operator`, in the account's or the project's own log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.errors import BadInput
from trustpub.storage import accounts, second_factors
from trustpub.storage.events import Event, record
from trustpub.storage.projects import find_project
from trustpub.storage.sessions import end_sessions
from trustpub.usecases.accounts.closing import close
from trustpub.usecases.accounts.operated import tell_operated
from trustpub.usecases.manage import OPERATOR, found_project, found_user
from trustpub.usecases.projects.states import ACTIVE, ARCHIVED, QUARANTINED, change_state, free_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.storage.accounts import ApiTokenRow, User
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project
    from trustpub.usecases.not_done import NotDone


class Operate:
    """The operator's use cases on one database."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def users(self) -> tuple[User, ...]:
        """Every account by name."""
        with self._database.read() as connection:
            return accounts.all_users(connection)

    def close_account(self, name: str) -> User:
        """Let nobody sign in or act as this user, see `accounts/closing.py`. Raises `BadInput` when it is closed already."""
        now = self._clock()

        def work(connection: Connection) -> User:
            user = found_user(connection, name)
            if not user.active:
                raise BadInput(f"user `{user.name}`", why="the account is closed already")
            close(connection, user, OPERATOR, now)
            return user

        return self._database.write(work).result()

    def open_account(self, name: str) -> User:
        """Let a closed account be used again. Its tokens stay revoked."""
        now = self._clock()

        def work(connection: Connection) -> User:
            user = found_user(connection, name)
            if user.active:
                raise BadInput(f"user `{user.name}`", why="the account is open")
            accounts.set_active(connection, user.id, active=True)
            record(connection, Event("account:opened", OPERATOR, now, {"user": user.name}, user_id=user.id))
            tell_operated(connection, user, "opened", now)
            return user

        return self._database.write(work).result()

    def reset_second_factor(self, name: str) -> User:
        """Take every second factor from somebody who lost them all, and end their sessions. The password stays.

        Make sure first who asks: this is what somebody would say who has only the password.
        """
        now = self._clock()

        def work(connection: Connection) -> User:
            user = found_user(connection, name)
            keys = [key.label for key in second_factors.keys_of(connection, user.id) if _remove(connection, user.id, key.id)]
            had = second_factors.remove_totp(connection, user.id)
            if not had and not keys:
                raise BadInput(f"user `{user.name}`", why="the account has no second factor")
            second_factors.set_recovery_codes(connection, user.id, ())
            ended = end_sessions(connection, user.id)
            detail: dict[str, JSON] = {"user": user.name, "totp": had, "keys": len(keys), "sessions": ended}
            record(connection, Event("second-factors:reset", OPERATOR, now, detail, user_id=user.id))
            tell_operated(connection, user, "factors-reset", now)
            return user

        return self._database.write(work).result()

    def tokens(self, name: str) -> tuple[ApiTokenRow, ...]:
        """The API tokens of an account that are not revoked, the newest first."""
        with self._database.read() as connection:
            return accounts.api_tokens_of(connection, found_user(connection, name).id)

    def revoke_token(self, name: str, token_id: int) -> ApiTokenRow:
        """Make a token of this account worthless."""
        now = self._clock()

        def work(connection: Connection) -> ApiTokenRow:
            user = found_user(connection, name)
            step = f"`trustpub admin token list {user.name}` names all."
            return _revoke(connection, user, token_id, now, BadInput(f"token {token_id}", why="there is none", next_step=step))

        return self._database.write(work).result()

    def revoke_found_token(self, text: str) -> ApiTokenRow:
        """Make a token worthless that somebody found where it should not be."""
        now = self._clock()

        def work(connection: Connection) -> ApiTokenRow:
            why = "this index has no such API token, or it is revoked already"
            unknown = BadInput("the token", why=why, next_step="Give the whole token: it begins with `pypi-api_`.")
            found = accounts.find_api_token(connection, digest(text.strip()))
            if found is None:
                raise unknown
            return _revoke(connection, found_user(connection, found.user), found.id, now, unknown)

        return self._database.write(work).result()

    def quarantine(self, name: str, reason: str) -> Project:
        """Hide every file of a project, and let nobody change it until it is released. Its people are told."""
        return self._change_state(name, (ACTIVE, ARCHIVED), QUARANTINED, reason)

    def release(self, name: str) -> Project:
        """Let a quarantined project be seen again."""
        return self._change_state(name, (QUARANTINED,), ACTIVE, "")

    def free_name(self, name: str) -> None:
        """Let the name of a deleted project be registered again. The names of its files stay taken for ever."""
        now = self._clock()

        def work(connection: Connection) -> None:
            _agree(free_name(connection, name, OPERATOR, now))

        self._database.write(work).result()

    def _change_state(self, name: str, before: tuple[str, ...], after: str, reason: str) -> Project:
        now = self._clock()

        def work(connection: Connection) -> Project:
            project = found_project(connection, name)
            _agree(change_state(connection, project, before, after, reason, OPERATOR, now))
            return project

        return self._database.write(work).result()


def _agree(refused: NotDone | None) -> None:
    """Raise `BadInput` with what the rules of projects say against it; what a caller had written is undone."""
    if refused is not None:
        raise BadInput(refused.problems[0].description)


def _revoke(connection: Connection, user: User, token_id: int, now: float, unknown: BadInput) -> ApiTokenRow:
    row = accounts.revoke_api_token(connection, user.id, token_id, now)
    if row is None:
        raise unknown
    only = find_project(connection, row.project) if row.project else None
    detail: dict[str, JSON] = {"user": user.name, "token": row.id, "scope": row.scope, "project": row.project}
    record(connection, Event("api-token:revoked", OPERATOR, now, detail, None if only is None else only.id, user.id))
    tell_operated(connection, user, "api-token-revoked", now)
    return row


def _remove(connection: Connection, user_id: int, key_id: int) -> bool:
    return second_factors.remove_key(connection, user_id, key_id) is not None
