"""An index with accounts whose clock and chance a test holds; hashing is as cheap as argon2 allows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pyotp import TOTP

from trustpub.settings import Accounts as Rules
from trustpub.settings import ServerSettings
from trustpub.storage.accounts import User, add_user, find_user
from trustpub.storage.database import Connection, Database
from trustpub.storage.events import Event, events_of
from trustpub.storage.mails import Mail, due_mails
from trustpub.usecases.accounts import Accounts, Caller, NewSession
from trustpub.usecases.accounts.tries import remember_address
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.passwords import Cost, hash_password

T = TypeVar("T")

NOW = 1_763_800_000.5
HOME = "192.0.2.1"
ELSEWHERE = "198.51.100.7"
CHEAP = Cost(passes=1, memory=8, lanes=1)
GOOD = "vermilion kettle drum"
BETTER = "a lantern over wet gravel"
URL = "https://index.example"


class People:
    """The accounts of one index. `now` is what its clock says."""

    def __init__(self, database: Database, *, registration: str = "open", second_factor: str = "optional") -> None:
        self.database = database
        self.now = NOW
        settings = ServerSettings(data=Path(), url=URL)
        self.settings = replace(settings, accounts=Rules(registration, second_factor), name="ours")
        self._counter = itertools.count(1)
        self.accounts = Accounts.over(database, self.settings, lambda: self.now, self.random, cost=CHEAP)

    def random(self, size: int) -> bytes:
        """Bytes that nobody else had."""
        return next(self._counter).to_bytes(size, "big")

    def do(self, work: Callable[[Connection], T]) -> T:
        """Run one write and wait for it."""
        return self.database.write(work).result(30)

    def see(self, look: Callable[[Connection], T]) -> T:
        """Read what is committed."""
        with self.database.read() as connection:
            return look(connection)

    def form(self, name: str = "ada", **more: str) -> dict[str, str]:
        """What somebody types to register."""
        typed = {"username": name, "full_name": "", "email": f"{name}@example.org", "password": GOOD, "password_again": GOOD}
        return {**typed, **more}

    def person(self, name: str = "ada", *, password: str = GOOD, admin: bool = False, verified: bool = True) -> User:
        """An account that was made by the operator."""
        hashed = hash_password(password, self.random(16), CHEAP)
        email = f"{name}@example.org"
        return self.do(
            lambda connection: add_user(connection, name, email, self.now, password=hashed, admin=admin, verified=verified)
        )

    def session(self, name: str = "ada", password: str = GOOD, address: str = HOME) -> NewSession:
        """Sign in, which must succeed; home is where they have been before."""
        user = self.see(lambda connection: find_user(connection, name))
        if user is not None and address == HOME:
            self.do(lambda connection: remember_address(connection, user.id, address, self.now))
        return began(self.accounts.sign_in.password(name, password, address, "a browser"))

    def caller(self, session: NewSession, address: str = HOME) -> Caller:
        """Who a new session's cookie belongs to."""
        found = self.accounts.sign_in.caller(session.cookie, address)
        assert found is not None
        return found

    def signed_in(self, name: str = "ada", address: str = HOME) -> Caller:
        """Sign in without a second factor."""
        return self.caller(self.session(name, address=address), address)

    def authenticator(self, caller: Caller) -> TOTP:
        """Turn an authenticator on; its app."""
        offer = self.accounts.second_factors.begin_totp(caller)
        assert not isinstance(offer, NotDone), offer
        app = TOTP(offer.secret)
        assert self.accounts.second_factors.confirm_totp(caller, app.at(int(self.now))) is None
        self.now += 30
        return app

    def mails(self) -> tuple[Mail, ...]:
        """The mails that wait, the oldest first."""
        return self.see(lambda connection: due_mails(connection, self.now, limit=100))

    def token(self) -> str:
        """The secret of the link in the newest mail."""
        return token_of(self.mails()[-1])

    def events(self, user: User | None = None) -> list[str]:
        """The kinds of what was recorded, the oldest first."""
        return [event.kind for event in self.log(user)]

    def log(self, user: User | None = None) -> list[Event]:
        """What was recorded, the oldest first."""
        user_id = None if user is None else user.id
        return list(reversed(self.see(lambda connection: events_of(connection, user_id=user_id, limit=1000))))


def token_of(mail: Mail) -> str:
    """The secret of the link in a mail."""
    found = re.search(r"\?token=([\w-]+)", mail.body)
    assert found is not None, mail
    return found[1]


def began(answer: NewSession | NotDone) -> NewSession:
    """A session, which it must be."""
    assert isinstance(answer, NewSession), answer
    return answer


def code(answer: object) -> str:
    """The code of a refusal, which it must be."""
    assert isinstance(answer, NotDone), answer
    return answer.code
