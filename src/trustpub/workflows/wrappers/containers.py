"""`docker run IMAGE ...`: a tool in a container, which sees only the variables that are handed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.tools import PROGRAMS
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, script_of

if TYPE_CHECKING:
    from collections.abc import Mapping


_NEEDED = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
_TALKING = ("bash", "sh", "python", "python3")


def behind(call: Wrapping) -> Behind:
    """Return what a container runs: from the word on that names a tool, be it the image or the command."""
    words = call.found.arguments
    if not words or words[0] not in ("run", "exec"):
        return ()
    handed = dict(_handed(words, call.variables))
    closed = "" if _NEEDED in handed else f"the container does not get `{_NEEDED}`"
    for index in range(1, len(words) - 1):
        name = words[index].rsplit("/", 1)[-1].partition(":")[0]
        if (name in PROGRAMS and not words[index + 1].startswith("/")) or (name in _TALKING and index > 1):
            script = script_of((name, *words[index + 1 :]))
            return (Wrapped("container", words[index], "", 0, script, handed, closed=True, no_id_token=closed),)
    return ()


def _handed(words: tuple[str, ...], variables: Mapping[str, str]) -> list[tuple[str, str]]:
    handed: list[tuple[str, str]] = []
    for index, word in enumerate(words):
        name, _, text = word.partition("=")
        if name not in ("-e", "--env"):
            continue
        if word == name:
            text = words[index + 1] if index + 1 < len(words) else ""
        key, equals, value = text.partition("=")
        if key:
            handed.append((key, value if equals else variables.get(key, f"${key}")))
    return handed
