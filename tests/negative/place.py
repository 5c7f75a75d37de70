"""A real index with everybody around one project: people in sessions, tokens of every kind; what is there can be put back."""

from __future__ import annotations

import hashlib
import http.client
import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from sqlalchemy import insert

from tests.distributions import wheel_of
from tests.domain.samples import github
from tests.usecases.exchanging import FakeVerifier
from tests.web.site import Answer
from trustpub.domain.tokens import API_PREFIX, READ_PREFIX, UPLOAD_PREFIX, digest, mint
from trustpub.main.listener import RunningServer, bind
from trustpub.main.serve import build, listening_at
from trustpub.parties.archives.fake import FakeValidators
from trustpub.settings import Accounts as Rules
from trustpub.settings import ServerSettings
from trustpub.storage import accounts, files, links, projects, publishers, readers
from trustpub.storage.database import Connection
from trustpub.storage.tables import metadata, recovery_codes, security_keys, sessions, totp, upload_tokens, users
from trustpub.usecases.accounts import Accounts
from trustpub.usecases.accounts.codes import normalized_recovery_code, recovery_digest
from trustpub.usecases.passwords import Cost, hash_password
from trustpub.usecases.upload import Upload
from trustpub.web.app import create_app
from trustpub.web.auth.cookie import SESSION
from trustpub.web.service import Service

CHEAP = Cost(1, 8, 1)
PASSWORD = "seven grey geese over Gapyeong"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RECOVERY = "abcd-efgh-jkmn-pqrs"
OFFER = "totp:"
"""How a session remembers the secret of an authenticator that waits for its first code."""
AGO = 3600.0
"""Seconds since the last proof of those who proved themselves a while ago."""
PROJECT = "orchay"
FILENAME, WHEEL = wheel_of(PROJECT, "1.0")
PEOPLE = ("ann", "amy", "mia", "eve", "uma", "bob", "root", "gone")
"""Owners ann and amy, the maintainer mia, the strangers eve and uma (without second factor), bob, who owns `aside`, the
administrator root, and gone, an owner whose account was closed."""
SECRETS = {"verify": "v" * 43, "reset": "w" * 43, "join": "j" * 43, "role": "r" * 43}
NOTED = (("sessions", "seen"), ("api_tokens", "used_at"))
"""Columns that remember about when something was last used."""
UNCOUNTED = {"throttles", "events"}
"""Tables that a refusal may write: what is counted, and what is told to the owner."""


def secret(number: int, prefix: str) -> str:
    """A token that nobody else has."""
    return mint(prefix, number.to_bytes(32, "big"))


