"""A page that holds forms: as it is, or again with what was wrong with what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from trustpub.usecases.not_done import NotDone
    from trustpub.web.pages.visit import Visit


def page_or_again(visit: Visit, template: str, why: NotDone | None, *, back: str = "", **values: object) -> Response:
    """The page; with `why`, its problems at their fields and the status that goes with them. `back`: see `Visit.refused`."""
    if why is None:
        return visit.page(template, 200, secret=False, problems=None, **values)
    return visit.refused(why, template, secret=False, back=back, **values)
