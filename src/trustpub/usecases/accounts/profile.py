"""What a person says of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


class Profile:
    """Name, language and address of one person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def change(self, caller: Caller, form: Mapping[str, str]) -> NotDone | None:
        """Change `full_name`, `language`, `email` (those that are given; a new address counts once it is verified)."""
        raise NotImplementedError
