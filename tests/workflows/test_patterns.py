"""The two pattern languages: triggers' filters and environments' rules, which look alike and are not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.declaration import DeclaredEnvironment
from trustpub.workflows import globs
from trustpub.workflows.environments import environment_admits, fnmatch


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("v*", "v1.2.3", True),
        ("v*", "v", True),
        ("v*", "v1/2", False),
        ("*", "a/b", False),
        ("**", "a/b", True),
        ("feature/**", "feature/a/b", True),
        ("feature/**", "feature", False),
        ("**/docs", "docs", True),
        ("**/docs", "a/b/docs", True),
        ("**/docs", "a/xdocs", False),
        ("releases/**-alpha", "releases/beta/3-alpha", True),
        ("v[0-9]+.[0-9]+.[0-9]+", "v10.20.30", True),
        ("v[0-9]+.[0-9]+.[0-9]+", "v10.20", False),
        ("v[12].*", "v2.x", True),
        ("v[12].*", "v3.x", False),
        ("*.jsx?", "page.js", True),
        ("*.jsx?", "page.jsx", True),
        ("*.jsx?", "page.jsxx", False),
        ("ab+", "abbb", True),
        ("ab+", "a", False),
        ("v1.0", "v1x0", False),
        ("V*", "v1", False),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a[", "a[", True),
        ("[]", "[]", True),
        ("[b-a]", "b", False),
        ("[^a]", "^", True),
        ("", "", True),
        ("?", "?", True),
        ("*?", "a", False),
    ],
)
def test_filter_patterns(pattern: str, name: str, expected: bool) -> None:
    """`?` and `+` repeat the character before them, `*` stops at a slash, everything else is itself."""
    assert expected is globs.matches(pattern, name)


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (["v*"], "v1", True),
        (["v*", "!v*rc*"], "v1rc1", False),
        (["v*", "!v*rc*", "v1rc9"], "v1rc9", True),
        (["!v*"], "x", False),
        (["!v*", "v1"], "v1", True),
        ([], "v1", False),
    ],
)
def test_the_last_pattern_that_matches_wins(patterns: list[str], name: str, expected: bool) -> None:
    """`!` takes back what came before it; a list of only those admits nothing."""
    assert expected is globs.admits(patterns, name)


@pytest.mark.parametrize(
    ("pattern", "start", "literal"),
    [
        ("v*", "v", False),
        ("v?1", "", False),
        ("ab+c", "ab", False),
        ("main", "main", True),
        ("**/x", "", False),
        ("r[0-9]", "r", False),
        (r"a\*b", "a*b", True),
    ],
)
def test_how_every_match_begins(pattern: str, start: str, literal: bool) -> None:
    """A fixed start, and whether there is only one match at all."""
    assert (start, literal) == (globs.fixed_start(pattern), globs.is_literal(pattern))


PIECES = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "+", "[ab]", "[0-9]", r"\*"]), max_size=6).map("".join)


@given(PIECES)
def test_an_instance_of_a_pattern_matches_it(pattern: str) -> None:
    """What is shown as an example is one, and begins as every match does."""
    name = globs.instance(pattern, "1.2.3")
    assert globs.matches(pattern, name)
    assert name.startswith(globs.fixed_start(pattern))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("2[0-9][0-9][0-9].[0-9].[0-9]*", "2111.1.1"),
        ("v3.*", "v3.1.2"),
        ("v3*", "v3.1.2"),
        ("v4.*.*", "v4.1.2"),
        ("v2.7*", "v2.7.1"),
        ("v2.7.*", "v2.7.1"),
        ("v*.*.*", "v1.2.3"),
        ("*-rc*", "4.5-rc1"),
        ("v1.0b*", "v1.0b1"),
        ("tool/v?1.*", "tool/1.1.2"),
        ("**/tool-*", "tool-4.5"),
    ],
)
def test_a_version_that_fits(pattern: str, name: str) -> None:
    """A version that is begun is completed to three numbers; where none is, the given one stands."""
    assert name == globs.versioned(pattern, "4.5")
    assert globs.matches(pattern, name)


@given(PIECES, st.text(alphabet="ab0/", max_size=6))
def test_every_match_begins_with_the_fixed_start(pattern: str, name: str) -> None:
    """And a literal pattern has one match."""
    if globs.matches(pattern, name):
        assert name.startswith(globs.fixed_start(pattern))
        assert not globs.is_literal(pattern) or globs.instance(pattern, "x") == name


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("v*", "v1.2.3", True),
        ("v*", "V1", False),
        ("v?.*", "v1.2", True),
        ("v?.*", "v.2", False),
        ("release/*", "release/1", True),
        ("release/*", "release/1/2", False),
        ("release/*/*", "release/1/2", True),
        ("**/v1", "v1", True),
        ("**/v1", "a/b/v1", True),
        ("**", "a/b", False),
        ("*", ".hidden", False),
        (".*", ".hidden", True),
        ("a/*", "a/.b", False),
        ("?x", ".x", False),
        ("*v1", "v1", True),
        ("[0-9]*", "1.0", True),
        ("[!0-9]*", "v1", True),
        ("[^0-9]*", "1", False),
        ("[0-9]+", "1+", True),
        ("[0-9]+", "11", False),
        ("{a,b}", "a", False),
        (r"v\*", "v*", True),
        (r"v\*", "v1", False),
        ("v[", "v[", True),
        ("v[!x]1", "v/1", False),
        ("v[.-0]1", "v/1", False),
        ("v[!x]1", "vy1", True),
    ],
)
def test_environment_patterns(pattern: str, name: str, expected: bool) -> None:
    """Ruby's fnmatch with path names: `?` is any one character, `+` is a plus sign."""
    assert expected is fnmatch(pattern, name)


