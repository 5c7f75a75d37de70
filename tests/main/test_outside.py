"""What commands get of the real world: whoever waits is told so."""

from __future__ import annotations

import pytest

from trustpub.errors import Unreachable
from trustpub.main.outside import Patient
from trustpub.parties.wire import Request, Response


class Slow:
    """A world in which every answer takes its seconds."""

    def __init__(self, seconds: float, fails: bool = False) -> None:
        self.now, self.seconds, self.fails = 0.0, seconds, fails
        self.said: list[str] = []
        self.patient = Patient(self.send, lambda: self.now, self.said.append)

    def send(self, request: Request) -> Response:
        """Answer after a while, or not at all."""
        self.now += self.seconds
        if self.fails:
            raise Unreachable(request.url)
        return Response(200, {}, b"")


def test_a_slow_host_is_named_once() -> None:
    """Without its path and query, when its answers have taken three seconds together."""
    world = Slow(2.0)
    for path in ("a?secret", "b", "c", "d"):
        assert 200 == world.patient.send(Request("GET", f"https://one.example/{path}")).status
    world.patient.send(Request("GET", "https://two.example/"))

    assert ["Still asking `https://one.example`: its answers take long."] == world.said


def test_a_quick_host_is_not_talked_about() -> None:
    """Thirty questions in a second are nothing to wait for."""
    world = Slow(0.03)
    for _ in range(30):
        world.patient.send(Request("GET", "https://one.example/"))

    assert [] == world.said


@pytest.mark.parametrize("url", ["https://one.example/", "https://[", "rubbish"])
def test_what_goes_wrong_goes_through(url: str) -> None:
    """Even where there is no address to name."""
    with pytest.raises(Unreachable):
        Slow(9.0, fails=True).patient.send(Request("GET", url))
