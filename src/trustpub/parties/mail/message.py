"""A letter as RFC 5322 has it. Nothing that was typed can become a header of its own."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import TYPE_CHECKING

from trustpub.errors import Denied

if TYPE_CHECKING:
    from trustpub.parties.mail.port import Letter


LONGEST_LINE = 998
"""Characters of a line as it goes over the wire (RFC 5321, 4.5.3.1.6): many servers refuse a mail with a longer one, for ever."""


def message(letter: Letter, sender: str, *, eight_bits: bool = False) -> EmailMessage:
    """The message of a letter. Raises `Denied` for an address or a subject that no header can hold.

    ASCII stays as it is, so that a link can be copied out of a file; other letters do where `eight_bits` are allowed.
    """
    made = EmailMessage(policy=SMTP)
    try:
        made["From"] = Address(addr_spec=sender)
        made["To"] = Address(addr_spec=letter.recipient)
        made["Subject"] = letter.subject
        made["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    except (ValueError, IndexError) as problem:  # line breaks, or no address at all: the parser of the standard library says both
        raise Denied("the mail", why="its address or its subject holds what no header may hold") from problem
    made["Date"] = formatdate(letter.at)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.body, cte=_encoding(letter.body, eight_bits=eight_bits))
    return made


def _encoding(body: str, *, eight_bits: bool) -> str:
    if any(len(line.encode()) > LONGEST_LINE for line in body.split("\n")):
        return "quoted-printable"
    return "7bit" if body.isascii() else "8bit" if eight_bits else "quoted-printable"
