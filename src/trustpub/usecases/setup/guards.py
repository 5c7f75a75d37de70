"""No publisher before its guard: one that names an environment waits until somebody who may has set the environment up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trustpub.domain.publishers import Provider
from trustpub.usecases.setup.registrars import canonical, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import Declaration
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.step import Step


def guarded(steps: Iterable[Step], facts: Facts, desired: Declaration, refused: str) -> Iterator[Step]:
    """Yield the steps of the indexes; those of publishers whose environment still differs wait for it.

    `refused` says why whoever asks may not read or change GitHub's settings; empty when they may. What this plan of GitHub does
    not have is no reason to wait: nobody could ever add it.
    """
    known = list(steps)
    rows = [canonical(row, facts.github) for row in desired.publishers]
    github = [row for row in rows if row.environment and row.provider is Provider.GITHUB]
    guards = {key_of(row, rows): f"environment {row.environment}".lower() for row in github}
    open_ = {step.key.lower(): step.cannot for step in known if step.awaited}
    for step in known:
        guard = guards.get(step.key, "")
        why = refused if refused and facts.github is None else open_.get(guard, "")
        if guard and step.apply is not None and why:
            yield replace(step, cannot=f"it waits for the {guard}, which guards it: {why}", apply=None, read_back=None)
        else:
            yield step
