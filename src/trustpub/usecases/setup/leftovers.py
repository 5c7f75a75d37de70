"""Secrets of the time before Trusted Publishing: said, never deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

_TOKEN = re.compile(r"PYPI|TWINE|UV_PUBLISH|POETRY_HTTP_BASIC|FLIT_(PASSWORD|USERNAME)|HATCH_INDEX|MATURIN_P", re.IGNORECASE)


def leftovers(facts: Facts) -> Iterator[str]:
    """Name the secrets that look like an index's tokens. They are said, never deleted: nobody can make them again."""
    secrets = facts.github.secrets if facts.github is not None else ()
    found = [f"`{each.name}` ({each.where})" for each in secrets if _TOKEN.search(each.name)]
    if found:
        yield (
            f"left over: {', '.join(found)}. Once a release went out without a token, delete the secret on GitHub and revoke the "
            "token on the index; setup deletes neither"
        )
