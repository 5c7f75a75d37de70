"""Commits to pin a new workflow's actions to: the newest release of the major version that fits, as GitHub has it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.writing import PINS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.parties.github.port import GitHub


def newest_pins(github: GitHub | None) -> Mapping[str, tuple[str, str]]:
    """Return commit and tag of each action; what is known here already, wherever GitHub does not say anything that fits.

    Only github.com has these actions. A new major version may want other inputs, so nobody is moved to one. Raises `Unreachable`.
    """
    return PINS if github is None or github.host != "github.com" else dict(_newest(github))


def _newest(github: GitHub) -> Iterator[tuple[str, tuple[str, str]]]:
    for action, (commit, tag) in PINS.items():
        newest = github.latest_release(action)
        known = isinstance(newest, str) and _major(newest) == _major(tag) and newest != tag
        there = github.tag_commit(action, newest) if known and isinstance(newest, str) else None
        yield action, (there, newest) if isinstance(there, str) and isinstance(newest, str) else (commit, tag)


def _major(tag: str) -> str:
    return tag.partition(".")[0]
