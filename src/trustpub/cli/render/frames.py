"""Code frames: a place in a file drawn with its lines, and a caret under the value.

      --> .github/workflows/release.yml:31:5
       |
    31 |     permissions: {}
       |     ^^^^^^^^^^^^^^^ nothing is granted here

Columns on the screen are not code points: a wide character takes two, a combining one none. Lines that are too long are cut
around the place. The lines come with everything taken out that could drive a terminal (`Excerpt.lines`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.usecases.report import Excerpt

WIDTH = 100
"""How many columns of a file's line are shown at most."""
_BEFORE = 40
"""How many characters before the place are kept when a line has to be cut."""
_CUT = "..."


def frame(place: Excerpt, message: str = "", style: Callable[[str], str] = str, gutter: int = 0) -> Iterator[str]:
    """Draw a place: where it is, its first line with a caret under it, and the last one when it has several lines.

    `style` colours the carets and the message; `gutter` is the least width of the line numbers, so that frames stand in line.
    """
    width = max(gutter, len(str(_last_number(place))))
    yield f"{' ' * width}--> {place.path}:{place.line}:{place.column}"
    if not place.lines:
        return
    yield f"{' ' * width} |"
    several = place.end_line > place.line and len(place.lines) > 1
    first = place.lines[0]
    end = place.end_column if place.end_line == place.line else len(first) + 1
    yield from _line(width, place.line, first, (place.column, end), "" if several else message, style)
    if several:
        yield from _rest(place, width, message, style)


def _rest(place: Excerpt, width: int, message: str, style: Callable[[str], str]) -> Iterator[str]:
    """Draw the last line of a place that has several, as far as it was kept."""
    number = _last_number(place)
    if number > place.line + 1:
        yield f"{'.' * 3:>{width}} |"
    text = place.lines[-1]
    start = len(text) - len(text.lstrip()) + 1
    end = place.end_column if number == place.end_line else len(text) + 1
    yield from _line(width, number, text, (start, end), message, style)


def _last_number(place: Excerpt) -> int:
    return place.line + max(len(place.lines) - 1, 0)


def _line(
    width: int, number: int, text: str, columns: tuple[int, int], message: str, style: Callable[[str], str]
) -> Iterator[str]:
    shown, start, end = cut(text, *columns)
    before, under = cells(shown[: start - 1]), max(cells(shown[start - 1 : end - 1]), 1)
    yield f"{number:>{width}} | {shown}".rstrip()
    words = f" {message}" if message else ""
    yield f"{' ' * width} | {' ' * before}{style('^' * under + words)}"


def cut(text: str, start: int, end: int) -> tuple[str, int, int]:
    """Shorten a line to what surrounds the columns from `start` to before `end`; return it with its new columns."""
    end = max(min(end, len(text) + 1), start + 1)
    if len(text) <= WIDTH:
        return text, start, end
    begin = max(start - 1 - _BEFORE, 0)
    stop = min(begin + WIDTH, len(text))
    left, right = _CUT if begin else "", _CUT if stop < len(text) else ""
    shift = begin - len(left)
    return left + text[begin:stop] + right, start - shift, max(min(end, stop + 1) - shift, start - shift + 1)


def cells(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(char) in ("Mn", "Me", "Cf") else 2 if east_asian_width(char) in "WF" else 1 for char in text)
