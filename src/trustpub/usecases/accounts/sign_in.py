"""Signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.usecases.accounts.caller import Caller, NewSession
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


class SignIn:
    """Signing in and out, and who a cookie belongs to."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def password(self, name: str, password: str, address: str, agent: str) -> NewSession | NotDone:
        """By user name (or e-mail address) and password; `level` says whether a second factor is still owed."""
        raise NotImplementedError

    def totp(self, caller: Caller, code: str) -> NewSession | NotDone:
        """By the code of an authenticator."""
        raise NotImplementedError

    def key_options(self, caller: Caller) -> str | NotDone:
        """What the browser asks a security key, as JSON."""
        raise NotImplementedError

    def key(self, caller: Caller, answer_json: str) -> NewSession | NotDone:
        """By the answer of a security key."""
        raise NotImplementedError

    def recovery_code(self, caller: Caller, code: str) -> NewSession | NotDone:
        """By a recovery code, which is used up."""
        raise NotImplementedError

    def sign_out(self, caller: Caller) -> None:
        """End this session."""
        raise NotImplementedError

    def caller(self, cookie: str, address: str) -> Caller | None:
        """Whose cookie this is; once a request."""
        raise NotImplementedError
