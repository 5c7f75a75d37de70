"""Patterns of refs: what they match, that they say so in time, and that only the `trustpub` profile asks them."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.samples import github_claims
from trustpub.domain.matching import Accepted, Profile, Refused, decide
from trustpub.domain.publishers import Provider, Publisher, publisher
from trustpub.domain.refs import ref_allowed, ref_matches, ref_pattern_problem


@pytest.mark.parametrize(
    ("pattern", "ref", "same"),
    [
        ("refs/tags/v*", "refs/tags/v1.0", True),
        ("refs/tags/v*", "refs/tags/v", True),
        ("refs/tags/v*", "refs/tags/V1", False),
        ("refs/tags/v*", "refs/tags/v1/2", False),
        ("refs/tags/v**", "refs/tags/v1/2", True),
        ("refs/tags/v*", "refs/heads/v1", False),
        ("refs/tags/*-final", "refs/tags/1-final", True),
        ("refs/heads/main", "refs/heads/main2", False),
        ("refs/heads/main", "xrefs/heads/main", False),
        ("refs/tags/*", "refs/tags/" + "v" * 300, False),
    ],
)
def test_a_pattern(pattern: str, ref: str, same: bool) -> None:
    """One star stops at a slash, two do not, and the whole ref counts."""
    assert same == ref_matches(pattern, ref)


@given(st.text("ab/*", max_size=12), st.text("ab/", max_size=12))
def test_patterns_mean_what_a_regular_expression_means(pattern: str, ref: str) -> None:
    """The slow and certain way answers the same."""
    parts = (".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part) for part in re.split(r"(\*\*|\*)", pattern))
    assert (re.fullmatch("".join(parts), ref) is not None) == ref_matches(pattern, ref)


def test_a_hostile_pattern_takes_no_time() -> None:
    """Every second character a star, and a ref that never fits: still linear in both."""
    began = time.process_time()
    assert not ref_matches("refs/tags/" + "*a" * 120, "refs/tags/" + "a" * 240 + "b")
    assert time.process_time() - began < 0.5


def test_without_patterns_every_ref_is_allowed() -> None:
    """A constraint that nobody set constrains nothing."""
    assert ref_allowed((), "refs/heads/whatever")
    assert ref_allowed(("refs/tags/a", "refs/tags/b"), "refs/tags/b")


@pytest.mark.parametrize("pattern", ["v*", "refs/pull/1/merge", "refs/tags/a b", "refs/tags/***", "refs/tags/" + "v" * 250])
def test_what_is_no_pattern(pattern: str) -> None:
    """A reader of the form learns what to write in its place."""
    assert ref_pattern_problem(pattern) is not None


@pytest.mark.parametrize("pattern", ["refs/tags/v*", "refs/tags/*", "refs/heads/release/**", "refs/heads/main"])
def test_what_is_a_pattern(pattern: str) -> None:
    """Tags, branches, and stars in them."""
    assert ref_pattern_problem(pattern) is None


def held(*refs: str) -> Publisher:
    """The publisher of the samples' job, held to refs."""
    claims = github_claims()
    fields = {
        "repository_owner": str(claims["repository_owner"]),
        "repository_owner_id": str(claims["repository_owner_id"]),
        "repository_name": str(claims["repository"]).partition("/")[2],
        "workflow_filename": str(claims["job_workflow_ref"]).partition("@")[0].rpartition("/")[2],
    }
    return publisher(Provider.GITHUB, fields, refs=refs)


def test_only_our_profile_asks_for_the_ref() -> None:
    """It accepts a ref of the patterns, names `ref` for another, and PyPI's profile knows of none."""
    claims = github_claims()
    ref = str(claims["ref"])
    assert isinstance(decide(claims, [held(ref)], Profile.TRUSTPUB), Accepted)
    refused = decide(claims, [held("refs/tags/never*", "refs/heads/never")], Profile.TRUSTPUB)
    assert isinstance(refused, Refused)
    assert [("ref", ["refs/tags/never*", "refs/heads/never"], ref)] == [tuple(each) for each in refused.differences]
    assert isinstance(decide(claims, [held("refs/tags/never*")], Profile.PYPI), Accepted)


def test_a_ref_constraint_is_no_part_of_the_identity() -> None:
    """Two projects may hold one publisher to different refs."""
    assert held().identity == held("refs/tags/v*").identity


def test_a_generic_issuer_is_held_to_its_ref_claim() -> None:
    """A token without the claim is refused as one with another."""
    row = publisher("oidc", {"sub": "x"}, "https://ci.example", refs=["refs/tags/v*"])
    accepted = decide({"iss": "https://ci.example", "sub": "x", "ref": "refs/tags/v1"}, [row], Profile.TRUSTPUB)
    assert isinstance(accepted, Accepted)
    for ref in (None, "refs/heads/main", 7):
        refused = decide({"iss": "https://ci.example", "sub": "x", "ref": ref}, [row], Profile.TRUSTPUB)
        assert isinstance(refused, Refused)
        assert ["ref"] == [each.field for each in refused.differences]
