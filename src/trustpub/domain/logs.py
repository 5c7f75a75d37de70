"""A log as a person or GitHub hands it over, made readable for matching: no colours, no timestamps, no boxes, lines kept.

Every step keeps the line feeds, so that a place in the cleaned text is on the same line as in the log. All of it takes linear
time.
"""

from __future__ import annotations

import re

BREAK = "\x0b"
"""A line end that the log has only in an escaped form (`%0A`): it parts text, and counts as no line."""
LONGEST_EVIDENCE = 200
"""Characters of one line that are repeated."""
_WINDOW = 2000
ENDS = ("\n", BREAK)
"""What ends a line."""

_COLOURS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CARETS = re.compile(r"\^\[\[[0-9;]*m")
_STAMP = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z(?: \d\d[EO][+ ]?)?[ ]?"
_PREFIX = re.compile(rf"(?m)^(?:[^\t\n]{{0,200}}\t[^\t\n]{{0,200}}\t)?\ufeff?{_STAMP}")
_UNSTAMPED = re.compile(r"(?m)^[^\t\n]{0,200}\tUNKNOWN STEP\t")
_BOXES = re.compile(r"[\u2500-\u259f\u25b6]")
_CONTROLS = re.compile(r"[\x00-\x08\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_ESCAPED_LINE_ENDS = re.compile(r"(?:%0[Dd])?%0[Aa]")
_SCRIPT, _END = "##[group]Run ", "##[endgroup]"

_MASKS = (
    (re.compile(r"(::add-mask::)[^\s\x0b]+"), r"\1***"),
    (re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]*){0,2}"), "eyJ***"),
    (re.compile(r"pypi-(?:(?!oidc|publish)[\w-]{12,})"), "pypi-***"),
    (re.compile(r"(gh[opsru])_\w{10,}"), r"\1_***"),
    (re.compile(r"github_pat_\w{10,}"), "github_pat_***"),
    (re.compile(r"glpat-[\w-]{10,}"), "glpat-***"),
    (re.compile(r"(?i)\b(basic|bearer)[ :]+[\w+/=.~-]{8,}"), r"\1 ***"),
    (re.compile(r"X190b2tlbl9f[\w+/=-]*"), "***"),
    (re.compile(r"(?<=://)[^\s/@\x0b]{1,300}@"), "***@"),
    (re.compile(r"(?i)((?:password|passwd|secret|token|api[_-]?key)[\"']?[ ]?[=:][ ]?[\"']?)(?!\*)[^\s\"',;)\]}]{8,}"), r"\1***"),
    (re.compile(r"(?<![\w/+=-])(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[A-Za-z])[\w+=-]{48,}"), "***"),
)  # fmt: skip


def cleaned(data: bytes) -> str:
    """Return the readable text of a log, whatever its bytes are, with as many line feeds as it has lines ended."""
    text = _decoded(data).replace("\r\n", "\n").replace("\r", BREAK)
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    if "^[[" in text:
        text = _CARETS.sub("", text)
    if "Z" in text:
        text = _PREFIX.sub("", text)
    if "\tUNKNOWN STEP\t" in text:
        text = _UNSTAMPED.sub("", text)
    if not text.isascii():
        text = _BOXES.sub(" ", text)
    text = _CONTROLS.sub(" ", text)
    if "%0" in text:
        text = _ESCAPED_LINE_ENDS.sub(BREAK, text)
    return _without_scripts(text) if _SCRIPT in text else text


def _decoded(data: bytes) -> str:
    """Read UTF-8, or UTF-16 where a byte order mark says so (PowerShell writes it). What is neither becomes a sign of its own."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def _without_scripts(text: str) -> str:
    """Blank what GitHub shows of a step before it runs: a script holds messages that it never came to print."""
    parts: list[str] = []
    done = 0
    while (begin := text.find(_SCRIPT, done)) >= 0 and (end := text.find(_END, begin)) >= 0:
        parts += (text[done:begin], "\n" * text.count("\n", begin, end))
        done = end + len(_END)
    parts.append(text[done:])
    return "".join(parts)


def line_number(text: str, place: int) -> int:
    """Count the line of a place, from 1."""
    return text.count("\n", 0, place) + 1


def line_at(text: str, place: int) -> str:
    """Return the line around a place, without secrets; of a long one the part around the place."""
    begin = max(text.rfind(end, max(0, place - _WINDOW), place) for end in ENDS) + 1
    if begin == 0 and place > _WINDOW:  # the line began long before: start at a word, or half a secret would look harmless
        begin = next((at for at in range(place - _WINDOW, place) if text[at].isspace()), place)
    found = [end for end in (text.find(end, place, place + _WINDOW) for end in ENDS) if end >= 0]
    line = masked(text[begin : min(found, default=place + _WINDOW)]).strip()
    if len(line) <= LONGEST_EVIDENCE:
        return line
    before = len(masked(text[begin:place]).lstrip())
    first = max(0, min(before - 20, len(line) - LONGEST_EVIDENCE))
    shown = line[first : first + LONGEST_EVIDENCE]
    shown = f"…{shown[1:]}" if first else shown
    return f"{shown[:-1]}…" if first + LONGEST_EVIDENCE < len(line) else shown


def masked(text: str) -> str:
    """Take everything out that looks like a credential: what is repeated may be pasted anywhere."""
    for shape, instead in _MASKS:
        text = shape.sub(instead, text)
    return text
