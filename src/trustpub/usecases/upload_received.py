"""What an upload request brought, before anybody decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.storage.blobs import Temp


@dataclass(frozen=True, slots=True)
class Received:
    """One upload request, read to its end: the form, and the file in a temp file with its digests (lower-case hexadecimal).

    `filename` and `content_type` are the file part's own; `content_type` is empty when the client sent none, as uv does.
    """

    fields: tuple[tuple[str, str], ...]
    filename: str
    content_type: str
    temp: Temp
    sha256: str
    md5: str
    blake2_256: str

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.temp.size

    @property
    def digests(self) -> dict[str, str]:
        """Every digest by its name."""
        return {"sha256": self.sha256, "md5": self.md5, "blake2_256": self.blake2_256}
