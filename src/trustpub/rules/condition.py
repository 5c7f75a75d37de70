"""A condition that never, or always, holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.rules import spans
from trustpub.workflows import edit
from trustpub.workflows.event_table import EVENTS
from trustpub.workflows.expressions import Call, Comparison, Literal, Logic, Wrong, condition, condition_start, path_of, template
from trustpub.workflows.expressions import parse as parse_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.rules.facts import Facts
    from trustpub.workflows.expressions import Expression
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.source import Scalar

RULE = Rule(
    code="W03",
    name="constant-condition",
    severity="high",
    title="A condition on the way to the upload is never or always true",
    why=(
        "Text around `${{ }}` makes the whole condition a text, and a text that is not empty is true: the job runs always. A ref "
        "is never equal to a pattern, and `github.ref` begins with `refs/`: the job never runs. Neither is an error to GitHub."
    ),
    source="GitHub's documentation: expressions; workflow syntax, jobs.<job_id>.if",
    help="Write the condition as one expression, with full refs: `startsWith(github.ref, 'refs/tags/v')`.",
)

_REF_KINDS = ("refs/heads/", "refs/tags/", "refs/pull/")
_BRACES = lazy_pattern(r"\$\{\{((?:[^'}]|'(?:[^']|'')*'|}(?!}))*)}}")


class _Place(NamedTuple):
    """A condition: its file, its word, and whether it decides about an upload."""

    workflow: Workflow
    node: Scalar
    decides: bool


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the conditions of jobs on the way to an upload, and of their steps, that cannot mean what they say."""
    places: dict[tuple[str, int], _Place] = {}
    for place in _places(facts):
        key = (place.workflow.path, place.node.start)
        if key not in places or place.decides:
            places[key] = place
    for place in places.values():
        if is_text(place.node):
            yield _always(place)
        else:
            yield from _impossible(place)


def _places(facts: Facts) -> Iterator[_Place]:
    uploads = {(site.workflow.path, site.step.start) for site, _ in facts.sites()}
    for path in facts.path_jobs():
        if path.job.if_ is not None:
            yield _Place(path.workflow, path.job.if_, path.role != "builds")
        for step in path.job.steps:
            if step.if_ is not None:
                yield _Place(path.workflow, step.if_, (path.workflow.path, step.start) in uploads)


def is_text(node: Scalar) -> bool:
    """Say whether a condition is a text with expressions in it, which is always true: a last line break suffices."""
    parts = template(node.value).parts
    return len(parts) > 1 and not any(isinstance(part, Wrong) for part in parts)


def _always(place: _Place) -> Finding:
    alone = len(template(place.node.value.strip()).parts) == 1
    shown = " ".join(place.node.value.split())
    why = "the line break at its end makes it a text" if alone else "with text around `${{ }}` it is a text"
    written = _joined(place.node)
    return Finding(
        rule=RULE.code,
        severity="high" if place.decides else "medium",
        message=f"`if: {shown}` is always true: {why}",
        span=spans.of_word(place.workflow, place.node),
        help=f"Write one expression: `if: {written}`." if written is not None else RULE.help,
        fix=_fix(place, written),
    )


def _joined(node: Scalar) -> str | None:
    """Take the braces away; None when what is left is no expression."""

    def bare(match: re.Match[str]) -> str:
        inner = match[1].strip()
        return f"({inner})" if _BRACES.sub("", node.value).strip() and re.search(r"&&|\|\|", inner) else inner

    text = " ".join(_BRACES.sub(bare, node.value).split())
    return text if not isinstance(parse_expression(text), Wrong) else None


def _fix(place: _Place, written: str | None) -> Fix | None:
    if written is None:
        return None
    text = written if re.match(r"[A-Za-z(]", written) and ": " not in written and " #" not in written else f"${{{{ {written} }}}}"
    change = edit.replaced(place.workflow.source, place.node, text)
    return Fix("write one expression", (change,), safe=False) if change is not None else None


def _impossible(place: _Place) -> Iterator[Finding]:
    tree = condition(place.node.value)
    if isinstance(tree, Wrong):
        return
    for node, needed in _parts(tree, needed=True):
        asked = _asked(node)
        if asked is not None:
            name, literal = asked
            why = _never(name, literal.value if isinstance(literal.value, str) else "", node)
            if why is not None:
                yield _finding(place, node, literal, why, needed)


