"""What a party did not tell, and what would make it tell. Never a guess: whoever reads facts must handle it."""

from __future__ import annotations

from trustpub.record import NamedTuple


class Untold(NamedTuple):
    """Something that is not known. `why` is half a sentence for people, `permission` what the token lacks, if it is that.

    A permission goes by its name (`Actions: read`); a token that is missing as a whole is called `an ...`.
    """

    why: str
    permission: str = ""

    def __str__(self) -> str:
        return f"{self.why} (it needs {lacked(self.permission)})" if self.permission else self.why


def lacked(permission: str) -> str:
    """Name what is lacked as a part of a sentence."""
    return permission if permission.startswith("an ") else f"the permission {permission}"
