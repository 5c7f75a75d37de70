"""Where the token comes from, and where the API is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from trustpub.errors import BadInput
from trustpub.parties.github.api import api_of, is_github
from trustpub.parties.github.token import find_token


class Gh:
    """GitHub's own client, which knows a token for some hosts."""

    def __init__(self, **tokens: str) -> None:
        self.tokens = tokens
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str]) -> str | None:
        """Answer one command."""
        self.commands.append(command)
        return self.tokens.get(command[-1].replace(".", "_"))


CLOUD = {"TRUSTPUB_GITHUB_TOKEN": "first", "GH_TOKEN": "second", "GITHUB_TOKEN": "third"}
OTHER = {"TRUSTPUB_GITHUB_TOKEN": "first", "GH_ENTERPRISE_TOKEN": "second", "GITHUB_ENTERPRISE_TOKEN": "third"}


@pytest.mark.parametrize(
    ("host", "names"), [("github.com", CLOUD), ("octo.ghe.com", CLOUD), ("git.example", OTHER), ("GitHub.com", CLOUD)]
)
def test_the_first_variable_that_is_set_decides(host: str, names: Mapping[str, str]) -> None:
    """In the order of GitHub's own client, with ours in front."""
    gh, left = Gh(), dict(names)
    for name, token in names.items():
        assert token == find_token(host, left, gh)
        left[name] = "" if name == "GH_TOKEN" else " "

    assert [] == gh.commands


def test_a_token_for_one_world_does_not_reach_the_other() -> None:
    """github.com's tokens stay with GitHub, a company's with the company."""
    cloud, other = dict(CLOUD), dict(OTHER)
    del cloud["TRUSTPUB_GITHUB_TOKEN"], other["TRUSTPUB_GITHUB_TOKEN"]

    assert find_token("git.example", cloud, Gh()) is None
    assert find_token("github.com.evil.example", cloud, Gh()) is None
    assert find_token("evilghe.com", cloud, Gh()) is None
    assert find_token("github.com", other, Gh()) is None


def test_githubs_own_client_is_asked_last() -> None:
    """For the host in question; `GH_PATH` says where it is."""
    gh = Gh(github_com="kept", git_example="other")

    assert "kept" == find_token("github.com", {}, gh)
    assert "other" == find_token("git.example", {"GH_PATH": "/opt/gh"}, gh)
    assert find_token("else.example", {}, gh) is None
    assert [
        ["gh", "auth", "token", "--hostname", "github.com"],
        ["/opt/gh", "auth", "token", "--hostname", "git.example"],
    ] == gh.commands[:2]


def test_space_around_a_token_is_no_part_of_it() -> None:
    """A file read into a variable ends in a line end."""
    assert "token" == find_token("github.com", {"GH_TOKEN": " token\r\n"}, Gh())


@pytest.mark.parametrize("text", ["two words", "line\nX-Header: 1", "t\xf6ken", "to\x00ken"])
def test_what_cannot_be_sent_is_refused_and_not_shown(text: str) -> None:
    """A line end inside would be another header."""
    with pytest.raises(BadInput, match="`GH_TOKEN`: its text cannot be a token") as caught:
        find_token("github.com", {"GH_TOKEN": text}, Gh())
    assert text not in str(caught.value)


def test_what_githubs_own_client_prints_instead_of_a_token() -> None:
    """Nobody can set its output: the way out is to sign in again."""
    with pytest.raises(BadInput, match=r"`gh auth token`: .* Run `gh auth login`, or set `GH_TOKEN`"):
        find_token("github.com", {}, Gh(github_com="no oauth token"))


def test_no_shape_of_a_token_is_asked_for() -> None:
    """GitHub has made them ten times as long before."""
    assert "x" * 900 == find_token("github.com", {"GH_TOKEN": "x" * 900}, Gh())


@pytest.mark.parametrize(
    ("host", "environment", "api"),
    [
        ("github.com", {}, "https://api.github.com"),
        ("octo.ghe.com", {}, "https://api.octo.ghe.com"),
        ("git.example", {}, "https://git.example/api/v3"),
        ("git.example:8443", {}, "https://git.example:8443/api/v3"),
        ("github.com", {"GITHUB_API_URL": "http://127.0.0.1:8000/"}, "http://127.0.0.1:8000"),
        ("github.com", {"GITHUB_API_URL": "https://git.example/api/v3", "GITHUB_SERVER_URL": "https://git.example"}, "https://api.github.com"),
        ("git.example", {"GITHUB_API_URL": "https://git.example/x", "GITHUB_SERVER_URL": "https://git.example"}, "https://git.example/x"),
        ("git.example", {"GITHUB_API_URL": "https://api.github.com", "GITHUB_SERVER_URL": "https://github.com"}, "https://git.example/api/v3"),
        ("git.example", {"GITHUB_API_URL": "https://api.github.com"}, "https://git.example/api/v3"),
    ],
)  # fmt: skip
def test_where_the_api_is(host: str, environment: Mapping[str, str], api: str) -> None:
    """A job's variables speak of the host that runs the job, and of no other."""
    assert api == api_of(host, environment)


@pytest.mark.parametrize(
    "url", ["http://api.github.com", "ftp://127.0.0.1", "https://me:word@api.example", "https://a.example/?x", "x", "https://"]
)
def test_what_is_no_address_of_an_api(url: str) -> None:
    """A token would go there."""
    with pytest.raises(BadInput, match="`GITHUB_API_URL`") as caught:
        api_of("github.com", {"GITHUB_API_URL": url})
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["", "git example", "git.example/x", "me@git.example", "git.example?x", "-x", "[::1]", "git.example:"]
)
def test_what_is_no_host(host: str) -> None:
    """It would become a part of an address."""
    with pytest.raises(BadInput, match="is not the name of a host"):
        api_of(host, {})


def test_which_hosts_are_known_to_be_a_github() -> None:
    """A remote alone proves nothing: whoever made the checkout chose it."""
    assert [True, True, False, False] == [
        is_github(host, {}) for host in ("github.com", "octo.ghe.com", "git.example", "github.evil.example")
    ]
    assert is_github("git.example", {"GH_HOST": "Git.Example"})
    assert is_github("git.example", {"GITHUB_SERVER_URL": "https://git.example"})
    assert not is_github("", {"GITHUB_SERVER_URL": "https://["})
