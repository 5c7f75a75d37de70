"""The jobs on the way to an upload together with the events that really lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.release_path import PathJob, release_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts


class Way(NamedTuple):
    """One job on the way, and the events that start runs which get to an upload behind it."""

    here: PathJob
    events: frozenset[str]


def ways(facts: Facts) -> Iterator[Way]:
    """Yield every job on the way to an upload that some run gets to; one that uploads anywhere counts as publishing."""
    jobs: dict[tuple[str, str], PathJob] = {}
    events: dict[tuple[str, str], set[str]] = {}
    for site, predictions in facts.sites():
        reaching = {each.event for each in predictions if each.reached and each.verdict != "never"}
        for here in release_path(site, facts.workflows) if reaching else ():
            key = (here.workflow.path, here.job.id)
            if key not in jobs or here.role == "publishes":
                jobs[key] = here
            events.setdefault(key, set()).update(reaching)
    for key, here in jobs.items():
        yield Way(here, frozenset(events[key]))
