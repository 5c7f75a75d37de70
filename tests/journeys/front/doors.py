"""Two ways to one index: its own port, and that of nginx."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.web.site import Site


@dataclass(frozen=True)
class Doors:
    """The index, the port of nginx before it, and the folder of nginx's logs."""

    site: Site
    nginx: int
    logs: Path
