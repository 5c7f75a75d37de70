"""Burning: idempotent, never an error for a token, final."""

from __future__ import annotations

import json

import pytest

from tests.domain.samples import github
from tests.usecases.exchanging import Index
from trustpub.domain.tokens import API_PREFIX, UPLOAD_PREFIX, digest, mint
from trustpub.storage.accounts import add_api_token, find_api_token
from trustpub.usecases.exchange import Minted, Refusal


def burn(index: Index, token: object) -> Refusal | None:
    """Post this token to be burnt."""
    return index.exchange.burn(json.dumps({"token": token}).encode()).result(30)


def test_a_burnt_token_stays_burnt(either: Index) -> None:
    """Burning again changes nothing and is no error; one event says that it happened."""
    project = either.project("orchay", github())
    minted = either.ask()
    assert isinstance(minted, Minted)
    assert [None, None] == [burn(either, minted.token), burn(either, minted.token)]
    assert either.token(minted).burnt
    assert 1 == len(either.events("upload-token:burnt", project))


def test_burning_one_token_leaves_the_others(either: Index) -> None:
    """Two jobs of one publisher hold a token each."""
    either.project("orchay", github())
    first, second = either.ask(), either.ask()
    assert isinstance(first, Minted)
    assert isinstance(second, Minted)
    burn(either, first.token)
    assert [True, False] == [either.token(first).burnt, either.token(second).burnt]


@pytest.mark.parametrize(
    "token", [mint(UPLOAD_PREFIX, bytes(32)), mint(API_PREFIX, bytes(32)), "", "nonsense", "\ud800", "pypi-tp_"]
)
def test_an_unknown_token_is_no_error(either: Index, token: str) -> None:
    """Nothing a client could do about it would help anybody."""
    assert burn(either, token) is None
    assert [] == either.events("upload-token:burnt")


def test_a_persons_token_is_not_burnt_here(either: Index) -> None:
    """A leaked ID token endpoint must not be a way to revoke what people made."""
    token = mint(API_PREFIX, bytes(32))
    either.do(lambda connection: add_api_token(connection, digest(token), either.bob.id, "upload", 1.0))
    assert burn(either, token) is None
    assert either.see(lambda connection: find_api_token(connection, digest(token))) is not None


@pytest.mark.parametrize("body", [b"", b"{}", b'{"token": 7}', b"x" * 100_000])
def test_a_body_without_a_token_is_refused(either: Index, body: bytes) -> None:
    """The same refusal as an exchange's."""
    refusal = either.exchange.burn(body).result(30)
    assert isinstance(refusal, Refusal)
    assert (422, "invalid-payload") == (refusal.status, refusal.code)
