"""Tries are counted over both processes: nobody gets a second budget by asking the other one."""

from __future__ import annotations

import time

import pyotp
import pytest

from tests.journeys.two_processes.pair import ELSEWHERE, HOME, Pair, Send, at_once
from tests.negative.furnished import PASSWORD, SEED
from trustpub.usecases.accounts.tries import ACCOUNT, NETWORK, SECOND, remember_address

pytestmark = pytest.mark.pg

WRONG = "not the password of anybody"


def away_from_an_edge(window: int = ACCOUNT.window, room: float = 15.0) -> None:
    """Wait where a new window would begin while the test counts."""
    left = window - time.time() % window
    if left < room:
        time.sleep(left)


def strangers(number: int) -> str:
    """An address of a network of its own."""
    return f"203.0.{number}.7"


def guessing(number: int) -> Send:
    """A try from a network of its own."""
    return lambda side: side.sign_in("ann", WRONG, address=strangers(number))


def test_strangers_share_what_strangers_have(pair: Pair) -> None:
    """From many networks, by turns at both: ten tries of one account, and then none at either."""
    away_from_an_edge()
    tried = [pair.sides[number % 2].sign_in("ann", WRONG, address=strangers(number)).status for number in range(ACCOUNT.most + 4)]
    assert [401] * ACCOUNT.most + [429] * 4 == tried


def test_strangers_who_come_at_once(pair: Pair) -> None:
    """All at the same moment, half at each: no more are heard than one after the other."""
    away_from_an_edge()
    tried = sorted(answer.status for answer in at_once(pair.sides, [guessing(number) for number in range(2 * ACCOUNT.most)]))
    assert [401] * ACCOUNT.most + [429] * ACCOUNT.most == tried


def test_a_network_has_one_budget(pair: Pair) -> None:
    """Whoever it tries to be, and at whichever process."""
    away_from_an_edge()
    people = ("ann", "amy", "mia", "eve", "bob", "uma")
    tries = [(number % 2, people[number % len(people)]) for number in range(NETWORK.most + 2)]
    tried = [pair.sides[side].sign_in(name, WRONG, address=ELSEWHERE).status for side, name in tries]
    assert [401] * NETWORK.most + [429] * 2 == tried
    assert 303 == pair.other.sign_in("root", address=HOME).status


def test_strangers_lock_nobody_out(pair: Pair) -> None:
    """Where the account was used from before, its owner gets in at both; and there, too, tries are counted over both."""
    away_from_an_edge()
    now = time.time()
    pair.write(lambda connection: remember_address(connection, pair.ids["ann"], HOME, now))
    for number in range(ACCOUNT.most + 1):
        pair.sides[number % 2].sign_in("ann", WRONG, address=strangers(number))
    assert [429, 429] == [side.sign_in("ann", address=ELSEWHERE).status for side in pair.sides]
    assert [303, 303] == [side.sign_in("ann", address=HOME).status for side in pair.sides]
    tried = [pair.sides[number % 2].sign_in("ann", WRONG, address=HOME).status for number in range(ACCOUNT.most + 2)]
    assert [401] * ACCOUNT.most + [429] * 2 == tried


def test_second_factors_have_one_budget(pair: Pair) -> None:
    """Who knows the password guesses five codes, at both together; then the right one is refused at either."""
    away_from_an_edge()
    [half] = pair.half_way("ann", 1)
    most = SECOND[0].most
    tried = [pair.sides[number % 2].send("/account/two-factor/", half, code="000000").status for number in range(most)]
    right = [side.send("/account/two-factor/", half, code=pyotp.TOTP(SEED).now()).status for side in pair.sides]
    assert ([401] * most, [429, 429]) == (tried, right)


def test_proofs_have_one_budget(pair: Pair) -> None:
    """A found browser does not lead to the password by asking both."""
    away_from_an_edge()
    old, path = pair.cookies["ann long ago"], "/account/reauthenticate/"
    tried = [pair.sides[number % 2].send(path, old, password=WRONG).status for number in range(ACCOUNT.most + 2)]
    assert [401] * ACCOUNT.most + [429] * 2 == tried
    assert [429, 429] == [side.send(path, old, password=PASSWORD).status for side in pair.sides]
