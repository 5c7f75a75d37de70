"""Sessions: opened at one process they are known at the other, and ended at one they are nobody's at the other, at once."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest

from tests.journeys.two_processes.pair import Pair, Side, cookie_of, is_let_in
from tests.negative.furnished import PASSWORD, SEED

pytestmark = pytest.mark.pg

MINE, PUBLISHING = "/manage/account/", "/manage/project/orchay/settings/publishing/"
NEW = {"password": "a lantern over wet gravel", "password_again": "a lantern over wet gravel"}


def test_a_sign_in_goes_on_at_the_other(pair: Pair) -> None:
    """The password at one, the code at the other; the session is good at both, and what it was half way at neither."""
    half = cookie_of(pair.one.sign_in("ann"))
    assert not is_let_in(pair.other.page(MINE, half))
    whole = cookie_of(pair.other.send("/account/two-factor/", half, code=pyotp.TOTP(SEED).now()))
    assert [True, True] == [is_let_in(side.page(MINE, whole)) for side in pair.sides]
    assert [False, False] == [is_let_in(side.page("/account/two-factor/", half)) for side in pair.sides]


Ending = Callable[[Pair, Side], object]
ENDINGS: dict[str, tuple[str, Ending]] = {
    "signed out": ("ann", lambda pair, side: side.send("/account/logout/", pair.cookies["ann"])),
    "ended from the list": (
        "ann long ago",
        lambda pair, side: side.send(MINE + "sessions/", pair.cookies["ann"], id=str(pair.ids["session ann long ago"])),
    ),
    "another password": (
        "ann long ago",
        lambda pair, side: side.send(MINE + "password/", pair.cookies["ann"], old_password=PASSWORD, **NEW),
    ),
    "a second factor less": (
        "ann long ago",
        lambda pair, side: side.send(MINE + "two-factor/totp/remove/", pair.cookies["ann"]),
    ),
    "account closed": (
        "eve",
        lambda pair, side: side.send("/admin/active/", pair.cookies["root"], id=str(pair.ids["eve"]), active="no"),
    ),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_what_one_ends_the_other_refuses(pair: Pair, how: str) -> None:
    """However it ends: the next request at the other is a stranger's."""
    who, ending = ENDINGS[how]
    assert is_let_in(pair.other.page(MINE, pair.cookies[who]))
    ending(pair, pair.one)
    assert [False, False] == [is_let_in(side.page(MINE, pair.cookies[who])) for side in (pair.other, pair.one)]


def test_a_proof_counts_at_both(pair: Pair) -> None:
    """Who proved themselves a while ago is asked again; the other believes it, and the old cookie is void."""
    old = pair.cookies["ann long ago"]
    assert "/account/reauthenticate/" in pair.one.page(PUBLISHING, old).headers["location"]
    new = cookie_of(pair.other.send("/account/reauthenticate/", old, password=PASSWORD))
    assert is_let_in(pair.one.page(PUBLISHING, new))
    assert [False, False] == [is_let_in(side.page(MINE, old)) for side in pair.sides]


def test_what_somebody_lost_at_one_they_do_not_have_at_the_other(pair: Pair) -> None:
    """A maintainer who was removed, and an owner who is one no more."""
    assert is_let_in(pair.other.page("/manage/project/orchay/releases/", pair.cookies["mia"]))
    removed = pair.one.send("/manage/project/orchay/collaboration/remove/", pair.cookies["ann"], user="mia")
    assert removed.status == 303
    assert not is_let_in(pair.other.page("/manage/project/orchay/releases/", pair.cookies["mia"]))
