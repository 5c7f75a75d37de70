"""What all the use cases of accounts share."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit

from trustpub.domain.loopback import is_loopback
from trustpub.domain.tokens import RANDOM_BYTES, digest
from trustpub.parties.webauthn.duo import DuoSecurityKeys
from trustpub.parties.webauthn.port import Site
from trustpub.storage.links import add_link
from trustpub.storage.mails import add_mail
from trustpub.usecases.letters import letter
from trustpub.usecases.own_address import own_address
from trustpub.usecases.passwords import Cost, Hashing

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.parties.webauthn.port import SecurityKeys
    from trustpub.settings import ServerSettings
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection, Database
    from trustpub.usecases.letters import Rows

T = TypeVar("T")

VERIFY = "/account/verify-email/"
RESET = "/account/reset-password/"
FORGOT = "/account/request-password-reset/"
JOIN = "/account/register/"
SECURITY = "/manage/account/"
"""Pages that mails lead to. The secret of a link is the field `token` of the query, which no log keeps."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One index: its database, settings, clock and chance, the hashing of passwords, security keys, and its own address.

    `url` is where people reach the index: see `own_address`.
    """

    database: Database
    settings: ServerSettings
    clock: Callable[[], float]
    random: Callable[[int], bytes] = field(repr=False)
    hashing: Hashing
    keys: SecurityKeys
    url: str

    @classmethod
    def of(
        cls,
        database: Database,
        settings: ServerSettings,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        address: str | None = None,
        cost: Cost | None = None,
        keys: SecurityKeys | None = None,
    ) -> Self:
        """The parts, with what is usual for those that are left out."""
        url = own_address(settings, address)
        return cls(database, settings, clock, random, Hashing(cost or Cost()), keys or DuoSecurityKeys(), url)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction and wait for its commit."""
        return self.database.write(work).result()

    def secret(self) -> str:
        """32 unguessable bytes as an address can hold them."""
        return base64.urlsafe_b64encode(self.random(RANDOM_BYTES)).decode("ascii").rstrip("=")

    def page(self, path: str, secret: str = "") -> str:
        """The full address of one of our pages."""
        return f"{self.url}{path}" + (f"?token={secret}" if secret else "")

    def site(self) -> Site | None:
        """For whom security keys are made; None when our address is a bare number, which no key can be bound to.

        This machine's own number counts as `localhost`: a browser that shows the pages under that name can use keys.
        """
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if is_loopback(host):
            host = "localhost"
        if ":" in host or host.rpartition(".")[2].isdigit():
            return None
        default = {"http": 80, "https": 443}[parts.scheme]
        port = f":{parts.port}" if parts.port not in (None, default) else ""
        return Site(f"{parts.scheme}://{host}{port}", host, self.settings.name)

    def mail(
        self, connection: Connection, kind: str, user: User, now: float, *, to: str = "", rows: Rows = (), **values: str
    ) -> None:
        """Let a letter to this person wait, in their language; `to` another address than the account's."""
        text = letter(kind, user.language, {"user": user.name, "index": self.settings.name, **values}, rows)
        add_mail(connection, to or user.email, text.subject, text.body, now)

    def mail_link(
        self, connection: Connection, kind: str, user: User, now: float, lifetime: int, page: str, secret: str, *, to: str = ""
    ) -> None:
        """Make a link of this account and mail it."""
        address = to or user.email
        add_link(connection, digest(secret), kind, address, now, int(now) + lifetime, user_id=user.id)
        self.mail(connection, kind, user, now, to=address, link=self.page(page, secret))

    def tell_change(self, connection: Connection, what: str, user: User, now: float, name: str = "") -> None:
        """Tell somebody what changed in their account (and what it is called), if the address is theirs."""
        if user.email_verified:
            self.mail(connection, "changed", user, now, rows=(("name", name),), change=what, link=self.page(FORGOT))

    def tell_network(self, connection: Connection, user: User, address: str, now: float) -> None:
        """Tell somebody of a sign-in from where they have not been, if the address is theirs."""
        if user.email_verified:
            self.mail(connection, "new-network", user, now, address=address, link=self.page(FORGOT))
