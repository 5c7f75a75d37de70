"""The settings of one index: the only reader of trustpub's own configuration.

    [index]      url, audience, profile, database, blobs
    [[issuers]]  kind, url, algorithms, jwks
    [limits]     see `Limits`

Every key that is not known is refused with the nearest right one, and all of them at once: a typo that silently leaves a default
in place is how an index trusts what nobody meant it to.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from trustpub.domain.issuers import BUILT_IN, Issuer
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.errors import BadInput, BrokenFile

MIB: Final = 1024 * 1024
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080
DEFAULT_AUDIENCE: Final = "trustpub"
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
"""How this machine may be written where plain http is allowed: the issuer's door to the network knows the same three."""
ALGORITHMS: Final = ("RS256", "ES256")

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one index takes in. Sizes in bytes, as whole numbers in the configuration.

    `file_size` is PyPI's default for one file, `project_size` for all files of one project.
    """

    file_size: int = 100 * MIB
    project_size: int = 10 * 1024 * MIB


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything that tells one index from another.

    `url` is the address under which clients reach it when that is not the socket's own (a proxy in front); `audience` the `aud`
    that ID tokens must carry; `database` a PostgreSQL URL (None: SQLite in the data folder); `blobs` the folder of the files'
    bytes (None: in the data folder). Of two issuers of one address the later one counts.
    """

    data: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    config: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    url: str | None = None
    audience: str = DEFAULT_AUDIENCE
    profile: Profile = Profile.TRUSTPUB
    database: str | None = field(default=None, repr=False)
    blobs: Path | None = None
    issuers: tuple[Issuer, ...] = BUILT_IN
    limits: Limits = Limits()


def load(
    data: Path,
    config: Path | None = None,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
) -> ServerSettings:
    """Read the configuration file (if there is one) into settings; options given on the command line come as arguments.

    Raises `BadInput` that names every wrong key or value at once, `BrokenFile` for a file that is not TOML.
    """
    _check_folder(data)
    if (tls_cert is None) != (tls_key is None):
        raise BadInput("--tls-cert and --tls-key", why="one was given without the other", next_step="Give both, or neither")
    for option, path in (("--tls-cert", tls_cert), ("--tls-key", tls_key)):
        if path is not None and not path.is_file():
            raise BadInput(option, why=f"there is no file `{path}`")
    document = {} if config is None else _read(config)
    folder = config.parent if config else Path()
    reader = _Reader(document, folder)
    settings = reader.settings(data, host, port, config, tls_cert, tls_key)
    if reader.problems:
        raise BadInput(
            f"`{config}`",
            why="; ".join(reader.problems),
            next_step="See the reference of settings for every key",
        )
    return settings


def _check_folder(data: Path) -> None:
    """Find out now, before anything is opened, that the data folder can exist."""
    for above in (data, *data.absolute().parents):
        if above.exists():
            if not above.is_dir():
                raise BadInput(f"data folder `{data}`", why=f"`{above}` is a regular file", next_step="Name a folder with --data")
            return


def _read(config: Path) -> Table:
    try:
        text = config.read_text("utf-8")
    except FileNotFoundError:
        raise BadInput("--config", why=f"there is no file `{config}`") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise BadInput("--config", why=f"`{config}` cannot be read as text") from problem
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line, column, why = _place(problem, text)
        lines = text.splitlines()
        shown = lines[line - 1] if 0 < line <= len(lines) else ""
        raise BrokenFile(str(config), why, line=line, column=column, text=shown) from None


def _place(problem: tomllib.TOMLDecodeError, text: str) -> tuple[int, int, str]:
    """Line, column and message of a TOML error, which Python before 3.14 only has as text."""
    message, _, place = str(problem).partition(" (at ")
    numbers = [int(word) for word in place.replace(",", " ").replace(")", " ").split() if word.isdigit()]
    if len(numbers) == 2:
        return numbers[0], numbers[1], message.lower()
    return max(len(text.splitlines()), 1), 1, message.lower()


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: which one was meant, or which there are."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"(did you mean `{close[0]}`?)" if close else f"(known: {', '.join(f'`{each}`' for each in names)})"


def address_problem(text: str, *, https: bool) -> str | None:
    """Why this cannot be an address of a service, or None. With `https`, plain http is for this machine only."""
    try:
        parts: SplitResult = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "must begin with https://"
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return "may hold no user, query or fragment"
    if any(character.isspace() or not character.isprintable() for character in text):
        return "may hold no blanks"
    if https and parts.scheme == "http" and host not in LOOPBACK:
        return "must begin with https:// (plain http is for this machine only)"
    return None


