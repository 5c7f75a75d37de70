"""What may be typed into the forms of accounts. Every problem of a form is said at once."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from trustpub.usecases.accounts.guessable import guessable
from trustpub.usecases.not_done import Problem
from trustpub.usecases.passwords import LONGEST, SHORTEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

USERNAME = 50
FULL_NAME = 100
EMAIL = 254
LABEL = 100
"""Most characters. Mirrors PyPI's."""

LANGUAGES = ("", "en", "ko")
"""Of pages and mails; empty: the browser's."""

RESERVED = frozenset({"operator", "administrator", "root", "system", "trustpub", "anonymous", "__token__"})
"""Names that would be taken for the index itself, in its log or in a mail."""

_USERNAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9]", re.ASCII)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)


def username_problem(name: str) -> Problem | None:
    """Mirrors the form's rule: warehouse/accounts/forms.py @6b62157."""
    if len(name) > USERNAME or _USERNAME.fullmatch(name) is None or name.lower() in RESERVED:
        why = "A user name is 2 to 50 letters, digits, dots, hyphens and underscores, with a letter or digit at both ends."
        if name.lower() in RESERVED:
            why = "This user name is kept for the index itself. Choose another one."
        return Problem("invalid-username", why, "username")
    return None


def email_problem(email: str) -> Problem | None:
    """Addresses as mail servers take them without extensions: ASCII, no quotes, a host with a dot."""
    local, _, host = email.rpartition("@")
    labels = host.split(".")
    right = (
        len(email) <= EMAIL
        and len(local) <= 64
        and _LOCAL.fullmatch(local) is not None
        and len(labels) >= 2
        and all(_HOST_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )
    return None if right else Problem("invalid-email", "This is no e-mail address. Write it as `name@host.example`.", "email")


def full_name_problem(name: str) -> Problem | None:
    """A full name stands beside what others read, so it holds no address of a page."""
    if len(name) > FULL_NAME or not plain(name) or "://" in name:
        why = f"A full name has at most {FULL_NAME} characters, none of them invisible, and holds no address of a page."
        return Problem("invalid-full-name", why, "full_name")
    return None


def password_problems(form: Mapping[str, str], about: Sequence[str]) -> tuple[Problem, ...]:
    """What is wrong with `password` and `password_again`; `about` is what anybody would try first for this person."""
    password = form.get("password", "")
    if len(password) < SHORTEST:
        return (Problem("password-too-short", f"A password has at least {SHORTEST} characters. Add a few words.", "password"),)
    if len(password) > LONGEST:
        return (Problem("password-too-long", f"A password has at most {LONGEST} characters. Use a shorter one.", "password"),)
    if guessable(password, about):
        why = "This password is made of what is tried first: common words, rows of keys, or your own name. Use other words."
        return (Problem("password-guessable", why, "password"),)
    if password != form.get("password_again", ""):
        return (Problem("passwords-differ", "The two passwords differ. Type the same one twice.", "password_again"),)
    return ()


def label_problem(text: str, code: str, field: str) -> Problem | None:
    """What a person calls a key or a token of theirs."""
    if not 1 <= len(text) <= LABEL or not plain(text):
        return Problem(code, f"Give a name of 1 to {LABEL} characters, by which you know it again.", field)
    return None


def plain(text: str) -> bool:
    """Whether a text holds nothing invisible: no control, no format character, no half of a character."""
    return all(unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for each in text)


def shown(text: str, most: int = 200) -> str:
    """What a program said of itself (its user agent), as it may be kept and shown."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in text[:most])
