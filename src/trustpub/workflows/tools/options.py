"""The options of a command: `--name value`, `--name=value`, `-n value`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustpub.workflows.scene import Scene


class Invocation(NamedTuple):
    """A program as it is called: what follows its name, the variables it sees, and what the command says of its version.

    `fresh` says that the command itself, or one before it, fetches the newest version that fits.
    """

    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    start: int
    version: str
    fresh: bool
    scene: Scene


class ActionUse(NamedTuple):
    """An action as a step uses it: its name in lower case, its ref, its inputs by name in lower case, and what it sees."""

    name: str
    ref: str
    inputs: Mapping[str, str]
    variables: Mapping[str, str]
    scene: Scene


class Options(NamedTuple):
    """Options by the names that the reader gave them, and the words that are no options."""

    values: Mapping[str, str]
    rest: tuple[str, ...]

    def get(self, name: str) -> str:
        """Return an option's text, empty when it is not given."""
        return self.values.get(name, "")


def taking(*spellings: str) -> dict[str, str]:
    """Build a table of options: `"repository -r --repository"` names one and lists its spellings."""
    return {spelling: words.split()[0] for words in spellings for spelling in words.split()[1:]}


def read_options(words: Iterable[str], taking: Mapping[str, str], flags: Mapping[str, str]) -> Options:
    """Read the options of a command; names that are not known are taken for flags."""
    values: dict[str, str] = {}
    rest: list[str] = []
    waiting = ""
    for text in words:
        name, equals, value = text.partition("=")
        if waiting:
            values[waiting] = text
            waiting = ""
        elif name in taking and equals:
            values[taking[name]] = value
        elif name in taking:
            waiting = taking[name]
        elif text[:2] in taking and len(text) > 2 and not text.startswith("--"):
            values[taking[text[:2]]] = text[2:]
        elif name in flags:
            values[flags[name]] = value or "true"
        elif not text.startswith("-"):
            rest.append(text)
    return Options(values, tuple(rest))


def after(words: tuple[str, ...], verb: str, taking: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the words behind a verb (`publish`) when it is the first word that is no option; else None."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in taking else 1
    return words[index + 1 :] if index < len(words) and words[index] == verb else None
