"""What a party did not tell, and what would make it tell. Never a guess: whoever reads facts must handle it."""

from __future__ import annotations

from trustpub.record import NamedTuple


class Untold(NamedTuple):
    """Something that is not known. `why` is half a sentence for people, `permission` what the token lacks, if it is that."""

    why: str
    permission: str = ""

    def __str__(self) -> str:
        return f"{self.why} (it needs the permission {self.permission})" if self.permission else self.why
