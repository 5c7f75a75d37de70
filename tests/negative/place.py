"""A real index with everybody around one project, of either size; what is there can be put back."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from tests.negative.furnished import CHEAP, Furnished
from tests.negative.kept_rows import FileRows, ServerRows
from tests.usecases.exchanging import FakeVerifier
from tests.web.site import Answer
from trustpub.main.listener import RunningServer, bind
from trustpub.main.serve import build, listening_at
from trustpub.parties.archives.fake import FakeValidators
from trustpub.settings import Accounts as Rules
from trustpub.settings import ServerSettings
from trustpub.usecases.accounts import Accounts
from trustpub.usecases.upload import Upload
from trustpub.web.app import create_app
from trustpub.web.auth.cookie import SESSION
from trustpub.web.service import Service


class Place(Furnished):
    """One running index; `ask` speaks to it over one connection. `url`: its database, when that is a server's."""

    def __init__(self, folder: Path, url: str | None = None, *, children: bool = False, log_requests: bool = False) -> None:
        rules = Rules("open", "required")
        settings = ServerSettings(folder / "data", port=0, accounts=rules, log_requests=log_requests, database=url)
        self.log: list[str] = []
        listening = bind("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.service = self._service(settings, children=children)
        super().__init__(self.service.database, self.service.blobs)
        self.app = create_app(self.service)
        self.server = RunningServer(self.app, listening, self.address, release=self.service.close)
        self._wire = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        self._rows = ServerRows(self.database) if self.database.path is None else FileRows(self.database.path)
        self.rows = self._rows.query
        self.changed = self._rows.changed

    def _service(self, settings: ServerSettings, *, children: bool) -> Service:
        service = build(settings)
        if not children:
            upload = Upload(service.database, service.blobs, FakeValidators(), settings.limits, time.time)
            service.upload.close()
            service = replace(service, upload=upload)
        service = replace(listening_at(service, self.address), log=self.log.append, verifier=FakeVerifier())
        parts = (service.database, settings, service.clock, service.random)
        service.__dict__["accounts"] = Accounts.over(*parts, address=self.address, cost=CHEAP)
        return service

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._wire.close()
        self._rows.close()
        self.server.stop()

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        """One request. The connection is opened again when the index closed it."""
        for last in (False, True):
            try:
                self._wire.request(method, path, body, headers)
                answer = self._wire.getresponse()
                found = {name.lower(): value for name, value in answer.getheaders()}
                return Answer(answer.status, answer.reason, found, answer.read())
            except (http.client.HTTPException, ConnectionError):
                self._wire.close()
                if last:
                    raise
        raise AssertionError

    def sent_by(self, method: str, path: str, who: str, form: Mapping[str, object]) -> Answer:
        """A form from one of our own pages."""
        told = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address, "Accept": "text/html"}
        return self.ask(method, path, {**told, "Cookie": f"{SESSION}={self.cookies[who]}"}, urlencode(form).encode())

    def logged(self) -> list[str]:
        """What was logged since this was asked last."""
        found, self.log[:] = [*self.log], []
        return found
