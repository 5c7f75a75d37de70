"""One pair of processes for all tests of this folder, and their mail server; what a test changes is put back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests import postgresql
from tests.journeys.two_processes.mail_server import MailServer
from tests.journeys.two_processes.pair import Pair


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    """The one that both hand their mails to."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="session")
def running(pg_server: str, mail_server: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both, for as long as there are tests."""
    folder = tmp_path_factory.mktemp("pair")
    trusted = folder / "mail.pem"
    trusted.write_text(mail_server.certificate)
    with contextlib.ExitStack() as opened:
        opened.enter_context(pytest.MonkeyPatch.context()).setenv("SSL_CERT_FILE", str(trusted))
        url, inside = (opened.enter_context(postgresql.database(pg_server)) for _ in range(2))
        yield opened.enter_context(Pair(folder, url, inside, f"smtp://localhost:{mail_server.port}"))


@pytest.fixture
def pair(running: Pair) -> Iterator[Pair]:
    """Both, as they were at first."""
    yield running
    running.put_back()
