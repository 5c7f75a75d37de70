"""What administrators may do at accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.storage.accounts import User
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


class Administration:
    """Accounts, as those who run the index manage them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def users(self, caller: Caller) -> tuple[User, ...] | NotDone:
        """Every account by name."""
        raise NotImplementedError

    def set_active(self, caller: Caller, user_id: int, active: bool) -> NotDone | None:
        """Close or open an account; closing ends its sessions and revokes its tokens."""
        raise NotImplementedError

    def mails_waiting(self, caller: Caller) -> int | NotDone:
        """How many mails wait to be sent."""
        raise NotImplementedError
