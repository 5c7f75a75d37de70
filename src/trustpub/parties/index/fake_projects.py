"""What a small PyPI holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON

LONG_AGO = 1_700_000_000.0


@dataclass(slots=True)
class FakeFile:
    """One file. `yanked` is a reason, or True; `provenance` a whole PEP 740 object."""

    filename: str
    version: str
    content: bytes = b"bytes"
    uploaded_at: float = LONG_AGO
    yanked: bool | str = False
    provenance: JSON = None


@dataclass(slots=True)
class FakeProject:
    """One project. A `status` is a word of PEP 792, `roles` are users and what they are (`Owner`, `Maintainer`)."""

    name: str
    status: str = "active"
    roles: tuple[tuple[str, str], ...] = ()
    organization: str | None = None
    files: list[FakeFile] = field(default_factory=list)

    def add(self, filename: str, version: str, **more: bytes | float | bool | str | JSON) -> FakeFile:
        """Put a file on the index; `more` are fields of `FakeFile`."""
        file = FakeFile(filename, version, **more)  # type: ignore[arg-type]
        self.files.append(file)
        return file
