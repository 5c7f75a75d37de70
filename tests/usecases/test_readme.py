"""READMEs behind their cache."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.claims import JSON
from trustpub.parties.readme.fake import FakeRenderer
from trustpub.parties.readme.port import MOST_TEXT, Markup
from trustpub.usecases.readme import MOST_WAITING, Readme, Readmes, markup_of

MARKDOWN = "text/markdown"


@pytest.fixture
def renderer() -> FakeRenderer:
    """Counts."""
    return FakeRenderer()


@pytest.fixture
def readmes(renderer: FakeRenderer) -> Iterator[Readmes]:
    """Over the stand-in."""
    made = Readmes(renderer)
    yield made
    made.close()
    assert renderer.closed


def of(readmes: Readmes, text: str, kind: str | None = MARKDOWN) -> Readme:
    """Waits for one."""
    return readmes.of({"description": text, "description_content_type": kind}).result(5)


@pytest.mark.parametrize(
    ("kind", "markup"),
    [
        ("text/markdown", Markup.GFM),
        ("Text/Markdown; charset=UTF-8; variant=GFM", Markup.GFM),
        ("text/markdown; variant=CommonMark", Markup.COMMON_MARK),
        ('text/markdown;variant="commonmark"', Markup.COMMON_MARK),
        ("text/markdown;", Markup.GFM),
        ("text/x-rst", Markup.RST),
        ("", Markup.RST),
        ("text/plain", None),
        ("text/html", None),
    ],
)
def test_the_content_type_names_the_markup(kind: str, markup: Markup | None) -> None:
    """As PyPI reads it."""
    assert markup == markup_of(kind)


@given(st.text(max_size=40))
def test_any_content_type_can_be_read(kind: str) -> None:
    """It is a stranger's text."""
    assert markup_of(kind) in {None, *Markup}


def test_a_readme_is_rendered_once(readmes: Readmes, renderer: FakeRenderer) -> None:
    """The second time it is remembered."""
    first, second = of(readmes, "hello"), of(readmes, "hello")
    assert (Readme("<p>hello</p>", "hello"),) * 2 == (first, second)
    assert [(Markup.GFM, "hello")] == renderer.asked


def test_the_same_text_in_another_markup_is_another_readme(readmes: Readmes, renderer: FakeRenderer) -> None:
    """They may differ."""
    of(readmes, "hello")
    of(readmes, "hello", None)
    assert [Markup.GFM, Markup.RST] == [markup for markup, _ in renderer.asked]


@pytest.mark.parametrize("text", ["", "  \n", "x" * (MOST_TEXT + 1)])
def test_nothing_and_too_much_are_shown_as_they_are_written(text: str, readmes: Readmes, renderer: FakeRenderer) -> None:
    """Nobody is asked about them."""
    assert (Readme("", text), []) == (of(readmes, text), renderer.asked)


def test_plain_text_is_shown_as_it_is_written(readmes: Readmes, renderer: FakeRenderer) -> None:
    """And so is a type that nobody knows."""
    assert (Readme("", "a"), Readme("", "b"), []) == (
        of(readmes, "a", "text/plain"),
        of(readmes, "b", "application/x-more"),
        renderer.asked,
    )


def test_what_cannot_be_rendered_is_remembered_as_such(readmes: Readmes, renderer: FakeRenderer) -> None:
    """A README that takes three seconds takes them once."""
    assert (Readme("", "!no"),) * 2 == (of(readmes, "!no"), of(readmes, "!no"))
    assert 1 == len(renderer.asked)


def test_a_machine_without_a_free_process_is_asked_again(readmes: Readmes, renderer: FakeRenderer) -> None:
    """That was not the README's fault."""
    renderer.broken = True
    assert Readme("", "x") == of(readmes, "x")
    renderer.broken = False
    assert Readme("<p>x</p>", "x") == of(readmes, "x")


def test_text_that_reorders_what_is_around_it_is_shown(readmes: Readmes) -> None:
    """A comment in an example must not look like code."""
    assert "\N{REPLACEMENT CHARACTER}U+202E" in of(readmes, "a \u202e b").html


def test_half_a_character_harms_nobody(readmes: Readmes) -> None:
    """JSON can hold one."""
    assert "\ud800" == of(readmes, "\ud800").text


class Slow(FakeRenderer):
    """Waits until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def render(self, markup: Markup, text: str) -> str | None:
        self.go.wait(5)
        return super().render(markup, text)


def test_a_crowd_waits_for_nobody() -> None:
    """Beyond the queue a README is shown as it is written, and the same one is rendered once for all."""
    slow = Slow()
    readmes = Readmes(slow)
    try:
        waiting: list[Future[Readme]] = [
            readmes.of({"description": f"{number}", "description_content_type": MARKDOWN}) for number in range(MOST_WAITING)
        ]
        again = readmes.of({"description": "0", "description_content_type": MARKDOWN})
        assert again is waiting[0]
        assert Readme("", "more") == of(readmes, "more")
        slow.go.set()
        assert [f"<p>{number}</p>" for number in range(MOST_WAITING)] == [each.result(5).html for each in waiting]
    finally:
        slow.go.set()
        readmes.close()


def test_nobody_waits_long() -> None:
    """Who comes while one is rendered sees it as it is written, and the next visitor sees it rendered."""
    slow = Slow()
    readmes = Readmes(slow)
    told: dict[str, JSON] = {"description": "x", "description_content_type": MARKDOWN}
    try:
        assert Readme("", "x") == readmes.now(told, patience=0.01)
        slow.go.set()
        assert Readme("<p>x</p>", "x") == readmes.now(told) == readmes.now(told)
    finally:
        slow.go.set()
        readmes.close()


def test_memory_has_an_end(renderer: FakeRenderer) -> None:
    """The README that nobody asked for longest goes first."""
    readmes = Readmes(renderer, remembered=300)
    try:
        for text in ("a" * 50, "b" * 50, "c" * 50, "a" * 50):
            of(readmes, text)
    finally:
        readmes.close()
    assert ["a", "b", "c", "a"] == [text[0] for _, text in renderer.asked]
