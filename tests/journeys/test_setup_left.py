"""A person leaves a setup in the middle of its changes, and comes back."""

from __future__ import annotations

import threading
from pathlib import Path

import pexpect
import pytest

from tests.journeys.desk import LIMIT, at_work
from trustpub.parties.wire import Request, Response


@pytest.mark.usefixtures("only_long")
def test_leaving_in_the_middle_is_no_loss(tmp_path: Path) -> None:
    """Ctrl-C while GitHub thinks: a line of its own says how to go on, and the next run does the rest."""
    thinking, left = threading.Event(), threading.Event()

    def think(request: Request) -> Response | None:
        if request.method == "PUT":
            thinking.set()
            left.wait(LIMIT)
        return None

    with at_work(tmp_path) as desk:
        desk.fake.before = think
        terminal = desk.spawn("setup", "--index", "own")
        terminal.expect(r"Apply these [0-9]+ steps\? \[y/N\]")
        terminal.sendline("y")
        assert thinking.wait(LIMIT)
        terminal.sendintr()
        terminal.expect(r"Stopped here\. .*run it again to go on\.\r\n\r?\n?trustpub: stopped\r\n")
        terminal.expect(pexpect.EOF)
        terminal.close()
        left.set()
        desk.fake.before = None
        again = desk.run("setup", "--index", "own", "--dry-run")

    assert 130 == terminal.exitstatus
    assert (0, False) == (again.returncode, "file trustpub.toml" in again.stdout)
