"""One publisher of one project, as its people see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.domain.publishers import Publisher


@dataclass(frozen=True, slots=True)
class Registration:
    """A publisher of one project. `id` names this link, not the publisher: other projects may have the same publisher.

    `new` is False for one that was there before. Of a pending one `user` will own the project that it makes, and `expires`
    (seconds since the epoch) is when it is removed unless it was used.
    """

    id: str
    project: str
    publisher: Publisher
    pending: bool
    user: str | None = None
    new: bool = False
    expires: int | None = None
