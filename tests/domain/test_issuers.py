"""The issuers that are known without configuration, and how long spent tokens stay known."""

from __future__ import annotations

from trustpub.domain.issuers import BUILT_IN, LEEWAY, replay_retention


def test_github_and_gitlab_are_built_in() -> None:
    """RS256 only; an hour for GitHub, a day for GitLab, whose tokens live as long as a job may."""
    known = {issuer.url: (str(issuer.kind), issuer.algorithms, issuer.max_lifetime) for issuer in BUILT_IN}

    assert {
        "https://token.actions.githubusercontent.com": ("github", ("RS256",), 3600),
        "https://gitlab.com": ("gitlab", ("RS256",), 86400),
    } == known


def test_a_spent_token_stays_known_for_longer_than_it_could_be_accepted() -> None:
    """The last moment of acceptance is `exp` + leeway; retention reaches beyond it by a minute."""
    assert 1000 + LEEWAY + 60 == replay_retention(1000)
