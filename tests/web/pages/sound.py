"""What holds of every page: sound markup, a label for every field, nothing inline, and its headers."""

from __future__ import annotations

from tests.web.visitor import Page

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
UNLABELLED = {"hidden", "submit"}
POINTING = ("aria-describedby", "aria-labelledby", "for")


def unsound(page: Page) -> list[str]:
    """Everything that is wrong with a page; empty when it is sound."""
    return [*page.mistakes, *page.unclosed, *_markup(page), *_fields(page), *_headers(page)]


def _markup(page: Page) -> list[str]:
    found = [] if len(page.all("h1")) == 1 else [f"{len(page.all('h1'))} h1"]
    found += [] if page.all("html")[0].attributes.get("lang") in ("en", "ko") else ["no language"]
    ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
    found += [f"id {each} twice" for each in set(ids) if ids.count(each) > 1]
    for each in page.elements:
        found += [f"<{each.tag} {name}>" for name in each.attributes if name == "style" or name.startswith("on")]
        for name in POINTING:
            found += [f"{name}={told} leads nowhere" for told in each.attributes.get(name, "").split() if told not in ids]
        if each.tag == "style" or (each.tag == "script" and not each.attributes.get("src", "").startswith("/static/")):
            found.append(f"inline <{each.tag}>")
        if each.tag == "img" and "alt" not in each.attributes:
            found.append("an image without alt")
        if each.tag == "form" and each.attributes.get("method", "get") not in ("get", "post"):
            found.append("a form with another method")
    return found


def _fields(page: Page) -> list[str]:
    labelled = {each.attributes.get("for") for each in page.all("label")}
    fields = [each for tag in ("input", "select", "textarea") for each in page.all(tag)]
    return [
        f"{each.tag} {each.attributes.get('name')} has no label"
        for each in fields
        if each.attributes.get("type") not in UNLABELLED
        and each.attributes.get("id") not in labelled
        and each.attributes.get("aria-hidden") != "true"
    ]


def _headers(page: Page) -> list[str]:
    headers = page.answer.headers
    wanted = {
        "content-security-policy": POLICY,
        "content-type": "text/html; charset=utf-8",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "content-language": page.all("html")[0].attributes.get("lang", ""),
    }
    found = [f"{name}: {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value]
    if headers.get("referrer-policy") not in ("same-origin", "no-referrer"):
        found.append("no referrer-policy")
    return found + [f"no {name}" for name in ("permissions-policy", "cache-control", "vary") if name not in headers]
