"""The same server on SQLite and on PostgreSQL, both durable: a project page as JSON, exchanges, uploads. Without a budget.

PostgreSQL runs on this same machine and takes its share of the processors; only our own processor time is told.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from bench.rows.exchanges import measure as measure_exchanges
from bench.rows.exchanges import prepare
from bench.rows.reads import JSON_PAGE, Side, page_or_file, send_upload
from bench.rows.uploads import basic, request
from bench.rows.uploads import measure as measure_uploads
from bench.server import cli, folder, ours
from bench.table import Line, say
from tests.postgresql import Postgres, missing
from trustpub.parties.issuer.signing import SigningKey


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A server of our own that waits for the disk; gives its address."""
    server = Postgres(durable=True)
    try:
        yield server.url
    finally:
        server.stop()


def measure(side: str, keys: SigningKey, setting: str) -> None:
    """All figures of one side."""
    with folder() as scratch:
        config = prepare(scratch, keys, more=setting)
        admin = ("admin", "--data", str(scratch / "data"), "--config", str(scratch / "admin.toml"))
        token = cli(*admin, "token", "create", "hana", "--scope", "upload").split()[-1]
        with ours(scratch / "data", config) as (port, pid):
            measure_exchanges(side, port, pid, keys, scratch, budget=False)
            base, authorization = f"http://127.0.0.1:{port}", basic("__token__", token)
            send_upload(base, request("/legacy/", authorization, 100, 1))
            page_or_file(Side(side, pid, None, {}), "project page JSON", f"{base}/simple/package-100/", JSON_PAGE)
            measure_uploads(side, port, pid, "/legacy/", authorization, scratch, budget=False)


def run() -> None:
    """Print the row: SQLite, then PostgreSQL, when there is one."""
    keys = SigningKey.generate()
    measure("on SQLite", keys, "")
    if missing():
        say(Line("postgresql", "on PostgreSQL", missing(), (0.0,)))
        return
    with postgresql() as url:
        measure("on PostgreSQL", keys, f"database = {json.dumps(url)}")
