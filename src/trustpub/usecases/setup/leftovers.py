"""Secrets of the time before Trusted Publishing: said, never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.rules.leftover_secret import is_upload_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts


def leftovers(facts: Facts) -> Iterator[str]:
    """Name the secrets that look like an index's tokens: nobody could make them again."""
    secrets = facts.github.secrets if facts.github is not None else ()
    found = [f"`{each.name}` ({each.where})" for each in secrets if is_upload_token(each.name)]
    if found:
        yield (
            f"left over: {', '.join(found)}. Once a release went out without a token, revoke it on the index and delete the "
            "secret on GitHub; setup does neither"
        )
