"""What becomes of a README, and what a hostile one cannot do to a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.parties.readme.port import Markup
from trustpub.parties.readme.rendering import PREFIX, TAGS, cleaned, rendered

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href=' data:text/html,<script>1</script>'>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi xlink:href='javascript:1'>x</mi></math>",
    "<iframe src='https://evil.example'></iframe>",
    "<form action='https://evil.example'><input name=p><button>go</button></form>",
    "<style>*{display:none}</style>",
    "<div style='position:fixed;inset:0'>x</div>",
    "<div class='notice' id='main' onclick='x()'>x</div>",
    "<p id='csrf'>x</p>",
    "<object data='https://evil.example/x.svg'></object>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<details open ontoggle=alert(1)>x</details>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='//evil.example'>x</a><a href='/account/'>y</a>",
    "<img alt='\"><script>alert(1)</script>' src='https://x.example/a.png'>",
    "<a title='>\"><script>alert(1)</script>' href='https://x.example'></a>",
]


class Reader(HTMLParser):
    """Every tag and attribute of a text, as a browser would meet them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def assert_safe(html: str) -> None:
    """Only tags that we know, nothing that is fetched or run, links to where links may lead, names of the README's own."""
    for tag, attributes in Reader(html).found:
        assert tag in TAGS, tag
        assert not {"src", "style", "action", "srcset"} & set(attributes), attributes
        assert not [name for name in attributes if name.startswith("on")], attributes
        assert attributes.get("id", PREFIX).startswith(PREFIX)
        for each in attributes.get("class", "").split():
            assert re.fullmatch("[a-z][a-z0-9]{0,2}", each), each
        href = attributes.get("href", "#" + PREFIX).lower()
        assert href.startswith(("http://", "https://", "mailto:", "#" + PREFIX)), href


@pytest.mark.parametrize("html", HOSTILE)
@pytest.mark.parametrize("markup", [*Markup])
def test_hostile_html_comes_out_harmless(markup: Markup, html: str) -> None:
    """In whatever markup it stands."""
    assert_safe(rendered(markup, f"Before\n\n{html}\n\nAfter `x`\n") or "")


@given(st.lists(st.sampled_from([*HOSTILE, "<", ">", '"', "'", "&", "</a>", "<a href=", "<h1>", "x", " "]), max_size=8))
def test_no_mixture_of_pieces_is_harmful(pieces: list[str]) -> None:
    """However they are put together."""
    assert_safe(cleaned("".join(pieces)))


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing_but_headings(text: str) -> None:
    """What is safe stays as it is."""
    once = cleaned(text)
    assert once == cleaned(once)


def test_markdown_becomes_html() -> None:
    """Headings one level down, links without power, code in colours, boxes as signs."""
    code = "```python\nimport os\n```"
    html = rendered(Markup.GFM, f"# Hi\n\n[a](https://a.example) [up](#hi)\n\n{code}\n\n- [x] done\n- [ ] to do\n")
    assert html is not None
    assert '<h2 id="user-content-hi">Hi</h2>' in html
    assert '<a href="https://a.example" rel="nofollow noopener noreferrer ugc">a</a>' in html
    assert '<a href="#user-content-hi"' in html
    assert '<span class="kn">import</span>' in html
    assert ("\N{BALLOT BOX WITH CHECK}" in html, "\N{BALLOT BOX} " in html) == (True, True)


def test_images_become_links() -> None:
    """Nothing is fetched; inside a link the words stay."""
    html = rendered(Markup.GFM, "![logo](https://a.example/l.png) [![badge](https://b.example/b.svg)](https://c.example)")
    assert html is not None
    assert '<a href="https://a.example/l.png" rel="nofollow noopener noreferrer ugc">[logo]</a>' in html
    assert '<a href="https://c.example" rel="nofollow noopener noreferrer ugc">[badge]</a>' in html
    assert "b.svg" not in html


def test_restructured_text_becomes_html_and_reads_no_file() -> None:
    """A directive that would read one ends the rendering."""
    assert "<strong>b</strong>" in (rendered(Markup.RST, "Title\n=====\n\n**b**\n") or "")
    assert rendered(Markup.RST, ".. include:: /etc/passwd\n") is None
    assert rendered(Markup.RST, ".. raw:: html\n\n   <b>x</b>\n") is None
    assert rendered(Markup.RST, "Broken `link <\n=\n") is None


def test_nothing_at_all_is_not_rendered() -> None:
    """The page shows it as it is written."""
    assert rendered(Markup.GFM, "") is None
