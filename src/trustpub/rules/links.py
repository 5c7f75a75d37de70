"""Addresses of the pages on which somebody can act, in GitHub's own spelling of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.domain.github_settings import Environment, GitHubSide
    from trustpub.rules.facts import Facts


def settings(facts: Facts, side: GitHubSide, page: str) -> str:
    """The address of a page of the repository's settings, such as `rules` or `environments`."""
    return f"https://{facts.host or 'github.com'}/{side.repository.slug}/settings/{page}"


def of_environment(facts: Facts, side: GitHubSide, environment: Environment | None) -> str:
    """The page on which an environment's rules are set; the list of all of them while it does not exist."""
    known = environment is not None and environment.id
    return settings(facts, side, f"environments/{environment.id}/edit" if environment is not None and known else "environments")
