"""The controls: attacks that a rehearsal must see refused, each beside a twin that is accepted.

A refusal alone proves little: a broken index refuses everything. So every attack differs from its twin in exactly one thing, the
twin must be accepted in the same run, and the attack must be answered with PyPI's own status and code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.usecases.attacks_on_exchange import EXCHANGE_CONTROLS, EXCHANGE_THOROUGH
from trustpub.usecases.attacks_on_upload import UPLOAD_CONTROLS, UPLOAD_THOROUGH
from trustpub.usecases.rehearsal import ControlOutcome
from trustpub.usecases.workbench import Bench, NotHere

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustpub.domain.publishers import Publisher
    from trustpub.parties.clients.distribution import Distribution
    from trustpub.usecases.stage import Stage
    from trustpub.usecases.workbench import Control, Trial

CONTROLS: tuple[Control, ...] = (*EXCHANGE_CONTROLS, *UPLOAD_CONTROLS)
"""Every rehearsal runs these."""

THOROUGH: tuple[Control, ...] = (*EXCHANGE_THOROUGH, *UPLOAD_THOROUGH)
"""`--thorough` runs these as well."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another publisher and project on the same index, for the attack that crosses over."""

    publisher: Publisher
    project: str


def run_controls(
    stage: Stage,
    publisher: Publisher,
    neighbour: Neighbour,
    dist: Distribution,
    *,
    thorough: bool = False,
    progress: Callable[[str], None] = lambda _line: None,
) -> tuple[ControlOutcome, ...]:
    """Run every control on a stage whose project has `dist` already, and judge each one."""
    bench = Bench(stage, publisher, neighbour.publisher, neighbour.project, dist)
    chosen: Sequence[Control] = (*CONTROLS, *THOROUGH) if thorough else CONTROLS
    outcomes = []
    for control in chosen:
        progress(control.name)
        outcomes.append(run_control(bench, control))
    return tuple(outcomes)


def run_control(bench: Bench, control: Control) -> ControlOutcome:
    """Try one attack and its twin."""
    tried = control.attempt(bench)
    if isinstance(tried, NotHere):
        return ControlOutcome(control.name, refused=None, status=None, code=control.code, why=tried.why)
    return judge(control, tried)


def judge(control: Control, tried: Trial) -> ControlOutcome:
    """Refused means: PyPI's status, PyPI's code (an upload: the start of PyPI's reason), and the twin accepted."""
    attack, twin = tried
    fits = attack.code.startswith(control.code) if control.is_upload else attack.code == control.code
    code = control.code if fits else attack.code
    if attack.accepted:
        why = f"ACCEPTED: {control.meaning}"
    elif attack.status != control.status or not fits:
        why = f"refused, but not as PyPI refuses it: expected {control.status} {control.code}"
    elif not twin.accepted:
        why = f"its twin, which must be accepted, was answered {twin.status} {twin.code}: this control proves nothing"
    else:
        return ControlOutcome(control.name, refused=True, status=attack.status, code=code)
    return ControlOutcome(control.name, refused=False, status=attack.status, code=code, why=why, accepted=attack.accepted)