TAGS_ONLY = DeclaredEnvironment("pypi", tags=("v*",))
MAIN_ONLY = DeclaredEnvironment("pypi", branches=("main", "refs/pull/*/merge"))


@pytest.mark.parametrize(
    ("rules", "ref", "admitted"),
    [
        (None, "refs/tags/v1", None),
        (DeclaredEnvironment("pypi"), "refs/heads/any", True),
        (TAGS_ONLY, "refs/tags/v1", True),
        (TAGS_ONLY, "refs/tags/1", False),
        (TAGS_ONLY, "refs/heads/v1", False),
        (MAIN_ONLY, "refs/heads/main", True),
        (MAIN_ONLY, "refs/tags/main", False),
        (MAIN_ONLY, "refs/tags/v1", False),
        (MAIN_ONLY, "refs/pull/7/merge", True),
    ],
)
def test_which_refs_an_environment_lets_deploy(rules: DeclaredEnvironment | None, ref: str, admitted: bool | None) -> None:
    """A branch rule shuts out every tag: the trap that the design itself fell into."""
    assert admitted is environment_admits(rules, ref)


@pytest.mark.parametrize("matches", [globs.matches, fnmatch], ids=["globs", "environments"])
@pytest.mark.parametrize("pattern", ["*a" * 200 + "b", "**/" * 200 + "b", "a+" * 200 + "b", "?" * 300, "[a-z]*" * 100 + "!"])
def test_no_pattern_takes_long(matches: object, pattern: str) -> None:
    """A stranger's pattern costs pieces times characters: processor time is bounded, generously."""
    assert callable(matches)
    before = time.process_time()
    assert matches(pattern, "a" * 900) is False
    assert matches(pattern, "a/" * 450) is False
    assert time.process_time() - before < 5


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_pattern_is_answered(pattern: str, name: str) -> None:
    """Neither language raises."""
    assert globs.matches(pattern, name) in (True, False)
    assert fnmatch(pattern, name) in (True, False)


def test_longer_than_any_ref_matches_nothing() -> None:
    """The bound is far above every real name."""
    assert not globs.matches("*", "a" * 1001)
    assert not fnmatch("a" * 1001, "a" * 1001)
