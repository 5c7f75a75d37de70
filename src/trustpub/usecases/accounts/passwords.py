"""Passwords of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.usecases.accounts.caller import Caller, NewSession
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


class Passwords:
    """Forgotten, new and proven passwords."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def forgot(self, email: str, address: str) -> None:
        """Mail a link for a new password, if the address is somebody's; never says whether."""
        raise NotImplementedError

    def reset(self, secret: str, form: Mapping[str, str]) -> NotDone | None:
        """A new password by the link: `password`, `password_again`. Ends all sessions."""
        raise NotImplementedError

    def reset_of(self, secret: str) -> NotDone | None:
        """Whether a link can still be used, for the form."""
        raise NotImplementedError

    def change(self, caller: Caller, form: Mapping[str, str]) -> NotDone | None:
        """A new password: `old_password`, `password`, `password_again`. Ends all other sessions."""
        raise NotImplementedError

    def prove(self, caller: Caller, form: Mapping[str, str]) -> NewSession | NotDone:
        """Prove who one is: `password`. The session gets a new cookie."""
        raise NotImplementedError
