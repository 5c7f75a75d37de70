"""What a release says of itself, as its page shows it: every value clipped, nothing in it that could act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.web.pages.links import followable
from trustpub.web.pages.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON

MOST = 100
"""Values of one field that are shown: some metadata has thousands."""
LONG_LICENSE = 100


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its label; `address` is empty when nothing may lead there, `text` is then what was written."""

    label: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """One release's metadata, each value ready for a line of the page."""

    summary: str
    license: str
    requires_python: str
    authors: tuple[str, ...]
    maintainers: tuple[str, ...]
    keywords: tuple[str, ...]
    links: tuple[Link, ...]
    dependencies: tuple[str, ...]
    extras: tuple[str, ...]
    classifiers: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: int


def described(metadata: Mapping[str, JSON]) -> Metadata:
    """Read whatever was stored: of a value that has not the shape it should have, nothing is shown."""
    dependencies, classifiers = _texts(metadata, "requires_dist"), _texts(metadata, "classifiers")
    links = _links(metadata)
    left_out = sum(max(0, len(each) - MOST) for each in (dependencies, classifiers, links))
    return Metadata(
        summary=visible(_text(metadata, "summary")),
        license=_license(metadata, classifiers),
        requires_python=visible(_text(metadata, "requires_python"), 200),
        authors=_people(metadata, "author", "author_email"),
        maintainers=_people(metadata, "maintainer", "maintainer_email"),
        keywords=_keywords(metadata),
        links=links[:MOST],
        dependencies=tuple(visible(each, 300) for each in dependencies[:MOST]),
        extras=tuple(visible(each, 100) for each in _texts(metadata, "provides_extra")[:MOST]),
        classifiers=_grouped(classifiers[:MOST]),
        left_out=left_out,
    )


def _text(metadata: Mapping[str, JSON], name: str) -> str:
    value = metadata.get(name)
    return value if isinstance(value, str) else ""


def _texts(metadata: Mapping[str, JSON], name: str) -> tuple[str, ...]:
    value = metadata.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _license(metadata: Mapping[str, JSON], classifiers: tuple[str, ...]) -> str:
    """The expression, else a licence that is one line, else what the classifiers name: some write the whole text."""
    expression = _text(metadata, "license_expression")
    if expression:
        return visible(expression, 200)
    written = _text(metadata, "license").strip()
    if written and "\n" not in written and len(written) <= LONG_LICENSE:
        return visible(written)
    named = [each.rpartition("::")[2].strip() for each in classifiers if each.startswith("License ::")]
    return visible(", ".join(named[:5])) or visible(written.partition("\n")[0], LONG_LICENSE)


def _people(metadata: Mapping[str, JSON], name: str, address: str) -> tuple[str, ...]:
    told = (_text(metadata, name), _text(metadata, address))
    return tuple(visible(each, 200) for each in told if each.strip())


def _keywords(metadata: Mapping[str, JSON]) -> tuple[str, ...]:
    listed = _texts(metadata, "keywords") or tuple(_text(metadata, "keywords").split(","))
    return tuple(visible(each, 60) for each in listed[:MOST] if each.strip())


def _links(metadata: Mapping[str, JSON]) -> tuple[Link, ...]:
    told = metadata.get("project_urls")
    if isinstance(told, dict):
        pairs = [(label, address) for label, address in told.items() if isinstance(address, str)]
    else:
        split = (each.partition(",") for each in _texts(metadata, "project_urls"))
        pairs = [(label, address) for label, _, address in split]
    for label, name in (("Homepage", "home_page"), ("Download", "download_url")):
        address = _text(metadata, name)
        if address and address not in {each for _, each in pairs}:
            pairs.append((label, address))
    return tuple(
        Link(visible(label, 60) or "?", followable(address), visible(address, 300)) for label, address in pairs if address.strip()
    )


def _grouped(classifiers: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Classifiers by their first part, as people read them."""
    groups: dict[str, list[str]] = {}
    for each in classifiers:
        first, _, rest = each.partition("::")
        groups.setdefault(visible(first, 60), []).append(visible(rest or first, 200))
    return tuple((group, tuple(items)) for group, items in groups.items())
