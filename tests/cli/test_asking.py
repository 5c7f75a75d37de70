"""What is asked at a terminal, and what happens without one."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import click
import pexpect
import pytest
from click.testing import CliRunner

from trustpub.cli.asking import Terminal, launch
from trustpub.usecases.setup.ask import Card, Field

CARD = Card("Publisher", "https://pypi.example/page", (Field("Owner", "octo"),))


class Browser:
    """A browser that may not be there."""

    def __init__(self, there: bool = True) -> None:
        self.there = there
        self.opened: list[str] = []

    def __call__(self, address: str) -> bool:
        self.opened.append(address)
        return self.there


def asked(
    typed: str, kind: str, *, attended: bool = True, allowed: bool = False, browser: Browser | None = None
) -> tuple[object, str, str]:
    """Put one question to somebody who types this; return the answer, and what went to stdout and stderr."""
    answers: list[object] = []

    @click.command()
    def command() -> None:
        ask = Terminal(allowed=allowed, attended=attended, open_page=browser or Browser())
        answers.append(getattr(ask, kind)(CARD if kind == "card" else "Is it so?"))

    result = CliRunner().invoke(command, input=typed, catch_exceptions=False)
    return (answers[0] if answers else result.exit_code), result.stdout, result.stderr


@pytest.mark.parametrize(
    ("kind", "typed", "attended", "allowed", "answer"),
    [
        ("says", "y\n", True, False, True),
        ("says", "n\n", True, True, False),
        ("says", "\n", True, True, False),
        ("says", "y\n", False, True, None),
        ("allows", "y\n", True, False, True),
        ("allows", "\n", True, False, False),
        ("allows", "", False, False, False),
        ("allows", "", False, True, True),
        ("allows", "n\n", True, True, True),
    ],
)
def test_answers(kind: str, typed: str, attended: bool, allowed: bool, answer: bool | None) -> None:
    """What may be done can be allowed beforehand; what is so, only a person says, and never by Enter alone."""
    assert answer == asked(typed, kind, attended=attended, allowed=allowed)[0]


def test_talk_goes_to_stderr() -> None:
    """The report has stdout for itself."""
    for kind in ("says", "card", "tell"):
        _, out, err = asked("y\n", kind)
        assert "" == out
        assert err


def test_leaving_at_a_question_is_no_answer() -> None:
    """The end of the input stops the command before anything is written; what is said next has a line of its own."""
    status, _, err = asked("", "says")
    assert (1, "Is it so? [y/N]: \nAborted!\n") == (status, re.sub("\n+", "\n", err))
    assert "[y/N]: \n" in err


@pytest.mark.parametrize(("typed", "attended", "opened"), [("\n", True, 1), ("y\n", True, 1), ("n\n", True, 0), ("", False, 0)])
def test_the_page_is_opened_for_whoever_wants_it(typed: str, attended: bool, opened: int) -> None:
    """Without a terminal the address is shown and nothing is opened."""
    browser = Browser()
    _, _, err = asked(typed, "card", attended=attended, browser=browser)
    assert [CARD.page] * opened == browser.opened
    assert CARD.page in err


def test_no_browser_is_said() -> None:
    """The address is there to be opened elsewhere."""
    assert "open the address above" in asked("y\n", "card", browser=Browser(there=False))[2]


def test_a_browser_that_is_not_there_is_offered_once() -> None:
    """The next card only shows its address."""
    browser = Browser(there=False)

    @click.command()
    def command() -> None:
        ask = Terminal(attended=True, open_page=browser)
        ask.card(CARD)
        ask.card(CARD)

    said = CliRunner().invoke(command, input="y\n", catch_exceptions=False).stderr
    assert ([CARD.page], 1, 2) == (browser.opened, said.count("in your browser?"), said.count(CARD.page))


def test_only_web_addresses_are_launched() -> None:
    """What is handed to the desktop is never a file or a program."""
    assert not launch("file:///etc/passwd")
    assert not launch("page.example")


OPENING = "from trustpub.cli.asking import launch; print('opened', launch('https://pypi.example/'), flush=True)"


@pytest.mark.skipif(sys.platform != "linux", reason="how a desktop of Linux opens a page")
@pytest.mark.parametrize(("desktop", "opened"), [({}, False), ({"DISPLAY": ":7"}, True), ({"WAYLAND_DISPLAY": "w"}, True)])
def test_a_browser_never_writes_between_the_questions(tmp_path: Path, desktop: dict[str, str], opened: bool) -> None:
    """Without a desktop none is started, because it would be one of the terminal; what the opener complains of goes nowhere."""
    opener, mark = tmp_path / "xdg-open", tmp_path / "asked"
    opener.write_text(f'#!/bin/sh\necho no browser >&2\necho "$1" > {mark}.new\nmv {mark}.new {mark}\n')
    opener.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", **desktop}
    command = [sys.executable, "-c", OPENING]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert (f"opened {opened}\n", "") == (done.stdout, done.stderr)
    end = time.monotonic() + 20
    while opened and not mark.exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert opened is mark.exists()


def test_what_is_told_cannot_drive_the_terminal() -> None:
    """An index's words are shown without their escapes, wrapped between words."""
    result = CliRunner().invoke(click.Command("x", callback=lambda: Terminal(attended=False).tell("\x1b[2Jword " * 40)))
    assert "\x1b" not in result.stderr
    assert max(map(len, result.stderr.splitlines())) <= 110


PROGRAM = "from trustpub.cli.asking import Terminal; print('answer', Terminal(allowed=True).says('Is it so?'))"


def test_a_terminal_is_known_by_itself() -> None:
    """Somebody at a terminal is asked; a pipe is nobody, whatever it says."""
    person = pexpect.spawn(sys.executable, ["-c", PROGRAM], encoding="utf-8", timeout=60)
    person.expect_exact("Is it so? [y/N]: ")
    person.sendline("y")
    person.expect_exact("answer True")
    person.expect(pexpect.EOF)
    person.close()
    piped = subprocess.run([sys.executable, "-c", PROGRAM], input="y\n", capture_output=True, text=True, timeout=60, check=True)
    assert ("answer None\n", "") == (piped.stdout, piped.stderr)
