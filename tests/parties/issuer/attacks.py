"""What every test of an attack needs: a token that differs in one thing, and how it must be refused."""

from __future__ import annotations

from collections.abc import Callable

from tests.parties.issuer.suite import Suite
from trustpub.parties.issuer.port import TokenRefused, Why

Make = Callable[[Suite], str]
MALFORMED = ("invalid-payload", "malformed JWT")
STRANGER = ("invalid-payload", "unknown trusted publishing issuer")
INVALID = ("invalid-token", "malformed or invalid token")


def expect_refused(suite: Suite, token: str, code: tuple[str, str], why: Why) -> None:
    """The good twin is accepted, the token is refused with this code and cause, and the good twin is accepted again."""
    assert suite.believes(suite.token())
    asked = list(suite.network.asked)
    answer = suite.ask(token)
    assert isinstance(answer, TokenRefused)
    assert (*code, why) == (answer.code, answer.description, answer.why)
    assert asked == suite.network.asked
    assert suite.believes(suite.token())


def parts(suite: Suite) -> list[str]:
    """The three segments of a good token."""
    return suite.token().split(".")


def with_claims(**changes: object) -> Make:
    """A token with changed claims."""
    return lambda suite: suite.token(changes)


def with_header(**changes: object) -> Make:
    """A token with a changed header."""
    return lambda suite: suite.token(header=changes)
