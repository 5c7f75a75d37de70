"""Code frames: a place in a file drawn with its lines, and a caret under the value.

      --> .github/workflows/release.yml:31:5
       |
    31 |     permissions: {}
       |     ^^^^^^^^^^^^^^^ nothing is granted here

Columns on the screen are not code points: a wide character takes two, a combining one none. Lines that are too long are cut
around the place. Nothing that could drive a terminal gets through: not from a line, not from a path, not from a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.text import wrapped

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
    place = shortened(place)
    width = max(gutter, len(str(_last_number(place))))
    yield f"{' ' * width}--> {calm(place.path)}:{place.line}:{place.column}"
    if not place.lines:
        return
    yield f"{' ' * width} |"
    first, several = calm(place.lines[0]), len(place.lines) > 1
    end = place.end_column if place.end_line == place.line else len(first) + 1
    yield from _line(width, place.line, first, (place.column, end), "" if several else message, style)
    if several:
        yield from _rest(place, width, message, style)


def shortened(place: Excerpt) -> Excerpt:
    """Let a place that ends with the end of a line end there, not before the first character of the next one."""
    if place.end_line == place.line or place.end_column > 1:
        return place
    lines = place.lines[: place.end_line - place.line]
    return place._replace(end_line=place.end_line - 1, end_column=len(lines[-1]) + 1 if lines else 1, lines=lines)


def _rest(place: Excerpt, width: int, message: str, style: Callable[[str], str]) -> Iterator[str]:
    """Draw the last line of a place that has several, as far as it was kept."""
    number = _last_number(place)
    if number > place.line + 1:
        yield f"{_CUT:>{width}} |"
    text = calm(place.lines[-1])
    start = len(text) - len(text.lstrip()) + 1
    end = place.end_column if number == place.end_line else len(text) + 1
    yield from _line(width, number, text, (start, end), message, style)


def _last_number(place: Excerpt) -> int:
    return place.line + max(len(place.lines) - 1, 0)


def _line(
    width: int, number: int, text: str, columns: tuple[int, int], message: str, style: Callable[[str], str]
) -> Iterator[str]:
    """Draw one line and its carets. The message stands behind them, or below where there is no room."""
    shown, start, end = cut(text, *columns)
    before, under = cells(shown[: start - 1]), max(cells(shown[start - 1 : end - 1]), 1)
    words = calm(message)
    beside = bool(words) and before + under + 1 + cells(words) <= WIDTH
    yield f"{number:>{width}} | {shown}".rstrip()
    yield f"{' ' * width} | {' ' * before}{style('^' * under + (f' {words}' if beside else ''))}"
    if words and not beside:
        left = min(before, WIDTH // 2)
        for line in wrapped(words, WIDTH - left):
            yield f"{' ' * width} | {' ' * left}{style(line)}"


def cut(text: str, start: int, end: int) -> tuple[str, int, int]:
    """Shorten a line to what surrounds the columns from `start` to before `end`; return it with its new columns."""
    end = max(min(end, len(text) + 1), start + 1)
    if len(text) <= WIDTH and cells(text) <= WIDTH:
        return text, start, end
    begin = stop = min(start - 1, len(text))
    while begin and cells(text[begin - 1 : stop]) <= _BEFORE and stop - begin < _BEFORE:
        begin -= 1
    while stop < len(text) and cells(text[begin : stop + 1]) <= WIDTH and stop - begin < WIDTH:
        stop += 1
    left, right = _CUT if begin else "", _CUT if stop < len(text) else ""
    shift = begin - len(left)
    return left + text[begin:stop] + right, start - shift, max(min(end, stop + 1) - shift, start - shift + 1)


def calm(text: str) -> str:
    """Make a text fit to print: any space becomes a plain one, any other character without a shape a replacement mark.

    Control characters, escapes and marks that turn the direction of writing are of that kind. The length stays the same.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}" for char in text)


def cells(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    wide = sum(east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(category(char) in ("Mn", "Me", "Cf") or _joins(char) for char in text)


def _joins(char: str) -> bool:
    """Whether this is a vowel or a final consonant of Korean written in parts, which is drawn into the syllable before it."""
    return "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
