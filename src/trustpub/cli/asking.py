"""What a person is asked at a terminal. Without one, everything is said, and no answer is ever assumed to be a fact."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from trustpub.cli.render.copy_card import render_card
from trustpub.cli.render.frames import calm
from trustpub.cli.render.text import WIDTH, wrapped
from trustpub.cli.terminal import coloured, styled

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.usecases.setup.ask import Card


class Terminal:
    """The person at this terminal. All of it goes to stderr: stdout belongs to the report.

    `allowed` says yes beforehand to everything that may be done (`--yes`); it answers nothing that only a person can know.
    `open_page` opens an address in a browser and says whether it could.
    """

    def __init__(
        self, *, allowed: bool = False, attended: bool | None = None, open_page: Callable[[str], bool] | None = None
    ) -> None:
        self.allowed = allowed
        self.attended = sys.stdin.isatty() and sys.stderr.isatty() if attended is None else attended
        self._open_page = open_page or launch
        self._browser = True

    def tell(self, text: str) -> None:
        """Say something."""
        click.echo("\n".join(wrapped(calm(text), WIDTH)), err=True)

    def card(self, card: Card) -> None:
        """Show a card; at a terminal, offer to open its page, unless no browser was found before."""
        shows = coloured(sys.stderr)
        click.echo(f"\n{render_card(card, _strong if shows else str)}", err=True, nl=False, color=True if shows else None)
        offered = card.page and self.attended and self._browser
        if offered and self._asked("Open this page in your browser?", default=True):
            self._browser = self._open_page(card.page)
            if not self._browser:
                self.tell("No browser could be opened here: open the address above.")

    def allows(self, question: str) -> bool:
        """Ask whether something may be done; Enter alone does not allow it."""
        return self.allowed or (self.attended and self._asked(question))

    def says(self, question: str) -> bool | None:
        """Ask whether something is so; None without a person. Enter alone does not say so."""
        return self._asked(question) if self.attended else None

    def _asked(self, question: str, default: bool = False) -> bool:
        try:
            return click.confirm(calm(question), default=default, err=True)
        except click.Abort:
            click.echo(err=True)  # the cursor still stands behind the question
            raise


def launch(address: str) -> bool:
    """Open an address in a browser of the desktop, and say whether there is one.

    Without a desktop nothing is started: a browser of the terminal would take the terminal away from the next question, and the
    complaints of `xdg-open` would be written over it.
    """
    if not address.startswith(("https://", "http://")):
        return False
    opener = shutil.which("xdg-open")
    if opener is None:
        return sys.platform in ("darwin", "win32", "cygwin") and click.launch(address) == 0
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    nowhere = subprocess.DEVNULL
    subprocess.Popen([opener, address], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
    return True


def _strong(text: str) -> str:
    return styled(text, bold=True)
