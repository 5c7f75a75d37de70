"""Alive, ready, and why not: never more than the failing part's name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.web.site import Site


def test_ready_while_the_stores_take_something(site: Site) -> None:
    """One word, never kept."""
    for path in ("/readyz", "/healthz?ready"):
        answer = site.get(path)
        assert (200, {"status": "ok"}, "no-store") == (answer.status, answer.json(), answer.headers["cache-control"])


def test_a_store_that_is_gone_is_named(site: Site) -> None:
    """By its part alone: where it is, and what went wrong, is nobody's business."""
    shutil.rmtree(site.settings.data / "tmp")
    answer = site.get("/readyz")
    assert (503, {"status": "failing", "failing": ["blobs"]}) == (answer.status, answer.json())
    assert (200, {"status": "ok"}) == (site.get("/healthz").status, site.get("/healthz").json())


def test_a_database_that_is_closed_is_named(site: Site) -> None:
    """The process lives on."""
    site.database.close()
    answer = site.get("/readyz")
    assert (503, ["database"]) == (answer.status, answer.json()["failing"])  # type: ignore[index, call-overload]
    assert 200 == site.get("/healthz").status


@pytest.mark.folder  # it asks SQLite how many rows were changed
def test_many_who_ask_at_once_are_one_question(site: Site) -> None:
    """Each question is a write, and anybody may ask."""
    before = site.write(lambda connection: connection.exec_driver_sql("SELECT total_changes()").scalar_one())
    for _ in range(20):
        site.get("/readyz")
    after = site.write(lambda connection: connection.exec_driver_sql("SELECT total_changes()").scalar_one())
    assert after - before <= 3


def test_a_process_that_ends_is_alive_and_not_ready(site: Site) -> None:
    """So that a proxy sends it nothing more."""
    site.service.stopping.set()
    assert (503, {"status": "stopping"}) == (site.get("/readyz").status, site.get("/readyz").json())
    assert 200 == site.get("/healthz").status


def test_the_folder_is_left_as_it_was(site: Site, tmp_path: Path) -> None:
    """A question leaves nothing behind."""
    site.get("/readyz")
    assert [] == list((site.settings.data / "tmp").iterdir())
    assert tmp_path.exists()
