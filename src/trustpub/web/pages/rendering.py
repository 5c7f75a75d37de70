"""Templates: everything is escaped, an unknown name is an error, and every text comes from the catalogue of words."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from trustpub.web.pages.visible import visible
from trustpub.web.pages.words import event_said, field_said, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Rendering:
    """The templates of one index."""

    def __init__(self, root: str, static: Callable[[str], str]) -> None:
        self._environment = Environment(
            loader=PackageLoader("trustpub.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "moment": moment,
            "day": day,
            "size": size,
            "segment": segment,
            "visible": visible,
        }
        self._environment.globals |= {"static": static, "url": partial(url, root)}

    def __call__(self, template: str, language: str, values: Mapping[str, object]) -> str:
        """The page as text."""
        return self._environment.get_template(template).render(
            t=partial(said, language),
            event_said=partial(event_said, language),
            field_said=partial(field_said, language),
            language=language,
            **values,
        )


def url(root: str, path: str) -> str:
    """The address of one of our own pages, wherever this index lives on its host."""
    return root + path


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def moment(at: float) -> Markup:
    """A point in time: to the minute, in UTC, for people and for programs."""
    then = datetime.fromtimestamp(at, UTC)
    return _time(then.strftime("%Y-%m-%dT%H:%M:%SZ"), then.strftime("%Y-%m-%d %H:%M UTC"))


def day(at: float) -> Markup:
    """A day, in UTC."""
    then = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    return _time(then, then)


def _time(exact: str, shown: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(exact, shown)


def size(count: int) -> str:
    """Bytes, as people read them."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError(count)
