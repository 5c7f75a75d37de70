"""A rehearsal as JSON, with the contract's names; keys beyond the contract only add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.json import to_json

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.usecases.rehearsal import ClientOutcome, ControlOutcome, Leg, Reason, Rehearsal


def render_json(found: Rehearsal) -> str:
    """One JSON object, indented, ending with a newline."""
    return to_json(rehearsal_values(found))


def rehearsal_values(found: Rehearsal) -> dict[str, JSON]:
    """The object itself."""
    return {
        "ok": found.ok,
        "project": found.project,
        "legs": [_leg(leg) for leg in found.legs],
        "seconds": round(found.seconds, 2),
        "notes": list(found.notes),
    }


def _leg(leg: Leg) -> dict[str, JSON]:
    return {
        "index": leg.index,
        "ok": leg.ok,
        "workflow": leg.workflow,
        "job": leg.job,
        "event": leg.event,
        "ref": leg.ref,
        "publisher": dict(leg.publisher),
        "claims": dict(leg.claims),
        "steps": [{"name": step.name, "ok": step.ok, "evidence": step.evidence} for step in leg.steps],
        "clients": {name: _client(client) for name, client in leg.clients.items()},
        "controls": [_control(control) for control in leg.controls],
        "reasons": [_reason(reason) for reason in leg.reasons],
        "files": [{"filename": name, "sha256": digest} for name, digest in leg.files],
        "refused_hosts": list(leg.refused_hosts),
        "unproven": list(leg.unproven),
    }


def _client(client: ClientOutcome) -> dict[str, JSON]:
    return {"ok": client.ok, "version": client.version, "evidence": client.evidence, "command": client.command}


def _control(control: ControlOutcome) -> dict[str, JSON]:
    values: dict[str, JSON] = {
        "name": control.name,
        "refused": control.refused,
        "status": control.status,
        "code": control.code,
    }
    return values | ({"why": control.why} if control.why else {})


def _reason(reason: Reason) -> dict[str, JSON]:
    values: dict[str, JSON] = {"code": reason.code, "description": reason.description, "fix": reason.fix}
    if reason.field:
        values |= {"field": reason.field, "expected": reason.expected, "got": reason.got}
    return values
