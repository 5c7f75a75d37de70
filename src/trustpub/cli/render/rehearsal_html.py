"""A rehearsal as one page that stands alone: no script, no address outside, light and dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from trustpub.cli.render.page import page
from trustpub.cli.render.rehearsal_text import verdict
from trustpub.cli.render.sequence_svg import sequence_svg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustpub.usecases.rehearsal import ControlOutcome, Leg, Rehearsal

_STYLE = """
svg.flow{width:100%;min-width:44rem;height:auto;background:var(--panel);border-radius:.4rem}
.lane{fill:var(--bg);stroke:var(--line)}.who,.said{fill:var(--fg);font:13px system-ui,sans-serif}.who{font-weight:600}
.life{stroke:var(--line);stroke-dasharray:3 4}.arrow{stroke-width:1.6}
.arrow.yes{stroke:var(--yes)}.arrow.no{stroke:var(--no)}.arrow.never{stroke:var(--never);stroke-dasharray:5 5}
.head.yes{fill:var(--yes)}.head.no{fill:var(--no)}.head.never{fill:var(--never)}
.said.no{fill:var(--no)}.said.never{fill:var(--never)}.step{font-weight:700}
"""


def render_html(found: Rehearsal) -> str:
    """The page. It forbids itself every script and every request."""
    state = "yes" if found.ok else "no"
    legs = "".join(_leg(leg, f"leg{number}") for number, leg in enumerate(found.legs, 1))
    notes = _list("Notes", found.notes)
    title = f"Rehearsal of {found.project}: {'ok' if found.ok else 'not ok'}"
    head = f'<h1>Rehearsal of {escape(found.project)}</h1><p class="verdict {state}">{escape(verdict(found))}</p>'
    return page(title, f"{head}{legs}{notes}", _STYLE)


def _leg(leg: Leg, identity: str) -> str:
    return (
        f'<section aria-labelledby="{identity}"><h2 id="{identity}">{escape(leg.index)}: {_word(leg.ok)}</h2>'
        f'<p class="soft">{escape(f"{leg.project}, {leg.event} of {leg.ref}, {leg.workflow}, job {leg.job}")}</p>'
        f'<div class="scroll">{sequence_svg(leg, f"{identity}-flow")}</div>'
        f"{_reasons(leg)}{_steps(leg)}{_identity(leg)}{_clients(leg)}{_controls(leg.controls)}"
        f"{_list('Where clients wanted to go and were refused', leg.refused_hosts)}"
        f"{_list('What stays unproven', leg.unproven)}</section>"
    )


def _table(title: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are finished HTML; the first cell of a row heads it."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return (
        f'<h3>{escape(title)}</h3><div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _steps(leg: Leg) -> str:
    rows = [(f"{n}. {escape(step.name)}", _word(step.ok), escape(step.evidence)) for n, step in enumerate(leg.steps, 1)]
    return _table("The five steps", "What was seen at each step of the flow.", ("Step", "Result", "Evidence"), rows)


def _identity(leg: Leg) -> str:
    rows = []
    for field, registered in leg.publisher.items():
        said = said_of(field, leg)
        same = not registered or said.lower() == registered.lower()
        known = f"{registered} (made up)" if field in leg.assumed else registered
        rows.append((f"<code>{escape(field)}</code>", _code(known or "(any)"), _code(said or "(none)"), _word(same)))
    table = _table(
        "Publisher and claims",
        "What the index has registered, beside what the job says.",
        ("Field", "Registered", "The job's claim", "Same"),
        rows,
    )
    claims = [(f"<code>{escape(name)}</code>", _code(str(value))) for name, value in sorted(leg.claims.items())]
    every = _table("Every claim", "The job's ID token, without its times and ids.", ("Claim", "Value"), claims)
    return f"{table}<details><summary>All {len(claims)} claims</summary>{every}</details>"


def said_of(field: str, leg: Leg) -> str:
    """What the claims say about one field of a GitHub publisher."""
    claims = {name: value for name, value in leg.claims.items() if isinstance(value, str)}
    if field == "repository_name":
        return claims.get("repository", "").rpartition("/")[2]
    if field == "workflow_filename":
        return claims.get("job_workflow_ref", "").partition("@")[0].rpartition("/")[2]
    return claims.get(field, "")


def _clients(leg: Leg) -> str:
    rows = [
        (f"{escape(name)} {escape(client.version)}", _word(client.ok), escape(client.evidence), _code(client.command))
        for name, client in leg.clients.items()
    ]
    table = _table("Clients, unmodified", "Each one ran without a credential.", ("Client", "Result", "Evidence", "Command"), rows)
    outputs = [f"<pre>{escape(client.output)}</pre>" for client in leg.clients.values() if client.ok is False and client.output]
    return table + "".join(outputs)


def _controls(controls: Sequence[ControlOutcome]) -> str:
    if not controls:
        return "<h3>Controls</h3><p>Not run: the leg did not get as far as an accepted upload.</p>"
    caption = "Attacks, each differing in one thing from a twin that was accepted."
    return _table("Controls", caption, ("Attack", "Result", "Answer", "Why"), [_control(control) for control in controls])


def _control(control: ControlOutcome) -> tuple[str, str, str, str]:
    answer = f"{control.status} {control.code}" if control.status is not None else ""
    if control.refused is None:
        result = '<span class="never">does not apply</span>'
    elif control.refused:
        result = '<span class="yes">refused ✓</span>'
    else:
        result = f'<strong class="no">{"ACCEPTED" if control.accepted else "wrong answer"} ✗</strong>'
    return escape(control.name), result, _code(answer), escape(control.why)


def _reasons(leg: Leg) -> str:
    if not leg.reasons:
        return ""
    rows = []
    for reason in leg.reasons:
        registered = "" if reason.expected is None else f"registered {reason.expected!s}, "
        differs = f"{reason.field}: {registered}the job says {reason.got!s}" if reason.field else ""
        rows.append((_code(reason.code), escape(reason.description), escape(differs), escape(reason.fix)))
    return _table("Why it stops", "In the words the index uses.", ("Code", "Reason", "Difference", "Fix"), rows)


def _list(title: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<h3>{escape(title)}</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _word(ok: bool | None) -> str:
    return {
        True: '<span class="yes">ok ✓</span>',
        False: '<strong class="no">no ✗</strong>',
        None: '<span class="never">not here</span>',
    }[ok]


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""
