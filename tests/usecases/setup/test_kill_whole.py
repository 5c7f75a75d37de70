"""A whole setup, files and index included, that dies at any call and is run again ends like one that nobody disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Scale
from tests.usecases.setup.scenes import state
from tests.usecases.setup.whole import Scene, scene
from trustpub.parties.github.fake import Killed
from trustpub.parties.wire import Request, Response
from trustpub.usecases.setup.run import carried_out


class Deadly:
    """The way to everybody, which ends at one call: before it is carried out, or right after."""

    def __init__(self, whole: Scene, call: int, *, after: bool) -> None:
        self.left, self.after, self.calls = call, after, 0
        self.real, whole.send = whole.send, self.send  # type: ignore[method-assign]  # the scene's way to everybody

    def send(self, request: Request) -> Response:
        """Send it, unless this is the end."""
        self.left, self.calls = self.left - 1, self.calls + 1
        if self.left == 0 and not self.after:
            raise Killed
        answer = self.real(request)
        if self.left == 0:
            raise Killed
        return answer


def ending(whole: Scene) -> object:
    """What everybody holds in the end."""
    files = {
        str(each.relative_to(whole.root)): each.read_bytes()
        for each in sorted(whole.root.rglob("*"))
        if each.is_file() and ".git/" not in str(each)
    }
    registered = sorted((row.project, row.publisher.fields, row.pending) for row in whole.index.publishers.rows.values())
    return state(whole.github), files, registered


def run(whole: Scene) -> None:
    """Read, plan, apply."""
    carried_out(whole.plan().plan)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_call(tmp_path: Path, scale: Scale, after: bool) -> None:
    """Whichever call to whomever it dies at, the next run completes it. A short run takes every third call."""
    undisturbed = scene(tmp_path / "whole")
    counted = Deadly(undisturbed, 0, after=after)
    run(undisturbed)
    assert counted.calls > 30
    for call in range(1, counted.calls + 1, scale(5, 1)):
        whole = scene(tmp_path / f"{call}")
        real = whole.send
        Deadly(whole, call, after=after)
        with pytest.raises(Killed):
            run(whole)
        whole.send = real  # type: ignore[method-assign]  # the network is there again
        run(whole)

        assert ending(undisturbed) == ending(whole), f"killed at call {call}"
        assert () == whole.plan().plan.differing
