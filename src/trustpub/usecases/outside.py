"""The world outside, as commands get it: one sender for HTTP, the clock, the environment. `main` makes the real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.parties.wire import Send


@dataclass(frozen=True, slots=True)
class Outside:
    """What a command may use to reach anybody.

    `send` sends one HTTP request; `clock` gives seconds since the epoch, `sleep` waits; `environment` is the process's; `run`
    runs a helper program (`gh auth token`) and returns its first line, None when there is no such program or it fails; `say`
    tells the person something that takes time.
    """

    send: Send
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    environment: Mapping[str, str]
    run: Callable[[list[str]], str | None]
    say: Callable[[str], None]
    cache: str
    """The folder of this person's caches."""
