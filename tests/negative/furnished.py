"""Everybody around one project, as rows of an index: people in sessions, tokens of every kind, links, publishers."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING

from sqlalchemy import insert

from tests.distributions import wheel_of
from tests.domain.samples import github
from trustpub.domain.tokens import API_PREFIX, READ_PREFIX, UPLOAD_PREFIX, digest, mint
from trustpub.storage import accounts, files, links, projects, publishers, readers
from trustpub.storage.tables import api_tokens, recovery_codes, security_keys, sessions, totp, upload_tokens, users
from trustpub.usecases.accounts.codes import normalized_recovery_code, recovery_digest
from trustpub.usecases.passwords import Cost, hash_password

if TYPE_CHECKING:
    from trustpub.storage.blobs import Blobs
    from trustpub.storage.database import Connection, Database

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


def secret(number: int, prefix: str) -> str:
    """A token that nobody else has."""
    return mint(prefix, number.to_bytes(32, "big"))


class Furnished:
    """An index that holds all of them; who serves it is another matter. `cookies` and `tokens` by role, `ids` by name."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self.database, self.blobs = database, blobs
        self.cookies: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.file = ""
        database.write(self._furnish).result(30)

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
        blob = self.blobs.temp()
        blob.write(WHEEL)
        sha256 = hashlib.sha256(WHEEL).hexdigest()
        self.blobs.adopt(blob, sha256)
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
            connection.execute(api_tokens.update().where(api_tokens.c.id == row).values(**changed))
        connection.execute(api_tokens.update().values(used_at=9e9))  # noting a use comes some time after its answer
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
