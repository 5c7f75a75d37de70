"""The names of secrets that jobs can get. GitHub tells nobody their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.github_settings import Secret
from trustpub.parties.github import paths
from trustpub.parties.github.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.untold import Untold
    from trustpub.parties.github.conversation import Conversation

_LISTS = (
    ("repository", "actions/secrets", "Secrets: read"),
    ("organization", "actions/organization-secrets", "Secrets: read"),
    ("dependabot", "dependabot/secrets", "Dependabot secrets: read"),
)


def secrets(talk: Conversation, slug: str, environments: Sequence[str]) -> tuple[tuple[Secret, ...], tuple[Untold, ...]]:
    """List the names, and which lists could not be read."""
    lists = [*_LISTS, *(_of_environment(name) for name in environments)]
    found: list[Secret] = []
    untold: list[Untold] = []
    for where, path, needs in lists:
        of = f"the names of the {where} secrets of `{slug}`"
        names = talk.items(f"{paths.repository(slug)}/{path}", of, needs, key="secrets")
        if isinstance(names, Refused):
            # The same permission shows the repository's own: where those were shown, it is the organisation that is missing.
            if where != "organization" or names.status != 404 or untold:
                untold.append(names.untold)
        else:
            found += [Secret(each.text("name"), where, each.text("updated_at", "")) for each in names]
    return tuple(found), tuple(untold)


def _of_environment(name: str) -> tuple[str, str, str]:
    return f"environment {name}", f"environments/{paths.segment(name)}/secrets", "Environments: read"