class _Reader:
    """Reads one document, collecting every problem instead of stopping at the first."""

    def __init__(self, document: Table, folder: Path) -> None:
        self.problems: list[str] = []
        self._document = document
        self._folder = folder

    def settings(
        self, data: Path, host: str, port: int, config: Path | None, tls_cert: Path | None, tls_key: Path | None
    ) -> ServerSettings:
        self._known(self._document, ("index", "indexes", "issuers", "limits"), "")
        if "indexes" in self._document:
            self.problems.append("`[[indexes]]`: more than one index in one server is not there yet; run one server for each")
        index = self._table("index")
        self._known(index, ("url", "audience", "profile", "database", "blobs"), "index.")
        url = self._text(index, "index.", "url")
        if url is not None and (problem := address_problem(url, https=False)):
            self.problems.append(f"`index.url` {problem}: `{url}`")
            url = None
        blobs = self._text(index, "index.", "blobs")
        if blobs is not None and "://" in blobs:
            self.problems.append(f"`index.blobs` must be a folder: `{blobs}`")
        return ServerSettings(
            data, host, port, config, tls_cert, tls_key,
            url=url.rstrip("/") if url else None,
            audience=self._audience(index, url),
            profile=self._profile(index),
            database=self._text(index, "index.", "database"),
            blobs=self._folder / blobs if blobs else None,
            issuers=(*BUILT_IN, *self._issuers()),
            limits=self._limits(),
        )  # fmt: skip

    def _audience(self, index: Table, url: str | None) -> str:
        """As given; else the host of the address, so that a token for one index is never good at another; else a fixed word."""
        given = self._text(index, "index.", "audience")
        if given is None:
            return (urlsplit(url).hostname if url else None) or DEFAULT_AUDIENCE
        if not given or not given.isascii() or any(not 0x21 <= ord(character) < 0x7F for character in given):
            self.problems.append("`index.audience` must be printable ASCII without blanks")
        return given

    def _profile(self, index: Table) -> Profile:
        given = self._text(index, "index.", "profile") or Profile.TRUSTPUB.value
        try:
            return Profile(given)
        except ValueError:
            self.problems.append(f"`index.profile` is `{given}` {nearest(given, [each.value for each in Profile])}")
            return Profile.TRUSTPUB

    def _limits(self) -> Limits:
        table = self._table("limits")
        names = [each.name for each in fields(Limits)]
        self._known(table, names, "limits.")
        standard = Limits()
        return Limits(**{name: self._count(table, "limits.", name, getattr(standard, name)) for name in names})

    def _issuers(self) -> list[Issuer]:
        tables = self._document.get("issuers", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.problems.append("`issuers` must be written as `[[issuers]]`")
            return []
        found = [self._issuer(table, f"issuers[{number}].") for number, table in enumerate(tables, 1)]
        return [issuer for issuer in found if issuer is not None]

    def _issuer(self, table: Table, where: str) -> Issuer | None:
        self._known(table, ("kind", "url", "algorithms", "jwks"), where)
        kind = self._kind(table, where)
        standard = DEFAULT_ISSUERS.get(kind) if kind else None
        url = self._text(table, where, "url") or standard
        jwks = self._text(table, where, "jwks")
        if kind is None:
            return None
        if url is None:
            self.problems.append(f"`{where}url` is missing")
            return None
        if problem := address_problem(url, https=True):
            self.problems.append(f"`{where}url` {problem}: `{url}`")
        lifetime = 24 * 3600 if kind is Provider.GITLAB else 3600
        return Issuer(kind, url, self._algorithms(table, where), self._jwks(jwks, where), lifetime)

    def _kind(self, table: Table, where: str) -> Provider | None:
        given = self._text(table, where, "kind")
        if given is None:
            if "kind" not in table:
                self.problems.append(f"`{where}kind` is missing (known: {', '.join(f'`{each.value}`' for each in Provider)})")
            return None
        try:
            return Provider(given)
        except ValueError:
            self.problems.append(f"`{where}kind` is `{given}` {nearest(given, [each.value for each in Provider])}")
            return None

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

    def _count(self, table: Table, where: str, key: str, default: int) -> int:
        found = table.get(key, default)
        if isinstance(found, int) and not isinstance(found, bool) and found > 0:
            return found
        self.problems.append(f"`{where}{key}` must be a whole number above 0")
        return default


def blobs_folder(settings: ServerSettings) -> Path:
    """Where the bytes of files are kept."""
    return settings.blobs or settings.data