class Place:
    """One running index; `ask` speaks to it over one connection."""

    def __init__(self, folder: Path, *, children: bool = False, log_requests: bool = False) -> None:
        rules = Rules("open", "required")
        settings = ServerSettings(folder / "data", port=0, accounts=rules, log_requests=log_requests)
        self.log: list[str] = []
        listening = bind("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.service = self._service(settings, children=children)
        self.database = self.service.database
        self.cookies: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.database.write(self._furnish).result(30)
        self.app = create_app(self.service)
        self.server = RunningServer(self.app, listening, self.address, release=self.service.close)
        self._wire = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        assert self.database.path is not None
        self._rows = sqlite3.connect(self.database.path, isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA synchronous=OFF")
        self._rows.execute("UPDATE api_tokens SET used_at = 9e9")  # noting a use comes some time after its answer
        self._tables = [table.name for table in metadata.sorted_tables]
        self._kept = {name: self._rows.execute(f"SELECT * FROM {name}").fetchall() for name in self._tables}
        self._version = self._stamp()

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

    # What there is

    def _furnish(self, connection: Connection) -> None:
        now, hashed = time.time(), hash_password(PASSWORD, bytes(16), CHEAP)
        for name in PEOPLE:
            user = accounts.add_user(
                connection, name, f"{name}@mail.example", now, password=hashed, admin=name == "root", verified=True
            )
            self.ids[name] = user.id
            if name != "uma":
                connection.execute(insert(totp).values(user_id=user.id, secret=SEED, confirmed_at=now))
                code = recovery_digest(user.id, normalized_recovery_code(RECOVERY))
                connection.execute(insert(recovery_codes).values(user_id=user.id, digest=code))
            self._session(connection, name, name, "full", now)
        key = {
            "user_id": self.ids["ann"],
            "credential": "AAAA",
            "public_key": "AAAA",
            "sign_count": 0,
            "label": "blue one",
        }
        made = insert(security_keys).returning(security_keys.c.id).values(**key, created=now)
        self.ids["key"] = connection.execute(made).scalar_one()
        self._session(connection, "half", "ann", "password", now)
        for name in ("ann", "root"):
            self._session(connection, f"{name} long ago", name, "full", now - AGO)
        self._projects(connection, now)
        self._publishers(connection, now)
        self._tokens(connection, now)
        self._links(connection, now)
        connection.execute(users.update().where(users.c.name == "gone").values(active=False))

    def _session(self, connection: Connection, role: str, name: str, level: str, proven: float) -> None:
        cookie = f"{role.replace(' ', '-')}-".ljust(43, "0")
        now = time.time()
        row = {"digest": digest(cookie), "user_id": self.ids[name], "level": level, "created": now, "seen": now}
        offer = {
            "challenge": OFFER + SEED,
            "challenge_expires": int(now) + 10**6,
        }  # of an authenticator, waiting for its first code
        found = insert(sessions).returning(sessions.c.id).values(**row, **offer, proven=proven, expires=int(now) + 10**6)
        self.ids[f"session {role}"] = connection.execute(found).scalar_one()
        self.cookies[role] = cookie

    def _projects(self, connection: Connection, now: float) -> None:
        made = {name: projects.create_project(connection, name, now, self.ids[owner]) for name, owner in
                ((PROJECT, "ann"), ("annex", "ann"), ("aside", "bob"))}  # fmt: skip
        self.ids |= {name: project.id for name, project in made.items()}
        for name, role in (("amy", "owner"), ("mia", "maintainer"), ("gone", "owner")):
            projects.grant_role(connection, made[PROJECT].id, self.ids[name], role)
        blob = self.service.blobs.temp()
        blob.write(WHEEL)
        sha256 = hashlib.sha256(WHEEL).hexdigest()
        self.service.blobs.adopt(blob, sha256)
        release, _ = files.release_get_or_create(connection, made[PROJECT].id, "1.0", {"name": PROJECT, "version": "1.0"}, now)
        blake = hashlib.blake2b(WHEEL, digest_size=32).hexdigest()
        new = files.NewFile(
            FILENAME, made[PROJECT].id, release.id, "bdist_wheel", "py3", None, sha256, blake, None, len(WHEEL), None, "ann", now
        )
        files.insert_file(connection, new, PROJECT)
        projects.bump_serial(connection, made[PROJECT].id)
        self.file = f"/files/{sha256[:2]}/{sha256[2:4]}/{sha256}/{FILENAME}"

    def _publishers(self, connection: Connection, now: float) -> None:
        found = publishers.get_or_create_publisher(connection, github(environment="pypi"), now)
        publishers.link(connection, found, self.ids[PROJECT], now)
        other = publishers.get_or_create_publisher(connection, github(repository_name="aside"), now)
        publishers.link(connection, other, self.ids["aside"], now)
        self.ids |= {"publisher": found, "other publisher": other}
        for name in ("ann", "eve"):
            pending = publishers.add_pending(connection, github(repository_name=name), f"new-of-{name}", self.ids[name], now)
            assert pending is not None
            self.ids[f"pending {name}"] = pending
        reader = readers.add_reader(connection, github(repository_name="reads"), "root", now)
        assert reader is not None
        self.ids["reader"] = reader.id

    def _tokens(self, connection: Connection, now: float) -> None:
        held = [("ann", scope, None) for scope in ("read", "upload", "manage")]
        held += [(name, scope, None) for name in ("eve", "gone", "mia", "root", "bob") for scope in ("upload", "manage")]
        for number, (name, scope, only) in enumerate([*held, ("ann", "manage", "annex"), ("ann", "upload", "annex")]):
            text = secret(number, API_PREFIX)
            project = None if only is None else self.ids[only]
            label = f"{name} {scope}" + (f" of {only}" if only else "")
            self.tokens[label] = text
            given = {"description": label, "project_id": project}
            self.ids[f"token {label}"] = accounts.add_api_token(
                connection,
                digest(text),
                self.ids[name],
                scope,
                now,
                **given,  # type: ignore[arg-type]
            )
        for label, changed in (("revoked", {"revoked_at": now}), ("expired", {"expires": int(now) - 1})):
            self.tokens[label] = secret(len(self.tokens), API_PREFIX)
            row = accounts.add_api_token(connection, digest(self.tokens[label]), self.ids["ann"], "manage", now)
            api = metadata.tables["api_tokens"]
            connection.execute(api.update().where(api.c.id == row).values(**changed))
        self.tokens["publisher"] = secret(100, UPLOAD_PREFIX)
        held_for = {"publisher_id": self.ids["publisher"], "projects": json.dumps([self.ids[PROJECT]]), "claims": "{}"}
        times = {"created": now, "expires": int(now) + 10**6}
        connection.execute(insert(upload_tokens).values(digest=digest(self.tokens["publisher"]), **held_for, **times))
        self.tokens["reader"] = secret(101, READ_PREFIX)
        readers.add_read_token(connection, digest(self.tokens["reader"]), self.ids["reader"], now, int(now) + 10**6)

    def _links(self, connection: Connection, now: float) -> None:
        until = int(now) + 10**5
        for kind, name in (("verify", "uma"), ("reset", "eve")):
            email = f"{name}@mail.example"
            links.add_link(connection, digest(SECRETS[kind]), kind, email, now, until, user_id=self.ids[name])
        role = {"project_id": self.ids[PROJECT], "role": "maintainer", "by": "ann"}
        offered = {"user_id": self.ids["eve"], **role}
        self.ids["invitation"] = links.add_link(
            connection,
            digest(SECRETS["role"]),
            "role",
            "eve@mail.example",
            now,
            until,
            **offered,  # type: ignore[arg-type]
        )

    # Asking

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

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database holds."""
        return self._rows.execute(query).fetchall()

    def logged(self) -> list[str]:
        """What was logged since this was asked last."""
        found, self.log[:] = [*self.log], []
        return found

    # What changed

    def _stamp(self) -> int:
        (version,) = self._rows.execute("PRAGMA data_version").fetchone()
        return int(version)

    def changed(self) -> list[str]:
        """The tables that hold something else than at first, but for what is only counted; everything is put back."""
        stamp = self._stamp()
        if stamp == self._version:
            return []
        found, noted = [], [*UNCOUNTED]
        self._rows.execute("BEGIN IMMEDIATE")
        for name in reversed(self._tables):
            now = self._rows.execute(f"SELECT * FROM {name}").fetchall()
            if now != self._kept[name]:
                found.append(name)
                noted += [name] if self._only_noted(name, now) else []
        self._rows.execute("COMMIT")
        self._put_back(found)
        return [name for name in found if name not in noted]

    def _only_noted(self, name: str, now: list[tuple[object, ...]]) -> bool:
        """Whether nothing but the time of the last use is another one."""
        columns = [each[0] for each in self._rows.execute(f"SELECT * FROM {name} LIMIT 0").description]
        without = {columns.index(noted) for table, noted in NOTED if table == name}
        pairs = zip(now, self._kept[name], strict=False)
        same = all(a == b for new, old in pairs for at, (a, b) in enumerate(zip(new, old, strict=True)) if at not in without)
        return bool(without) and same and len(now) == len(self._kept[name])

    def _put_back(self, tables: list[str]) -> None:
        self._rows.execute("PRAGMA foreign_keys=OFF")
        self._rows.execute("BEGIN IMMEDIATE")
        for name in tables:
            self._rows.execute(f"DELETE FROM {name}")
            for row in self._kept[name]:
                self._rows.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
        self._rows.execute("COMMIT")
        self._version = self._stamp()
