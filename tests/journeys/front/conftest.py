"""An index and the nginx before it, for all rows of a table: none may hurt the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.front.doors import Doors
from tests.journeys.front.nginx import in_front
from tests.web.site import Site


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """An index without an address of its own: its links say what it was told."""
    folder = tmp_path_factory.mktemp("front")
    with (
        Site(folder / "site", trusted_proxies=("127.0.0.1",), log_requests=True) as site,
        in_front(folder, site.server.port) as port,
    ):
        yield Doors(site, port, folder)
