"""Mail of an index without a mail server: a file each in a folder, for whoever runs it to read and hand on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trustpub.errors import Unreachable
from trustpub.parties.mail.message import message

if TYPE_CHECKING:
    from pathlib import Path

    from trustpub.parties.mail.port import Letter


class Outbox:
    """Writes letters as `.eml` files into a folder that its owner alone can read: what they hold opens accounts."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Write the letter down, whole or not at all. Raises `Unreachable` when the folder takes none, `Denied` as every post."""
        text = message(letter, self._sender, eight_bits=True).as_bytes()
        target = self._folder / f"{letter.id}.eml"
        partial = target.with_suffix(".part")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(text)
            partial.replace(target)
        except OSError as problem:
            raise Unreachable("the outbox", why=problem.strerror or str(problem)) from problem
