"""The simple API's pages: HTML and JSON from the same values.

Mirrors: warehouse/api/simple.py and templates/api/simple @6b62157 (PEP 503, 592, 629, 658, 691, 700, 714, 792), without the keys
of what this index does not have.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.claims import JSON
    from trustpub.storage.files import File
    from trustpub.usecases.browse import Listing, Names

API_VERSION = "1.4"
FROM_PAGE = "../.."
"""From `/simple/NAME/` to the root: addresses in pages are relative, so that they hold behind any proxy and under any name."""


class Form(Enum):
    """The forms of a page, by media type, in the order in which a tie is decided."""

    HTML = "text/html"
    JSON = "application/vnd.pypi.simple.v1+json"
    V1_HTML = "application/vnd.pypi.simple.v1+html"

    @property
    def content_type(self) -> str:
        """The value of the header."""
        return "text/html; charset=utf-8" if self is Form.HTML else self.value


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What a client likes best: a form, and whether it may come compressed. There is one of each (`WISHES`)."""

    form: Form
    zipped: bool


WISHES = {(form, zipped): Wish(form, zipped) for form in Form for zipped in (False, True)}

_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def negotiate(accept: str) -> Form:
    """The form a client likes best; HTML when it says nothing or wants nothing that we have (never 406, as PyPI).

    Quality values are honoured, and a more specific range beats a wildcard (RFC 9110 12.5.1).
    """
    wishes = dict(_wish(part) for part in accept.lower().split(",") if part.strip())
    best, best_quality = Form.HTML, 0.0
    for form in Form:
        kind = form.value.partition("/")[0]
        ranges = (form.value, f"{kind}/*", "*/*")
        quality = next((wishes[name] for name in ranges if name in wishes), 0.0)
        if quality > best_quality:
            best, best_quality = form, quality
    return best


def wants_gzip(accept_encoding: str) -> bool:
    """Whether a client asks for gzip, by name or as any coding, and does not like it less than the bytes as they are."""
    wishes = dict(_wish(part) for part in accept_encoding.lower().split(",") if part.strip())
    quality = wishes.get("gzip", wishes.get("*", 0.0))
    return quality > 0 and quality >= wishes.get("identity", 0.0)


def _wish(part: str) -> tuple[str, float]:
    media, *parameters = [piece.strip() for piece in part.split(";")]
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            value = value.strip()
            return media, float(value) if _QUALITY.fullmatch(value) else 0.0
    return media, 1.0


def file_url(file: File, root: str) -> str:
    """Where a file's bytes are: below its hash, so that an address never means other bytes."""
    return f"{root}/files/{file.sha256[:2]}/{file.sha256[2:4]}/{file.sha256}/{quote(file.filename)}"


def provenance_url(file: File, listing: Listing, root: str) -> str | None:
    """Where a file's provenance is (PEP 740); None when it has none."""
    if file.provenance is None:
        return None
    return f"{root}/integrity/{listing.normalized}/{file.version}/{quote(file.filename)}/provenance"


def moment(seconds: float) -> str:
    """ISO 8601 in UTC with microseconds, as PyPI writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def project_page(listing: Listing, form: Form, root: str) -> bytes:
    """One project's page."""
    return project_json(listing, root) if form is Form.JSON else project_html(listing, root)


def names_page(names: Names, form: Form) -> bytes:
    """The page of all names."""
    return names_json(names) if form is Form.JSON else names_html(names)


def project_json(listing: Listing, root: str) -> bytes:
    """The project's page in JSON (PEP 691 with 700, 714, 740 and 792)."""
    page: JSON = {
        "meta": {"api-version": API_VERSION, "_last-serial": listing.serial},
        "name": listing.normalized,
        "project-status": {"status": listing.state, **({"reason": listing.reason} if listing.reason else {})},
        "versions": list(listing.versions),
        "files": [_json_file(file, listing, root) for file in listing.files],
    }
    return json.dumps(page, separators=(",", ":")).encode("ascii")


