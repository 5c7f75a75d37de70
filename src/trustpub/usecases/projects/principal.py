"""Who acts on projects and publishers, and what they may do: looked up inside the transaction that depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from trustpub.storage.accounts import User
    from trustpub.usecases.upload_credential import Admission


class SignedIn(Protocol):
    """A person with a session, as `usecases.accounts.caller.Caller` is."""

    @property
    def user(self) -> User:
        """Whose session it is."""

    @property
    def session_id(self) -> int:
        """The session's row."""

    @property
    def level(self) -> str:
        """`password` while a second factor is owed, else `full`."""

    @property
    def proven(self) -> float:
        """When the person last proved who they are, in seconds since the epoch."""

    @property
    def second_factor(self) -> bool:
        """Whether the account has a second factor."""


Actor: TypeAlias = "SignedIn | Admission"
"""A signed-in person, or an API token that nobody has looked up yet."""
