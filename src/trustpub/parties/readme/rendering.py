"""README in, safe HTML out: readme_renderer as PyPI uses it, then what a page of ours must not hold.

Images become links: a page that a stranger wrote fetches nothing from anywhere. Headings go one level down, because the page
around has a title; ids and links to them get a prefix, so that neither can mean something of that page; a class stays only where
it colours code.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import nh3
from readme_renderer import markdown, rst
from readme_renderer.clean import ALLOWED_ATTRIBUTES, ALLOWED_TAGS

from trustpub.parties.readme.port import MOST_HTML, Markup

PREFIX = "user-content-"
REL = "nofollow noopener noreferrer ugc"
TAGS = ALLOWED_TAGS - {"img", "picture", "input", "nav", "aside", "section", "figure", "figcaption"}
ATTRIBUTES = {tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items() if tag in TAGS | {"*"}} | {"pre": {"class"}}
"""Not the `lang` of code: to a browser that is a language that people speak."""
_HIGHLIGHTED = frozenset({"span", "code", "pre"})
_OF_CODE = re.compile(r"[a-z][a-z0-9]{0,2}", re.ASCII)
_NAMELESS = re.compile(r'<a href="[^"]*"(?: (?:title|rel)="[^"]*")*></a>')
"""A link that says nothing, as renderers put beside every heading: a screen reader would stop at each."""
_HEADING = re.compile(r"h[1-6]", re.ASCII)


def rendered(markup: Markup, text: str) -> str | None:
    """Safe HTML, or None when the README is not written in this markup or becomes too much."""
    html = rst.render(text) if markup is Markup.RST else markdown.render(text, variant=markup.value)
    if not html or len(html) > MOST_HTML:
        return None
    safe = cleaned(html)
    return safe if len(safe) <= MOST_HTML else None


def cleaned(html: str) -> str:
    """Any HTML, made fit for a page of ours. What comes out is the sanitizer's, and only less than that."""
    rewriter = _Rewriter()
    rewriter.feed(html)
    rewriter.close()
    safe = nh3.clean(
        "".join(rewriter.pieces),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        link_rel=REL,
        url_schemes={"http", "https", "mailto"},
        url_relative=_within,
        id_prefix=PREFIX,
        set_tag_attribute_values={"pre": {"tabindex": "0"}},  # what scrolls can be reached by keys
    )
    return _NAMELESS.sub("", safe)


def _kept(tag: str, name: str, value: str) -> str | None:
    """An attribute's value; None takes the attribute away."""
    if name != "class":
        return value
    if tag not in _HIGHLIGHTED:
        return None
    return " ".join(each for each in value.split() if _OF_CODE.fullmatch(each)) or None


def _within(url: str) -> str | None:
    """A relative address may only lead to a place in the README: everything else of this index is not the README's."""
    return url if url.startswith("#" + PREFIX) else None


class _Rewriter(HTMLParser):
    """Replaces what has to be replaced and not merely dropped."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._links = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            self.pieces.append(self._image(values))
        elif tag == "input":
            self.pieces.append("\N{BALLOT BOX WITH CHECK} " if "checked" in values else "\N{BALLOT BOX} ")
        elif tag == "a":
            self._links += 1
            self.pieces.append(self._link(values))
        elif _HEADING.fullmatch(tag):
            self.pieces.append((self.get_starttag_text() or "").replace(tag, _lower(tag), 1))
        else:
            self.pieces.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._links -= tag == "a" and self._links > 0
        self.pieces.append(f"</{_lower(tag) if _HEADING.fullmatch(tag) else tag}>")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_entityref(self, name: str) -> None:
        self.pieces.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.pieces.append(f"&#{name};")

    def _image(self, values: dict[str, str]) -> str:
        """What an image says, and a link to it where there is not a link around it already."""
        said = escape(values.get("alt") or values.get("title") or "image")
        source = values.get("src", "")
        if self._links or not source:
            return f"[{said}]"
        return f'<a href="{escape(source)}">[{said}]</a>'

    def _link(self, values: dict[str, str]) -> str:
        target = values.get("href", "")
        if target.startswith("#") and not target.startswith("#" + PREFIX):
            target = "#" + PREFIX + target[1:]
        kept = [("href", target), ("id", values.get("id", "")), ("title", values.get("title", ""))]
        return "<a" + "".join(f' {name}="{escape(value)}"' for name, value in kept if value) + ">"


def _lower(heading: str) -> str:
    """The next lower heading."""
    return f"h{min(int(heading[1]) + 1, 6)}"