def _json_file(file: File, listing: Listing, root: str) -> JSON:
    core: JSON = {"sha256": file.metadata_sha256} if file.metadata_sha256 else False
    return {
        "filename": file.filename,
        "url": file_url(file, root),
        "hashes": {"sha256": file.sha256},
        "requires-python": file.requires_python,
        "size": file.size,
        "upload-time": moment(file.upload_time),
        "yanked": file.yanked and (file.yanked_reason or True),
        "core-metadata": core,
        "data-dist-info-metadata": core,
        "provenance": provenance_url(file, listing, root),
    }


def project_html(listing: Listing, root: str) -> bytes:
    """The project's page in HTML (PEP 503 with 592, 629, 658, 714 and 792)."""
    anchors = (_anchor(file, listing, root) for file in listing.files)
    lines = links_page(listing.name, status_lines(listing.state, listing.reason), anchors)
    return "\n".join([*lines, f"<!--SERIAL {listing.serial}-->"]).encode()


def _anchor(file: File, listing: Listing, root: str) -> str:
    return anchor(
        file.filename,
        file_url(file, root),
        file.sha256,
        requires_python=file.requires_python,
        yanked=file.yanked and (file.yanked_reason or True),
        metadata_sha256=file.metadata_sha256,
        provenance=provenance_url(file, listing, root),
    )


def links_page(name: str, about: Iterable[str], anchors: Iterable[str]) -> Iterator[str]:
    """The lines of one project's page, ours or another index's, with the lines `about` it in the head."""
    yield from head(f"Links for {escape(name)}")
    yield from about
    yield from ("  </head>", "  <body>", f"    <h1>Links for {escape(name)}</h1>")
    yield from anchors
    yield from ("  </body>", "</html>")


def status_lines(status: str, reason: str | None) -> Iterator[str]:
    """A project's status (PEP 792) in the head of its page."""
    yield meta("project-status", status)
    if reason:
        yield meta("project-status-reason", reason)


def meta(name: str, content: str) -> str:
    """One line in the head that installers read."""
    return f'    <meta name="pypi:{name}" content="{escape(content)}">'


def anchor(
    filename: str,
    url: str,
    sha256: str,
    *,
    requires_python: str | None,
    yanked: str | bool,
    metadata_sha256: str | None,
    provenance: str | None = None,
) -> str:
    """One file's line. Hot: a page has one for every file."""
    attributes = f'href="{escape(url)}#sha256={sha256}"'
    if requires_python:
        attributes += f' data-requires-python="{escape(requires_python)}"'
    if yanked:
        attributes += f' data-yanked="{"" if yanked is True else escape(yanked)}"'
    if metadata_sha256:
        proof = f"sha256={metadata_sha256}"
        attributes += f' data-dist-info-metadata="{proof}" data-core-metadata="{proof}"'
    if provenance:
        attributes += f' data-provenance="{escape(provenance)}"'
    return f"    <a {attributes}>{escape(filename)}</a><br>"


def names_json(names: Names) -> bytes:
    """All names in JSON. Without each project's serial: that would make one upload stale the whole page."""
    spelled = [name for _, name in names.names]
    # One list of texts with objects between them for commas: a fifth of the time that 50,000 objects take.
    listed = json.dumps(spelled, separators=('},{"name":', ":"))[1:-1]
    projects = f'{{"name":{listed}}}' if spelled else ""
    meta = json.dumps({"api-version": API_VERSION, "_last-serial": names.serial}, separators=(",", ":"))
    return f'{{"meta":{meta},"projects":[{projects}]}}'.encode("ascii")


def names_html(names: Names) -> bytes:
    """All names in HTML."""
    lines = [*head("Simple index"), "  </head>", "  <body>"]
    lines += [f'    <a href="{normalized}/">{escape(name)}</a><br>' for normalized, name in names.names]
    lines += ["  </body>", "</html>", f"<!--SERIAL {names.serial}-->"]
    return "\n".join(lines).encode()


def head(title: str) -> tuple[str, ...]:
    """The lines with which every HTML page begins, up to its title; the head is left open."""
    return (
        "<!DOCTYPE html>",
        '<html lang="en">',
        "  <head>",
        '    <meta charset="utf-8">',
        meta("repository-version", API_VERSION),
        f"    <title>{title}</title>",
    )
