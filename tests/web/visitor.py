"""A person before a browser without scripts: opens pages, fills forms, follows redirects, keeps cookies."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from tests.web.site import Answer, Site

VOID = {"input", "link", "meta", "img", "br", "hr"}
REDIRECTS = 5


@dataclass
class Form:
    """One form of a page: where it goes, and what its fields hold."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Element:
    """One element: its name, its attributes and the elements that it stands in."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]


class Page(HTMLParser):
    """One page that was opened: `status`, `path` (after redirects), its `elements`, `forms` and `text`."""

    def __init__(self, path: str, answer: Answer) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.answer = answer
        self.status = answer.status
        self.elements: list[Element] = []
        self.forms: list[Form] = []
        self.unclosed: list[str] = []
        self.mistakes: list[str] = []
        self._texts: list[str] = []
        self._select = self._area = ""
        self.feed(answer.body.decode())
        self.close()

    @property
    def text(self) -> str:
        """All words of the page, blanks folded."""
        return " ".join(" ".join(self._texts).split())

    def form(self, action: str) -> Form:
        """The first form that goes to this path."""
        return next(form for form in self.forms if urlsplit(form.action).path == action)

    def all(self, tag: str) -> list[Element]:
        """Every element of this name."""
        return [element for element in self.elements if element.tag == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; fields go to their form."""
        told = {name: value or "" for name, value in attrs}
        if len(told) != len(attrs):
            self.mistakes.append(f"<{tag}> says an attribute twice")
        self.elements.append(Element(tag, told, tuple(self.unclosed)))
        if tag not in VOID:
            self.unclosed.append(tag)
        if tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get")))
        if self.forms and "form" in self.unclosed:
            self._field(tag, told)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        fields, name = self.forms[-1].fields, told.get("name", "")
        if tag == "input" and name and (told.get("type") != "checkbox" or "checked" in told):
            fields[name] = told.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in told or self._select not in fields):
            fields[self._select] = told.get("value", "")
        elif tag == "textarea":
            self._area = name
            fields[name] = ""
        elif tag == "button" and name:
            self.forms[-1].buttons.append((name, told.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """Close an element; note one that was not the last opened."""
        if not self.unclosed or self.unclosed[-1] != tag:
            self.mistakes.append(f"</{tag}> closes {self.unclosed[-1:]}")
        if tag in self.unclosed:
            while self.unclosed.pop() != tag:
                pass
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Collect words."""
        self._texts.append(data)
        if self._area:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")


class Visitor:
    """Somebody who visits one site."""

    def __init__(self, site: Site, **headers: str) -> None:
        self.site = site
        self.origin = f"http://127.0.0.1:{site.server.port}"
        self.cookies: dict[str, str] = {}
        self.headers = {"Accept": "text/html", **headers}

    def open(self, path: str) -> Page:
        """A page, at the end of its redirects."""
        return self._arrive(path, self._ask("GET", path))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """Send a form from one of the site's own pages, and follow where it leads."""
        return self._arrive(path, self.send(path, fields, **headers))

    def send(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """The same, and only the first answer."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._ask("POST", path, {**sent, **told}, urlencode(fields).encode())

    def submit(self, page: Page, action: str, **fields: str) -> Page:
        """Fill in a form of this page and send it."""
        form = page.form(action)
        return self.post(form.action, {**form.fields, **fields})

    def _ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.site.ask(method, path, {**self.headers, **({"Cookie": cookie} if cookie else {}), **(headers or {})}, body)
        told = answer.headers.get("set-cookie", "")
        if told:
            name, _, value = told.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if "Max-Age=0" not in told:
                self.cookies[name] = value
        return answer

    def _arrive(self, path: str, answer: Answer) -> Page:
        for _ in range(REDIRECTS):
            if answer.status not in (301, 303):
                return Page(path, answer)
            path = urljoin(path, answer.headers["location"])
            answer = self._ask("GET", path)
        raise AssertionError(f"redirects without an end, at {path}")
