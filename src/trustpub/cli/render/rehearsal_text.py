"""A rehearsal as text for a terminal: the five steps with their evidence, the clients, the controls, what stays unproven."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.usecases.rehearsal import ControlOutcome, Leg, Rehearsal

_WIDTH = 118
_MARK = {True: "ok", False: "FAIL", None: "-"}
_REFUSED = {True: "refused", False: "WRONG", None: "n/a"}


def render_text(found: Rehearsal) -> str:
    """The whole report, ending with a newline; its last line is the verdict."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Rehearsal) -> Iterator[str]:
    for leg in found.legs:
        yield from _leg(leg)
        yield ""
    for note in found.notes:
        yield from _wrapped("note  ", note)
    yield verdict(found)


def verdict(found: Rehearsal) -> str:
    """One sentence: what held, or what did not and the next step."""
    legs = ", ".join(leg.index for leg in found.legs)
    if found.ok:
        refused = sum(control.refused is True for leg in found.legs for control in leg.controls)
        given = "" if all(leg.declared for leg in found.legs) else "with a publisher like the one above on record, "
        return (
            f"ok: {given}{found.project} publishes to {legs} without a stored token; "
            f"{refused} attacks refused ({found.seconds:.1f} s)"
        )
    holes = [f"{leg.index}: {control.name}" for leg in found.legs for control in leg.holes]
    if holes:
        return f"NOT OK: attacks were ACCEPTED ({'; '.join(holes)}). Do not publish before this is closed."
    failed = ", ".join(leg.index for leg in found.legs if not leg.ok)
    return f"NOT OK: {found.project} would not reach {failed or 'any index'}; the lines marked FAIL or WRONG say why."


def _leg(leg: Leg) -> Iterator[str]:
    yield f"== {leg.index}: {leg.project}, {leg.event} of {leg.ref}, {leg.workflow}, job {leg.job}"
    fields = ", ".join(
        f"{name} {value}" + (" (made up)" if name in leg.assumed else "") for name, value in leg.publisher.items() if value
    )
    yield from _wrapped("publisher  ", fields)
    for number, step in enumerate(leg.steps, 1):
        yield from _wrapped(f"{number} {step.name:<19} {_MARK[step.ok]:<5}", step.evidence)
    for reason in leg.reasons:
        yield from _wrapped("  why      ", _reason_words(reason.code, reason.description))
        if reason.field:
            registered = "" if reason.expected is None else f"registered `{reason.expected}`, "
            yield from _wrapped("           ", f"{reason.field}: {registered}the job says `{reason.got}`")
        if reason.fix:
            yield from _wrapped("  fix      ", reason.fix)
    for name, client in leg.clients.items():
        yield from _wrapped(f"  {name + ' ' + client.version:<19} {_MARK[client.ok]:<5}", client.evidence)
        if client.ok is False and client.output:
            yield from (f"      | {plain(line)}" for line in client.output.splitlines()[-15:])
    yield from _controls(leg)
    for host in leg.refused_hosts:
        yield f"  refused    {host}: a client wanted to go there; nothing left this machine"
    for line in leg.unproven:
        yield from _wrapped("  unproven   ", line)


def _reason_words(code: str, description: str) -> str:
    return f"{code}: {description}" if code else description


def _controls(leg: Leg) -> Iterator[str]:
    if not leg.controls:
        yield "  controls   not run: the leg did not get as far as an accepted upload"
        return
    counts = {state: sum(control.refused is state for control in leg.controls) for state in (True, False, None)}
    yield f"  controls   {counts[True]} refused, {counts[False]} not refused as they must be, {counts[None]} do not apply"
    for control in leg.controls:
        yield from _control(control)


def _control(control: ControlOutcome) -> Iterator[str]:
    state = "ACCEPTED" if control.accepted else _REFUSED[control.refused]
    answer = f"{control.status} {control.code}" if control.status is not None else ""
    yield f"    {state:<9} {control.name:<42} {answer}".rstrip()
    if control.why:
        yield from _wrapped(" " * 14, control.why)


def _wrapped(label: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        plain(text),
        _WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [label.rstrip()]


def plain(text: str) -> str:
    """Text that cannot steer a terminal: whatever a workflow or a client wrote, control characters become a mark."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
