"""The PostgreSQL of the tests is there for the whole run."""

from __future__ import annotations

import os

import pytest

from tests import postgresql


@pytest.mark.pg
def test_a_server_outlives_the_sessions_that_begin_beside_it(pg_server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each of them closes the folder of all to other users, and the server is another one where root runs the tests."""
    above = tmp_path_factory.getbasetemp().parent
    above.chmod(0o700)
    with postgresql.database(pg_server) as url:
        assert f"t_{os.getpid()}_" in url
    postgres = None if os.environ.get(postgresql.NAMED) else postgresql.Postgres()
    if postgres is not None:
        above.chmod(0o700)
        postgres.kill()
        postgres.start()
        postgres.stop()
