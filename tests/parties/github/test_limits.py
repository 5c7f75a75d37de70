"""Rate limits: short waits are waited and said, long ones are told."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from tests.parties.github.scripted import NOW, TOKEN, Scripted, said
from trustpub.domain.github_settings import Account
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.parties.wire import Response

MONA = {"login": "mona", "id": 7, "type": "User"}

LIMITS = [
    (said({"message": "slow down"}, 429, retry_after="17"), 17),
    (said({"message": "You have exceeded a secondary rate limit."}, 403, retry_after="5"), 5),
    (said({"message": "API rate limit exceeded"}, 403, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 30)), 31),
    (said({"message": "You have exceeded a secondary rate limit."}, 403), 60),
    (said({"message": "no"}, 429), 60),
    (said({"message": "no"}, 429, retry_after="0"), 1),
    (said({"message": "no"}, 429, retry_after=formatdate(NOW + 20, usegmt=True), date=formatdate(NOW, usegmt=True)), 20),
    (said({"message": "no"}, 429, retry_after="soon"), 60),
    (said({"message": "no"}, 403, x_ratelimit_remaining="0", x_ratelimit_reset="later"), 60),
]


@pytest.mark.parametrize(("limit", "seconds"), LIMITS)
def test_a_short_wait_is_waited_and_said(limit: Response, seconds: float) -> None:
    """One line, aloud; then the answer."""
    github = Scripted({"GET /user": [limit, said(MONA)]})

    assert Account("mona", "7", "User") == github.client().asker()
    assert [seconds] == github.slept
    assert [f"GitHub asks for a pause (rate limit): waiting {seconds} s."] == github.lines


def test_a_change_that_was_too_fast_is_made_after_the_wait() -> None:
    """GitHub has not looked at it yet: it is not the same as asking twice."""
    put = "PUT /repos/octo/lamp/environments/pypi"
    github = Scripted({put: [said({"message": "slow down"}, 429, retry_after="2"), said({})]})

    github.client().put_environment("octo/lamp", "pypi", {})

    assert [put] * 2 == github.asked


def test_the_reset_is_measured_by_the_clock_that_set_it() -> None:
    """This machine's clock is an hour behind; GitHub's Date header tells the right time."""
    limit = said({}, 403, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 30), date=formatdate(NOW, usegmt=True))
    github = Scripted({"GET /user": [limit, said(MONA)]}, now=NOW - 3600)

    github.client().asker()

    assert [31] == github.slept


@pytest.mark.parametrize("token", [TOKEN, None])
def test_a_long_wait_is_not_waited(token: str | None) -> None:
    """When to come back is said instead; who is not signed in learns what that would change."""
    limit = said({}, 403, x_ratelimit_remaining="0", x_ratelimit_limit="60", x_ratelimit_reset=str(int(NOW) + 1619))
    github = Scripted({"GET /users/mona": limit})

    with pytest.raises(Unreachable) as caught:
        github.client(token=token).account("mona")

    assert ([], []) == (github.slept, github.lines)
    assert "all 60 requests of this hour are used" == caught.value.why
    assert caught.value.next_step.startswith("Come back in 27 minutes, after 14:40 UTC")
    assert ("gh auth login" in caught.value.next_step) is (token is None)


def test_short_waits_do_not_add_up_to_a_long_one() -> None:
    """A minute in all for one request."""
    github = Scripted({"GET /user": said({}, 429, retry_after="25")})

    with pytest.raises(Unreachable, match="Come back in 1 minute, after"):
        github.client().asker()
    assert [25, 25] == github.slept


def test_a_refusal_with_the_last_request_left_is_no_limit() -> None:
    """Nothing is waited for that would not come."""
    github = Scripted({"GET /user": said({"message": "Resource not accessible by integration"}, 403, x_ratelimit_remaining="1")})

    assert isinstance(github.client().asker(), Untold)
    assert [] == github.slept
