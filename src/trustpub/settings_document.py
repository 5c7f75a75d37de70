"""The settings file of an index, read key by key: every problem is collected instead of stopping at the first."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from enum import StrEnum
from ipaddress import ip_network
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from trustpub.domain.issuers import BUILT_IN, Issuer
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.settings import (
    ALGORITHMS,
    DEFAULT_AUDIENCE,
    S3,
    Accounts,
    Attestations,
    Limits,
    Mail,
    Sending,
    ServerSettings,
    Table,
    Upstream,
    address_problem,
    blobs_folder,
    nearest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Kind = TypeVar("Kind", bound=StrEnum)
Optional = TypeVar("Optional")

INDEX = ("url", "audience", "profile", "name", "private", "database", "blobs", "old_release_days", "pending_days")
"""The keys of one index."""
TABLES = ("index", "indexes", "issuers", "accounts", "mail", "upstream", "s3", "files", "proxy", "log", "attestations", "limits")
RESERVED = tuple(
    "/" + word
    for word in (
        "simple", "files", "blobs", "pypi", "legacy", "integrity", "api", "healthz", "readyz", "metrics", "rss", "project",
        "search", "user", "account", "manage", "admin", "help", "static",
    )
)  # fmt: skip
"""Paths that are the index's own at the root."""
_PATH = re.compile(r"/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9._/-]{0,200})?", re.ASCII)
_MAIL_SERVER = re.compile(r"smtps?://(?:[^\s@:/]+@)?[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?", re.ASCII)


