"""Mail through a server: encrypted, or not at all."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from trustpub.errors import BadInput, Denied, Unreachable
from trustpub.parties.mail.message import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.mail.port import Letter

PASSWORD = "TRUSTPUB_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
TIMEOUT = 30.0
"""Seconds that each answer of the server may take."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `implicit`: TLS from the first byte (`smtps`); else STARTTLS, which it must offer."""

    host: str
    port: int
    implicit: bool
    user: str = ""
    password: str = field(default="", repr=False)


def server_of(address: str, environment: Mapping[str, str]) -> Server:
    """Read `smtp://[USER@]HOST[:PORT]` or `smtps://...`; the password is in the environment. Raises `BadInput`."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("smtp", "smtps") or parts.password is not None:
        why = "it must be `smtp://[USER@]HOST[:PORT]` or `smtps://...`, without a password"
        raise BadInput("[mail] server", why=why, next_step=f"The password goes into the environment: `{PASSWORD}`")
    implicit = parts.scheme == "smtps"
    user = unquote(parts.username or "")
    return Server(host, port or (465 if implicit else 587), implicit, user, environment.get(PASSWORD, ""))


class SmtpPost:
    """Hands letters to one mail server, each over a connection of its own. Never without TLS, never to an unknown certificate."""

    def __init__(self, server: Server, sender: str, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._tls = tls or ssl.create_default_context()

    def send(self, letter: Letter) -> None:
        """Hand the letter over. `Unreachable`: later, perhaps. `Denied`: the server will not take this one."""
        ready = message(letter, self._sender)
        try:
            connection = self._connect()
            try:
                connection.send_message(ready, self._sender, [letter.recipient])
            finally:
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    connection.quit()
        except smtplib.SMTPRecipientsRefused as problem:
            raise _refused(max(code for code, _ in problem.recipients.values())) from None
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as problem:
            raise _refused(problem.smtp_code) from None
        except (smtplib.SMTPException, OSError, ValueError) as problem:
            # Its text may hold what was said, and with it the password; so the kind alone is told.
            raise Unreachable("the mail server", why=type(problem).__name__) from None

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.implicit:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=self._tls)
        else:
            connection = smtplib.SMTP(host, port, timeout=TIMEOUT)
        try:
            if not self._server.implicit:
                connection.starttls(context=self._tls)  # raises when it is not offered: there is no fall-back
            if self._server.user:
                connection.login(self._server.user, self._server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _refused(code: int) -> Denied | Unreachable:
    """What the server's refusal of one letter means: 5xx is for ever, 4xx for now (RFC 5321, 4.2.1)."""
    if code >= 500:
        return Denied("the mail", why=f"the server refused it: {code}")
    return Unreachable("the mail server", why=f"it takes the mail later: {code}")