def is_impossible(node: Scalar | None) -> bool:
    """Say whether a condition needs a comparison that never holds."""
    tree = condition(node.value) if node is not None else Literal(True, 0)
    if isinstance(tree, Wrong):
        return False
    for part, needed in _parts(tree, needed=True):
        asked = _asked(part) if needed and not (isinstance(part, Comparison) and part.operator == "!=") else None
        if asked is not None and _never(asked[0], str(asked[1].value), part) is not None:
            return True
    return False


def _parts(node: Expression, needed: bool) -> Iterator[tuple[Expression, bool]]:
    """Yield the comparisons, and whether the whole condition needs each of them."""
    if isinstance(node, Logic):
        for operand in node.operands:
            yield from _parts(operand, needed and node.operator == "&&")
    else:
        yield node, needed


def _asked(node: Expression) -> tuple[str, Literal] | None:
    """Read `path == 'text'` and `startsWith(path, 'text')`."""
    pair: tuple[Expression, ...] = ()
    if isinstance(node, Comparison) and node.operator in ("==", "!="):
        pair = (node.left, node.right) if isinstance(node.right, Literal) else (node.right, node.left)
    elif isinstance(node, Call) and node.name in ("startswith", "contains", "endswith"):
        pair = node.arguments
    if len(pair) != 2 or not isinstance(pair[1], Literal) or not isinstance(pair[1].value, str):
        return None
    path = path_of(pair[0])
    return (path, pair[1]) if path is not None and pair[1].value else None


def _never(path: str, text: str, node: Expression) -> str | None:
    """Say why a value can never be this text, or None when it can."""
    low = text.lower()
    if path == "github.event_name" and isinstance(node, Comparison):
        return "there is no such event" if low not in EVENTS else None
    if path == "github.ref_type" and isinstance(node, Comparison):
        return "it is `branch` or `tag`" if low not in ("branch", "tag") else None
    if path not in ("github.ref", "github.ref_name"):
        return None
    if "*" in text:
        return "patterns are not understood here, and no ref has a `*` in it"
    begins = isinstance(node, Comparison) or (isinstance(node, Call) and node.name == "startswith")
    if path == "github.ref" and begins and not _may_begin(low, whole=isinstance(node, Comparison)):
        return "it is a full ref, such as `refs/tags/v1.2.3` or `refs/heads/main`"
    if path == "github.ref_name" and begins and low.startswith(_REF_KINDS):
        return "it is a short name, such as `v1.2.3` or `main`"
    return None


def _may_begin(text: str, whole: bool) -> bool:
    return text.startswith(_REF_KINDS) or (not whole and any(kind.startswith(text) for kind in _REF_KINDS))


def _finding(place: _Place, node: Expression, literal: Literal, why: str, needed: bool) -> Finding:
    always = isinstance(node, Comparison) and node.operator == "!="
    severity: Severity = "high" if place.decides and needed and not always else "medium"
    text = place.node.value
    base = condition_start(text) + literal.start
    value = str(literal.value)
    length = len(value.replace("'", "''")) + 2
    what = "is always different" if always else "never holds"
    return Finding(
        rule=RULE.code,
        severity=severity,
        message=f"the comparison with `'{value}'` {what}: {why}",
        span=spans.inside(place.workflow, place.node, base, base + length),
        help=_help(node, value),
        related=(Related(spans.of_word(place.workflow, place.node), "the condition"),) if place.node.style in ("|", ">") else (),
    )


def _help(node: Expression, value: str) -> str:
    path = _asked(node)
    name = path[0] if path is not None else "github.ref"
    if name == "github.event_name":
        return "A pushed tag is `github.event_name == 'push' && startsWith(github.ref, 'refs/tags/')`; a release is `release`."
    if name == "github.ref_type":
        return "Write `github.ref_type == 'tag'` or `github.ref_type == 'branch'`."
    short = value.lower().removeprefix("refs/heads/").removeprefix("refs/tags/").partition("*")[0]
    if name == "github.ref_name" and "*" not in value:
        return f"Leave the beginning away: `{value.split('/', 2)[-1]}`."
    if "*" in value or re.match(r"v?[0-9]*$", short):
        return f"Write `startsWith(github.ref, 'refs/tags/{short.removeprefix('refs/')}')`."
    return f"Write the full ref: `'refs/heads/{value}'` for a branch, `'refs/tags/{value}'` for a tag."
