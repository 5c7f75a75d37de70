"""API tokens, as their owner manages them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.storage.accounts import ApiTokenRow
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: its text is shown once."""

    text: str = field(repr=False)
    row: ApiTokenRow


class ApiTokens:
    """The API tokens of one person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listed(self, caller: Caller) -> tuple[ApiTokenRow, ...]:
        """The tokens of the caller that are not revoked."""
        raise NotImplementedError

    def create(self, caller: Caller, form: Mapping[str, str]) -> NewToken | NotDone:
        """Make one: `description`, `scope` (upload, manage, read), `project` (empty: all), `days` (empty: no end)."""
        raise NotImplementedError

    def revoke(self, caller: Caller, token_id: int) -> NotDone | None:
        """Make one worthless."""
        raise NotImplementedError
