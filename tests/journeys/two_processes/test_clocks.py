"""Two servers whose clocks are five seconds apart: nobody is refused for it, and nobody gets anything twice."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyotp
import pytest

from tests import postgresql
from tests.journeys.two_processes.pair import JOB, ORIGIN, Side, cookie_of, is_let_in
from tests.negative.furnished import SEED, Furnished
from trustpub.domain.claims import JSON
from trustpub.domain.issuers import Issuer
from trustpub.domain.publishers import Provider
from trustpub.main.serve import start
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import github_claims
from trustpub.settings import ServerSettings
from trustpub.storage.blobs import LocalBlobs
from trustpub.storage.database import Database
from trustpub.usecases.accounts.tries import ACCOUNT

pytestmark = pytest.mark.pg

APART = 5.0
MINE = "/manage/account/"


@dataclass
class Apart:
    """Both, and what the clock says of the one that is right; the other is ahead."""

    furnished: Furnished
    github: EmulatedGitHub
    sides: tuple[Side, Side]
    shift: list[float]

    @property
    def now(self) -> float:
        """By the clock that is right."""
        return time.time() + self.shift[0]


@pytest.fixture(scope="module")
def apart(pg_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """Two servers of one database."""
    folder, shift, github = tmp_path_factory.mktemp("apart"), [0.0], EmulatedGitHub()
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [github.key.jwk()]}))
    issuer = Issuer(Provider.GITHUB, github.issuer, jwks=str(jwks))
    with contextlib.ExitStack() as opened:
        url = opened.enter_context(postgresql.database(pg_server))
        furnished = Furnished(opened.enter_context(Database.open(None, url)), LocalBlobs(folder / "blobs"))

        def side(ahead: float) -> Side:
            shared = ServerSettings(folder / "data", port=0, url=ORIGIN, audience="trustpub", database=url, issuers=(issuer,))
            settings = replace(shared, blobs=folder / "blobs", trusted_proxies=("127.0.0.1",))
            return Side(opened.enter_context(start(settings, clock=lambda: time.time() + shift[0] + ahead)))

        yield Apart(furnished, github, (side(0.0), side(APART)), shift)


def test_a_sign_in_over_both(apart: Apart) -> None:
    """Begun at the one that is ahead and finished at the other, or the other way round; and no code is good twice."""
    behind, ahead = apart.sides
    for first, second, name in ((ahead, behind, "amy"), (behind, ahead, "mia")):
        code = pyotp.TOTP(SEED).at(int(apart.now))
        half = cookie_of(first.sign_in(name))
        whole = cookie_of(second.send("/account/two-factor/", half, code=code))
        assert [True, True] == [is_let_in(side.page(MINE, whole)) for side in apart.sides]
        again = cookie_of(first.sign_in(name))
        assert [401, 401] == [side.send("/account/two-factor/", again, code=code).status for side in apart.sides]


def test_an_id_token_is_spent_at_both(apart: Apart) -> None:
    """A fresh one is good at either, and then at neither; what it was exchanged for is good at the other."""
    behind, ahead = apart.sides
    for first, second in ((behind, ahead), (ahead, behind)):
        body: JSON = {"token": apart.github.sign(github_claims(JOB), audience="trustpub")}
        minted, again = (side.program("POST", "/_/oidc/mint-token", body=body) for side in (first, second))
        assert (200, 422) == (minted.status, again.status)
        token = str(json.loads(minted.body)["token"])
        assert second.program("POST", "/_/oidc/burn-token", body={"token": token}).status == 200
        assert first.upload(token).status == 403


def test_at_the_edge_of_a_window(apart: Apart) -> None:
    """For five seconds it has begun at one and not at the other: whoever asks both in turn has one budget all the same."""
    behind, ahead = apart.sides
    apart.shift[0] = ACCOUNT.window - 2.0 - time.time() % ACCOUNT.window
    tries = [(behind if number % 2 else ahead, f"203.0.{number}.7") for number in range(2 * ACCOUNT.most)]
    tried = [side.sign_in("bob", "not the password of anybody", address=address).status for side, address in tries]
    apart.shift[0] = 0.0
    assert [401] * ACCOUNT.most + [429] * ACCOUNT.most == tried
