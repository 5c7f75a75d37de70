"""People of a small index, made through its pages: registered, verified, with an authenticator app."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
from sqlalchemy import select

from tests.web.site import Site
from tests.web.visitor import Page, Visitor
from trustpub.settings import Accounts as AccountRules
from trustpub.storage.accounts import User
from trustpub.storage.tables import mails, metadata, users
from trustpub.usecases.accounts import Accounts
from trustpub.usecases.accounts.caller import NewSession
from trustpub.usecases.accounts.second_factors import TotpOffer
from trustpub.usecases.passwords import Cost
from trustpub.web.auth.cookie import cookie_name

HERE = "127.0.0.1"
CHEAP = Cost(1, 8, 1)
PASSWORD = "seven grey geese over Gapyeong"
FACTORS = "/manage/account/two-factor/"


class Clock:
    """A clock that tests move."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Index(Site):
    """An index whose pages are used: open to everybody, passwords hashed at the least cost."""

    def __init__(self, folder: Path, registration: str = "open", factor: str = "required", **settings: object) -> None:
        super().__init__(folder, accounts=AccountRules(registration, factor), **settings)
        self.clock = Clock()
        object.__setattr__(self.service, "clock", self.clock)
        accounts = Accounts.over(self.database, self.settings, self.clock, self.service.random, address=self.address, cost=CHEAP)
        self.service.__dict__["accounts"] = accounts

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def mail(self, recipient: str) -> str:
        """The newest mail to this address."""
        with self.database.read() as connection:
            query = select(mails.c.body).where(mails.c.recipient == recipient).order_by(mails.c.id.desc())
            return str(connection.execute(query).scalars().first() or "")

    def link(self, recipient: str) -> str:
        """The path behind the link in the newest mail to this address."""
        found = re.search(re.escape(self.address) + r"(\S+)", self.mail(recipient))
        assert found is not None, "no link was mailed"
        return found.group(1)

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table; without when a session was last used, and without what only counts."""
        found: dict[str, list[tuple[object, ...]]] = {}
        with self.database.read() as connection:
            for table in metadata.sorted_tables:
                columns = [column for column in table.columns if column.name not in ("seen", "used_at")]
                if table.name != "throttles":
                    found[table.name] = [tuple(row) for row in connection.execute(select(*columns))]
        return found

    def make_admin(self, name: str) -> None:
        """Let this person run the index."""
        self.write(lambda connection: connection.execute(users.update().where(users.c.name == name).values(admin=True)).rowcount)


def register(index: Index, name: str = "hana", **headers: str) -> tuple[Visitor, Page]:
    """A new visitor with a new account, and the page that they then see."""
    visitor = Visitor(index, **headers)
    page = visitor.open("/account/register/")
    email = f"{name}@mail.example"
    fields = {"username": name, "full_name": "", "email": email, "password": PASSWORD, "password_again": PASSWORD}
    return visitor, visitor.submit(page, "/account/register/", **fields)


def verify(index: Index, visitor: Visitor, name: str = "hana") -> Page:
    """Open the mailed link and press its button."""
    return visitor.submit(visitor.open(index.link(f"{name}@mail.example")), "/account/verify-email/")


def add_app(index: Index, visitor: Visitor) -> pyotp.TOTP:
    """Add an authenticator app; the app."""
    offer = visitor.submit(visitor.open(FACTORS), f"{FACTORS}totp/")
    app = pyotp.TOTP(re.search(r'class="secret">([A-Z2-7]+)<', offer.answer.body.decode()).group(1))  # type: ignore[union-attr]
    done = visitor.submit(offer, f"{FACTORS}totp/confirm/", code=app.at(int(index.clock.now)))
    assert done.path.endswith("note=totp-on")
    return app


def settled(index: Index, name: str = "hana", **headers: str) -> Visitor:
    """Somebody who may do everything: verified, with a second factor; without the pages there, which have their own tests."""
    visitor, accounts, email = Visitor(index, **headers), index.service.accounts, f"{name}@mail.example"
    fields = {"username": name, "full_name": "", "email": email, "password": PASSWORD, "password_again": PASSWORD}
    session = accounts.registration.register({**fields, "language": headers.get("Accept-Language", "en")}, HERE, "")
    assert isinstance(session, NewSession)
    assert isinstance(accounts.registration.verify(parse_qs(urlsplit(index.link(email)).query)["token"][0]), User)
    caller = accounts.sign_in.caller(session.cookie, HERE)
    assert caller is not None
    offer = accounts.second_factors.begin_totp(caller)
    assert isinstance(offer, TotpOffer)
    assert accounts.second_factors.confirm_totp(caller, pyotp.TOTP(offer.secret).at(int(index.clock.now))) is None
    visitor.cookies[cookie_name(index.address, "")] = session.cookie
    return visitor