class Reader:
    """Reads one document, collecting every problem instead of stopping at the first."""

    def __init__(self, document: Table, folder: Path) -> None:
        self.problems: list[str] = []
        self._document = document
        self._folder = folder

    def settings(
        self, data: Path, host: str, port: int, config: Path | None, tls_cert: Path | None, tls_key: Path | None
    ) -> ServerSettings:
        """Read everything; what is wrong is in `problems` afterwards."""
        self._known(self._document, TABLES, "")
        index = self._table("index")
        self._known(index, INDEX, "index.")
        shared = ServerSettings(
            data, host, port, config, tls_cert, tls_key,
            issuers=(*BUILT_IN, *self._issuers()),
            limits=self._limits(),
            accounts=self._accounts(),
            mail=self._mail(),
            upstream=self._upstream(),
            s3=self._s3(),
            sending=self._sending(),
            trusted_proxies=self._proxies(),
            attestations=self._attestations(),
            log_requests=self._log(),
        )  # fmt: skip
        first = self._index(shared, index, "index.")
        return replace(first, others=self._others(first))

    def _index(self, base: ServerSettings, table: Table, where: str) -> ServerSettings:
        """One index, by the keys that its own table gives."""
        url = self._text(table, where, "url")
        if url is not None and (problem := address_problem(url, https=False)):
            self.problems.append(f"`{where}url` {problem}: `{url}`")
            url = None
        blobs, bucket = self._blobs(table, where)
        return replace(
            base,
            url=url.rstrip("/") if url else base.url and base.url + base.path,
            audience=self._audience(table, where, url or base.url),
            profile=self._choice(table, where, "profile", Profile, base.profile),
            name=self._text(table, where, "name") or base.name,
            private=self._flag(table, where, "private", default=base.private),
            database=self._database(table, where),
            blobs=blobs,
            bucket=bucket,
            old_release_days=self._count(table, where, "old_release_days", base.old_release_days, least=0),
            pending_days=self._count(table, where, "pending_days", base.pending_days),
        )

    def _others(self, first: ServerSettings) -> tuple[ServerSettings, ...]:
        """The further indexes, each with a folder of its own below the data folder."""
        found: list[ServerSettings] = []
        for number, table in enumerate(self._tables("indexes"), 1):
            where = f"indexes[{number}]."
            self._known(table, ("path", *INDEX), where)
            path = "/" + (self._text(table, where, "path") or "").strip("/")
            if not _PATH.fullmatch(path) or path in RESERVED or path in [each.path for each in found]:
                self.problems.append(f"`{where}path` must be one free word of small letters, digits and `-`: `{path[1:]}`")
                continue
            # Where nginx has its files: below its own path, for they are not in the folder of the first one.
            sending = replace(first.sending, accel=path + first.sending.accel)
            base = replace(first, path=path, data=first.data / "indexes" / path[1:], sending=sending)
            read = self._index(base, table, where)
            self._apart(read, (first, *found), where)
            found.append(read)
        return tuple(found)

    def _apart(self, index: ServerSettings, others: Iterable[ServerSettings], where: str) -> None:
        """Refuse what two indexes may not share.

        With one database they would be one index, with one place for blobs each would sweep the other's away, and with one
        audience an ID token for one would be good at the other.
        """
        for other in others:
            taken = f"is that of the index at `{other.path or '/'}` already: each index needs its own"
            if index.database is not None and other.database is not None and _server(index.database) == _server(other.database):
                self.problems.append(f"`{where}database` {taken}")  # its address may hold a password
            if _bytes(index) == _bytes(other):
                self.problems.append(f"`{where}blobs` {taken}: `{index.bucket or blobs_folder(index)}`")
            if index.audience == other.audience:
                self.problems.append(f"`{where}audience` {taken}: `{index.audience}`")

    def _database(self, table: Table, where: str) -> str | None:
        given = self._text(table, where, "database")
        if given is None or given.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            return given
        self.problems.append(f"`{where}database` must begin with postgresql://")  # what stands there may hold a password
        return None

    def _blobs(self, table: Table, where: str) -> tuple[Path | None, str | None]:
        given = self._text(table, where, "blobs")
        if given is None:
            return None, None
        if given.startswith("s3://") and _BUCKET.fullmatch(given):
            return None, given
        if "://" in given:
            named = " (a bucket's name has 3 to 63 small letters, digits, dots and hyphens)" if given.startswith("s3://") else ""
            self.problems.append(f"`{where}blobs` must be a folder, or `s3://BUCKET/PREFIX`{named}: `{given}`")
            return None, None
        return self._folder / given, None

    def _accounts(self) -> Accounts:
        table, where = self._section("accounts", ("registration", "second_factor"))
        return Accounts(
            self._word(table, where, "registration", ("invited", "open", "closed")),
            self._word(table, where, "second_factor", ("required", "optional")),
        )

    def _mail(self) -> Mail:
        table, where = self._section("mail", ("server", "sender"))
        server, sender = self._text(table, where, "server"), self._text(table, where, "sender") or Mail().sender
        if server is not None and not _MAIL_SERVER.fullmatch(server):
            self.problems.append(f"`{where}server` must be `smtp://[USER@]HOST[:PORT]` or `smtps://...`, without a password")
            server = None
        if sender.count("@") != 1 or any(not 0x21 <= ord(each) < 0x7F for each in sender):
            self.problems.append(f"`{where}sender` must be an address: `{sender}`")
        return Mail(server, sender)

    def _upstream(self) -> Upstream:
        table, where = self._section("upstream", ("url", "allow", "deny"))
        url = self._text(table, where, "url")
        if url is not None and (problem := address_problem(url, https=True)):
            self.problems.append(f"`{where}url` {problem}: `{url}`")
            url = None
        standard = Upstream()
        allow = self._texts(table, where, "allow", standard.allow)
        return Upstream(url.rstrip("/") + "/" if url else None, allow, self._texts(table, where, "deny", standard.deny))

    def _s3(self) -> S3:
        table, where = self._section("s3", ("endpoint", "region", "insecure"))
        endpoint = self._text(table, where, "endpoint")
        # Requests are signed, but not secret, and their answers are not signed: plain http is for a network of one's own.
        insecure = self._flag(table, where, "insecure", default=False)
        if endpoint is not None and (problem := address_problem(endpoint, https=not insecure)):
            hint = (
                "; a network of containers that is all yours may have it with `insecure = true`"
                if "plain http" in problem
                else ""
            )
            self.problems.append(f"`{where}endpoint` {problem}: `{endpoint}`{hint}")
            endpoint = None
        return S3(endpoint.rstrip("/") if endpoint else None, self._text(table, where, "region") or S3().region)

    def _sending(self) -> Sending:
        table, where = self._section("files", ("send", "accel"))
        accel = self._text(table, where, "accel") or Sending().accel
        if not (accel.startswith("/") and accel.endswith("/")):
            self.problems.append(f"`{where}accel` must begin and end with a slash: `{accel}`")
        return Sending(self._word(table, where, "send", ("self", "accel", "redirect")), accel)

    def _proxies(self) -> tuple[str, ...]:
        table, where = self._section("proxy", ("trusted",))
        given = self._texts(table, where, "trusted", ())
        for each in given:
            try:
                ip_network(each)
            except ValueError:
                self.problems.append(f"`{where}trusted` holds what is no address or network: `{each}`")
        return given

    def _log(self) -> bool:
        table, where = self._section("log", ("requests",))
        return self._flag(table, where, "requests", default=False)

    def _attestations(self) -> Attestations:
        table, where = self._section("attestations", ("trust_root", "required"))
        given = self._text(table, where, "trust_root")
        root = self._folder / given if given else None
        if root is not None and not root.is_file():
            self.problems.append(f"`{where}trust_root`: there is no file `{root}`")
        return Attestations(root, self._flag(table, where, "required", default=False))

    def _audience(self, table: Table, where: str, url: str | None) -> str:
        """As given; else the host of the address, so that a token for one index is never good at another; else a fixed word.

        A further index has its path behind that.
        """
        given = self._text(table, where, "audience")
        if given is None:
            host = (urlsplit(url).hostname if url else None) or DEFAULT_AUDIENCE
            return host if where == "index." else f"{host}/{self._text(table, where, 'path') or ''}".rstrip("/")
        if not given or not given.isascii() or any(not 0x21 <= ord(character) < 0x7F for character in given):
            self.problems.append(f"`{where}audience` must be printable ASCII without blanks")
        return given

    def _limits(self) -> Limits:
        table = self._table("limits")
        names = [each.name for each in fields(Limits)]
        self._known(table, names, "limits.")
        standard = Limits()
        return Limits(**{name: self._count(table, "limits.", name, getattr(standard, name)) for name in names})

    def _issuers(self) -> list[Issuer]:
        tables = self._tables("issuers")
        found = [self._issuer(table, f"issuers[{number}].") for number, table in enumerate(tables, 1)]
        return [issuer for issuer in found if issuer is not None]

    def _issuer(self, table: Table, where: str) -> Issuer | None:
        self._known(table, ("kind", "url", "algorithms", "jwks"), where)
        kind = self._kind(table, where)
        standard = DEFAULT_ISSUERS.get(kind) if kind else None
        url = self._text(table, where, "url") or standard
        algorithms, jwks = self._algorithms(table, where), self._jwks(self._text(table, where, "jwks"), where)
        if url is not None and (problem := address_problem(url, https=True)):
            self.problems.append(f"`{where}url` {problem}: `{url}`")
        if kind is None:
            return None
        if url is None:
            self.problems.append(f"`{where}url` is missing")
            return None
        lifetime = 24 * 3600 if kind is Provider.GITLAB else 3600
        return Issuer(kind, url, algorithms, jwks, lifetime)

    def _kind(self, table: Table, where: str) -> Provider | None:
        if "kind" not in table:
            self.problems.append(f"`{where}kind` is missing (known: {', '.join(f'`{each.value}`' for each in Provider)})")
            return None
        return self._choice(table, where, "kind", Provider, None)

    def _algorithms(self, table: Table, where: str) -> tuple[str, ...]:
        given = table.get("algorithms", ["RS256"])
        if not isinstance(given, list) or not given or not all(isinstance(name, str) for name in given):
            self.problems.append(f"`{where}algorithms` must be a list of names")
            return ("RS256",)
        for name in given:
            if name not in ALGORITHMS:
                self.problems.append(f"`{where}algorithms` holds `{name}` {nearest(name, ALGORITHMS)}")
        return tuple(name for name in given if name in ALGORITHMS)

    def _jwks(self, given: str | None, where: str) -> str | None:
        """An address as it is; a file from the configuration's own folder."""
        if given is None:
            return None
        if "://" in given:
            if problem := address_problem(given, https=True):
                self.problems.append(f"`{where}jwks` {problem}: `{given}`")
            return given
        path = self._folder / given
        if not path.is_file():
            self.problems.append(f"`{where}jwks`: there is no file `{path}`")
        return str(path.absolute())

    def _table(self, name: str) -> Table:
        found = self._document.get(name, {})
        if isinstance(found, dict):
            return found
        self.problems.append(f"`{name}` must be a table: `[{name}]`")
        return {}

    def _known(self, table: Table, known: Iterable[str], where: str) -> None:
        names = list(known)
        self.problems += [f"unknown key `{where}{key}` {nearest(key, names)}" for key in table if key not in names]

    def _text(self, table: Table, where: str, key: str) -> str | None:
        found = table.get(key)
        if found is None or isinstance(found, str):
            return found
        self.problems.append(f"`{where}{key}` must be text")
        return None

    def _section(self, name: str, keys: Iterable[str]) -> tuple[Table, str]:
        table, where = self._table(name), f"{name}."
        self._known(table, keys, where)
        return table, where

    def _tables(self, name: str) -> list[Table]:
        found = self._document.get(name, [])
        if isinstance(found, list) and all(isinstance(table, dict) for table in found):
            return found
        self.problems.append(f"`{name}` must be written as `[[{name}]]`")
        return []

    def _choice(self, table: Table, where: str, key: str, kinds: type[Kind], default: Optional) -> Kind | Optional:
        """One of the values of a `StrEnum`."""
        given = self._text(table, where, key)
        if given is None:
            return default
        try:
            return kinds(given)
        except ValueError:
            self.problems.append(f"`{where}{key}` is `{given}` {nearest(given, [each.value for each in kinds])}")
            return default

    def _word(self, table: Table, where: str, key: str, words: tuple[str, ...]) -> str:
        """One of these words; the first unless it is given."""
        given = self._text(table, where, key) or words[0]
        if given not in words:
            self.problems.append(f"`{where}{key}` is `{given}` {nearest(given, words)}")
            return words[0]
        return given

    def _texts(self, table: Table, where: str, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        given = table.get(key, list(default))
        if isinstance(given, list) and all(isinstance(each, str) for each in given):
            return tuple(given)
        self.problems.append(f"`{where}{key}` must be a list of texts")
        return default

    def _flag(self, table: Table, where: str, key: str, *, default: bool) -> bool:
        found = table.get(key, default)
        if isinstance(found, bool):
            return found
        self.problems.append(f"`{where}{key}` must be true or false")
        return default

    def _count(self, table: Table, where: str, key: str, default: int, *, least: int = 1) -> int:
        found = table.get(key, default)
        if isinstance(found, int) and not isinstance(found, bool) and found >= least:
            return found
        wanted = f"above {least - 1}" if least else "from 0 on"
        self.problems.append(f"`{where}{key}` must be a whole number {wanted}")
        return default


def _server(database: str) -> tuple[object, ...]:
    """Which database an address means, whoever asks it; the schema that its options name makes another one of it."""
    try:
        parts = urlsplit(database)
        return (parts.hostname or "", parts.port or 5432, parts.path, parts.query)
    except ValueError:
        return (database,)


def _bytes(index: ServerSettings) -> str:
    """The place of an index's blobs."""
    return index.bucket.rstrip("/") if index.bucket else str(blobs_folder(index).absolute())
