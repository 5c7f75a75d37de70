"""Getting an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.storage.accounts import User
    from trustpub.usecases.accounts.caller import Caller, NewSession
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


class Registration:
    """How people get an account, and show that its mail reaches them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def register(self, form: Mapping[str, str], address: str, agent: str, invitation: str = "") -> NewSession | NotDone:
        """Make an account: `username`, `full_name`, `email`, `password`, `password_again`; signed in at once."""
        raise NotImplementedError

    def verify(self, secret: str) -> User | NotDone:
        """The secret of a verification link: its address is the account's own from now on."""
        raise NotImplementedError

    def resend(self, caller: Caller) -> NotDone | None:
        """Mail the verification link again."""
        raise NotImplementedError

    def invite(self, caller: Caller, email: str) -> NotDone | None:
        """Administrators: mail an invitation to make an account."""
        raise NotImplementedError

    def invited(self, secret: str) -> str | NotDone:
        """The address that an invitation was mailed to, for the form."""
        raise NotImplementedError
