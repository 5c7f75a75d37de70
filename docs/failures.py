"""Write the page of failures from the catalogue that `trustpub explain` matches: `.venv/bin/python docs/failures.py`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from trustpub.domain.failures import attestations, client, environment_gate, exchange, id_token, network, upload

if TYPE_CHECKING:
    from trustpub.domain.failures import Cause

PAGE = Path(__file__).resolve().parent / "reference" / "failures.md"
FAMILIES = (
    ("The job never started", environment_gate.CAUSES),
    ("No ID token", id_token.CAUSES),
    ("The exchange was refused", exchange.CAUSES),
    ("No proper answer from the exchange", network.CAUSES),
    ("The upload was refused", upload.CAUSES),
    ("The client stopped by itself", client.CAUSES),
    ("Attestations", attestations.CAUSES),
)
HEAD = """# Failures

What `trustpub explain` knows: every cause with its code, how much its text alone proves, the field that has to change, and what
to do. A cause is named only when its own words are in the log. Anything else is not known, and `explain` says so.

*Certain*: the text has no other reason. *Likely*: it has one common reason. *Possible*: a warning, which may have nothing to do
with the failure. With a checkout at hand `invalid-publisher` becomes certain, and names the field that differs.
"""


def page() -> str:
    """The whole page: a heading a cause, by family."""
    return "\n".join([HEAD, *(part for title, causes in FAMILIES for part in (f"## {title}\n", *map(section, causes)))])


def section(cause: Cause) -> str:
    """One cause: its title, how sure it is, its field, what to do. What a log fills in stands in italics."""
    field = " Field: the one that the log names." if cause.field.startswith("{") else f" Field: `{cause.field}`."
    title = general(cause.title)
    sure = f"{title[:1].upper()}{title[1:]}. {cause.sure.capitalize()}.{field if cause.field else ''}"
    return f"### `{cause.code}`\n\n{sure}\n\n{general(cause.fix)}\n"


def general(text: str) -> str:
    """A text with the names of what a log fills in."""
    return re.sub(r"`?(?<!\{)\{(\w+)\}(?!\})`?", r"*\1*", text).replace("{{", "{").replace("}}", "}")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
