"""The flow of one leg as a sequence diagram: inline SVG that takes its colours from the page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.usecases.rehearsal import Leg

_WIDTH = 1020
_TOP = 64
_ROW = 50
_LANES = {"github": 100, "job": 305, "issuer": 510, "index": 715, "anybody": 920}
_BOX = 186


class Message(NamedTuple):
    """One arrow: from lane to lane, what is said, the step it belongs to, and whether it was seen."""

    source: str
    target: str
    text: str
    step: int
    ok: bool | None


def sequence_svg(leg: Leg, identity: str) -> str:
    """The diagram; `identity` makes its ids unique in the page. A message that was never sent is drawn pale and said so."""
    messages = _messages(leg)
    height = _TOP + _ROW * len(messages) + 24
    body = [_lane(name, at, height) for name, at in zip(_names(leg), _LANES.values(), strict=True)]
    body += [_arrow(message, _TOP + _ROW * number + 34, identity) for number, message in enumerate(messages)]
    words = "; ".join(f"{message.step}: {message.text}, {_state(message.ok)}" for message in messages)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="{identity}-t {identity}-d" class="flow">'
        f'<title id="{identity}-t">The flow of Trusted Publishing to {escape(leg.index)}</title>'
        f'<desc id="{identity}-d">{escape(words)}</desc>'
        f"<defs>{_head(identity, 'yes')}{_head(identity, 'no')}{_head(identity, 'never')}</defs>{''.join(body)}</svg>"
    )


def _names(leg: Leg) -> tuple[str, ...]:
    return ("GitHub", f"job {leg.job}", "GitHub's issuer", leg.index, "anybody")


def _messages(leg: Leg) -> list[Message]:
    gate, token, verification, matching, upload = (_reached(leg, number) for number in range(5))
    what = f"{leg.event}, {leg.ref.removeprefix('refs/').partition('/')[2]}"
    controls = sum(control.refused is True for control in leg.controls)
    holes = any(control.refused is False for control in leg.controls)
    fetched = leg.clients.get("pip")
    return [
        Message("github", "job", what, 1, gate),
        Message("job", "index", "which audience?", 1, gate),
        Message("job", "issuer", "an ID token, please", 1, gate),
        Message("issuer", "job", "ID token", 2, token),
        Message("job", "index", "ID token, to be exchanged", 3, verification),
        Message("index", "issuer", "public keys, to check it", 3, verification),
        Message("index", "job", "publisher found: upload token", 4, matching),
        Message("job", "index", f"{len(leg.files) or 'the'} files", 5, upload),
        Message("index", "anybody", "pip: same files", 5, fetched.ok if fetched else None),
        Message("anybody", "index", f"{controls} attacks refused", 5, (not holes) if leg.controls else None),
    ]


def _reached(leg: Leg, number: int) -> bool | None:
    """True when the step was taken, False where the flow stopped, None behind that."""
    before = all(step.ok for step in leg.steps[:number])
    return (leg.steps[number].ok if before else None) if number < len(leg.steps) else None


def _state(ok: bool | None) -> str:
    return {True: "seen", False: "failed", None: "not reached"}[ok]


def _class(ok: bool | None) -> str:
    return {True: "yes", False: "no", None: "never"}[ok]


def _head(identity: str, kind: str) -> str:
    return (
        f'<marker id="{identity}-{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0 L10 5 L0 10 z" class="head {kind}"/></marker>'
    )


def _lane(name: str, at: int, height: int) -> str:
    return (
        f'<rect x="{at - _BOX // 2}" y="10" width="{_BOX}" height="34" rx="6" class="lane"/>'
        f'<text x="{at}" y="32" text-anchor="middle" class="who">{escape(_short(name, 26))}</text>'
        f'<line x1="{at}" y1="44" x2="{at}" y2="{height - 8}" class="life"/>'
    )


def _arrow(message: Message, y: int, identity: str) -> str:
    kind = _class(message.ok)
    start, end = _LANES[message.source], _LANES[message.target]
    way = 4 if end > start else -4
    mark = {True: "", False: " ✗", None: " (not reached)"}[message.ok]
    text = escape(_short(message.text, abs(end - start) // 7 - len(mark) - 2) + mark)
    return (
        f'<line x1="{start + way}" y1="{y}" x2="{end - way}" y2="{y}" class="arrow {kind}" marker-end="url(#{identity}-{kind})"/>'
        f'<text x="{(start + end) // 2}" y="{y - 8}" text-anchor="middle" class="said {kind}">'
        f'<tspan class="step">{message.step}</tspan> {text}</text>'
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
