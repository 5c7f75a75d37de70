"""The contract of a renderer, on the real process and on the stand-in; and what the process survives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from trustpub.errors import Broken
from trustpub.parties.readme.fake import FakeRenderer
from trustpub.parties.readme.port import Markup, Renderer
from trustpub.parties.readme.process import RendererProcess


@pytest.fixture(scope="module")
def process() -> Iterator[RendererProcess]:
    """One process for the whole module."""
    renderer = RendererProcess()
    yield renderer
    renderer.close()


@pytest.fixture(params=["process", "fake"])
def renderer(request: pytest.FixtureRequest, process: RendererProcess) -> Renderer:
    """Either."""
    return process if request.param == "process" else FakeRenderer()


def test_a_paragraph_is_a_paragraph(renderer: Renderer) -> None:
    """Escaped, and not changed otherwise."""
    assert "<p>a &amp; b</p>" == (renderer.render(Markup.GFM, "a & b") or "").strip()


def test_what_is_closed_renders_nothing_more() -> None:
    """Closing twice is closing."""
    renderer = RendererProcess()
    renderer.close()
    renderer.close()
    with pytest.raises(Broken):
        renderer.render(Markup.GFM, "x")


def test_a_readme_that_takes_too_much_is_not_rendered(long_run: bool) -> None:
    """The process dies of it, and the next README has another one. In the short run it dies of our impatience."""
    renderer = RendererProcess() if long_run else RendererProcess(patience=0.6)
    try:
        assert renderer.render(Markup.GFM, "> " * 200_000 + "x") is None
        renderer._patience = 10
        assert "<p>next</p>" == (renderer.render(Markup.GFM, "next") or "").strip()
    finally:
        renderer.close()


def test_a_process_that_ended_is_started_again(process: RendererProcess) -> None:
    """An idle one ends by itself."""
    process.render(Markup.GFM, "x")
    child = process._child
    assert child is not None
    child._process.kill()
    child._process.wait()
    assert "<p>next</p>" == (process.render(Markup.GFM, "next") or "").strip()
