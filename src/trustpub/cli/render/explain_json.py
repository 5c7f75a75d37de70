"""The causes of a failed release as JSON: the contract's keys, and what more is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.json import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.failures import Evidence, Found


def render_json(causes: Sequence[Found]) -> str:
    """Write the causes, most likely first; an empty list when none is known."""
    return to_json({"causes": [_cause(cause) for cause in causes]})


def _cause(cause: Found) -> dict[str, object]:
    row: dict[str, object] = {"code": cause.code, "title": cause.title}
    row |= {name: value for name, value in (("field", cause.field), ("expected", cause.expected), ("got", cause.got)) if value}
    return row | {"confidence": cause.confidence, "evidence": [_evidence(each) for each in cause.evidence], "fix": cause.fix}


def _evidence(evidence: Evidence) -> dict[str, object]:
    row: dict[str, object] = {"line": evidence.line, "text": evidence.text}
    return row | ({"job": evidence.job} if evidence.job else {})
