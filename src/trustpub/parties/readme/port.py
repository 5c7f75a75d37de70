"""What the index asks of whoever renders READMEs."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

SECONDS = 3
"""Processor time for one README; the longest of real ones take a tenth of it."""
MOST_TEXT = 512 * 1024
"""Characters of a README that is rendered; a longer one is shown as it is written."""
MOST_HTML = 4 * 1024 * 1024
"""Characters of what becomes of it."""
LONGEST = 12 * MOST_HTML + 1024
"""Bytes of one frame between the index and the process: a character takes up to twelve in JSON."""


class Markup(StrEnum):
    """How a README is written. Plain text is not here: nobody has to be asked about it."""

    GFM = "GFM"
    COMMON_MARK = "CommonMark"
    RST = "rst"


class Renderer(Protocol):
    """Renders READMEs, one after the other; any number of threads may ask."""

    def render(self, markup: Markup, text: str) -> str | None:
        """Safe HTML, or None for what cannot be rendered (no such markup, or too much time or memory). Blocks.

        Safe: no script, no style, no form, nothing that is fetched, no link but to http, https, mailto and places in the text
        itself, no name or class of the page around it. Raises `Broken` when there is nobody to render it now.
        """

    def close(self) -> None:
        """Let go of everything. Nothing is rendered afterwards."""
