"""Two `trustpub serve` on one PostgreSQL database and one folder of files, with everybody around one project in them."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar
from urllib.parse import urlencode

from tests.journeys.durability.world import Process
from tests.negative.furnished import PASSWORD, Furnished
from tests.negative.kept_rows import ServerRows
from tests.negative.who_may import upload
from tests.web.forms import headers
from tests.web.site import Answer
from trustpub.domain.claims import JSON
from trustpub.domain.tokens import digest
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import Job, github_claims
from trustpub.storage.blobs import LocalBlobs
from trustpub.storage.database import Connection, Database
from trustpub.storage.sessions import begin_session
from trustpub.web.auth.cookie import SESSION

Result = TypeVar("Result")

Send = Callable[["Side"], Answer]
"""A request, to whichever of the two it then goes."""

ORIGIN = "http://localhost:8000"
"""The address that people use: of the proxy that stands before both."""
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
JOB = Job(owner="octo", repository="orchay", owner_id="42", environment="pypi", ref="refs/tags/v1")
CONFIG = """
[index]
url = "{origin}"
audience = "trustpub"
database = "{url}"
blobs = "{blobs}"

[accounts]
registration = "invited"
second_factor = "required"

[proxy]
trusted = ["127.0.0.1"]

[mail]
server = "{mail}"

[[indexes]]
path = "inside"
audience = "inside"
private = true
database = "{inside}"

[[issuers]]
kind = "github"
url = "{issuer}"
jwks = "{jwks}"
"""


class Listening(Protocol):
    """A server: a process, or a thread of this one."""

    port: int


@dataclass(frozen=True)
class Side:
    """One of the two, as the proxy before it speaks to it."""

    process: Listening

    def ask(self, method: str, path: str, told: Mapping[str, str], body: bytes | None = None, *, address: str = HOME) -> Answer:
        """One request on a connection of its own."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.process.port, timeout=60)) as connection:
            passed = {"Host": ORIGIN.partition("//")[2], "X-Forwarded-For": address, **told}
            connection.request(method, path, body, passed)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, answer.reason, found, answer.read())

    def page(self, path: str, cookie: str = "", *, address: str = HOME) -> Answer:
        """A page, as whoever has this cookie sees it."""
        return self.ask("GET", path, {"Accept": "text/html", **_cookie(cookie)}, address=address)

    def send(self, path: str, cookie: str = "", *, address: str = HOME, **form: str) -> Answer:
        """A form from one of our own pages."""
        told = {"Content-Type": "application/x-www-form-urlencoded", "Origin": ORIGIN, "Accept": "text/html"}
        return self.ask("POST", path, {**told, **_cookie(cookie)}, urlencode(form).encode(), address=address)

    def sign_in(self, name: str, password: str = PASSWORD, *, address: str = HOME) -> Answer:
        """User name and password."""
        return self.send("/account/login/", address=address, username=name, password=password)

    def program(self, method: str, path: str, token: str = "", body: JSON = None) -> Answer:
        """A program's request, with a token and JSON."""
        told = {"Authorization": f"Bearer {token}"} if token else {}
        return self.ask(method, path, told, None if body is None else json.dumps(body).encode())

    def upload(self, token: str) -> Answer:
        """The next release of the project."""
        return self.ask("POST", "/legacy/", headers(token), upload())


def _cookie(cookie: str) -> dict[str, str]:
    return {"Cookie": f"{SESSION}={cookie}"} if cookie else {}


def cookie_of(answer: Answer) -> str:
    """The session that a browser was given."""
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    assert name == SESSION
    return value


def is_let_in(answer: Answer) -> bool:
    """Whether a page was shown, and not the way to the sign-in."""
    return answer.status == 200


class Pair(Furnished):
    """Both processes, and a way of our own into the database; `put_back` makes everything as it was at first.

    Below the path `inside` is another index, a private one, with everybody of its own. Mails go to the server `mail`.
    """

    def __init__(self, folder: Path, url: str, inside: str, mail: str) -> None:
        self._closing = contextlib.ExitStack()
        self.github = EmulatedGitHub()
        jwks = folder / "jwks.json"
        jwks.write_text(json.dumps({"keys": [self.github.key.jwk()]}))
        config = folder / "serve.toml"
        places = {"url": url, "inside": inside, "blobs": folder / "blobs", "issuer": self.github.issuer, "jwks": jwks}
        config.write_text(CONFIG.format(origin=ORIGIN, mail=mail, **places))
        super().__init__(self._closing.enter_context(Database.open(None, url)), LocalBlobs(folder / "blobs"))
        self.inside = Furnished(self._closing.enter_context(Database.open(None, inside)), LocalBlobs(folder / "inside"))
        self._rows = ServerRows(self.database)
        self._rows_inside = ServerRows(self.inside.database)
        self.processes = tuple(self._start(folder / name, config) for name in ("one", "other"))
        self.sides = self.one, self.other = (Side(self.processes[0]), Side(self.processes[1]))

    def _start(self, data: Path, config: Path) -> Process:
        process = Process(data, config)
        self._closing.callback(process.kill)
        return process

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Change the database beside both processes."""
        return self.database.write(work).result(30)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database holds."""
        return self._rows.query(query)

    def put_back(self) -> None:
        """Take everything back that a test has changed."""
        self._rows.changed()
        self._rows_inside.changed()

    def id_token(self) -> str:
        """A new one, of the workflow that publishes the project."""
        return self.github.sign(github_claims(JOB), audience="trustpub")

    def mint(self, side: Side) -> str:
        """An upload token."""
        answer = side.program("POST", "/_/oidc/mint-token", body={"token": self.id_token()})
        assert answer.status == 200, answer.body
        return str(json.loads(answer.body)["token"])

    def half_way(self, name: str, number: int) -> list[str]:
        """The cookies of so many sessions that have given the password of this account."""
        cookies = [f"half-way-{each}".ljust(43, "0") for each in range(number)]
        now, user = time.time(), self.ids[name]

        def begin(connection: Connection) -> None:
            for each in cookies:
                begin_session(connection, digest(each), user, "password", now, int(now) + 900, HOME, "a browser")

        self.write(begin)
        return cookies

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._closing.close()


def sending(path: str, cookie: str = "", **form: str) -> Send:
    """A form, whoever then gets it."""
    return lambda side: side.send(path, cookie, **form)


def at_once(sides: Sequence[Side], sends: Sequence[Send]) -> list[Answer]:
    """Send all of these at the same moment, by turns at one side and the other; the answers in the same order."""
    gate, answers = threading.Barrier(len(sends)), [Answer(0, "", {}, b"")] * len(sends)

    def one(number: int) -> None:
        gate.wait()
        answers[number] = sends[number](sides[number % len(sides)])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(sends))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
