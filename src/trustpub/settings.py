"""The settings of one index: the only reader of trustpub's own configuration.

    [index]         url, audience, profile, name, private, database, blobs, old_release_days, pending_days
    [[indexes]]     path, and the keys of [index] that differ: more indexes in one server, each with data of its own
    [[issuers]]     kind, url, algorithms, jwks
    [accounts]      registration, second_factor
    [mail]          server, sender                     (the password: TRUSTPUB_SMTP_PASSWORD)
    [upstream]      url, allow, deny
    [s3]            endpoint, region, insecure         (the keys: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)
    [files]         send, accel
    [proxy]         trusted
    [log]           requests
    [attestations]  trust_root, required
    [limits]        see `Limits`

Every key that is not known is refused with the nearest right one, and all of them at once: a typo that silently leaves a default
in place is how an index trusts what nobody meant it to.
"""

from __future__ import annotations

import difflib
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from trustpub.domain.issuers import BUILT_IN, Issuer
from trustpub.domain.loopback import is_loopback
from trustpub.domain.matching import Profile
from trustpub.errors import BadInput, BrokenFile

MIB: Final = 1024 * 1024
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080
DEFAULT_AUDIENCE: Final = "trustpub"
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
class Accounts:
    """How people get accounts. `registration`: open to everybody, to the invited, or closed (`admin user add` alone).

    `second_factor`: required (of everybody who manages anything or uploads) or optional.
    """

    registration: str = "invited"
    second_factor: str = "required"


@dataclass(frozen=True, slots=True)
class Mail:
    """Where mail goes, and from whom.

    `server` is `smtp://[USER@]HOST[:PORT]` (STARTTLS) or `smtps://...`; None: the folder `outbox` in the data folder. The
    password is in the environment, `TRUSTPUB_SMTP_PASSWORD`.
    """

    server: str | None = None
    sender: str = "trustpub@localhost"


@dataclass(frozen=True, slots=True)
class Upstream:
    """The index behind this one: `url` is the address of its simple pages (None: there is none).

    A name that exists here is never answered from there. Of the others those are that `allow` names and `deny` does not; both
    hold patterns with `*`, of normalized names.
    """

    url: str | None = None
    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class S3:
    """The store behind `blobs = "s3://BUCKET[/PREFIX]"`; keys are in the environment (`AWS_ACCESS_KEY_ID` and its fellows)."""

    endpoint: str | None = None
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Sending:
    """How files are sent.

    By us (`self`), by the proxy in front that reads `X-Accel-Redirect` (`accel`, below the address `accel`; an index with a path
    has that before it), or by the S3 store itself after a redirect (`redirect`).
    """

    send: str = "self"
    accel: str = "/blobs/"


@dataclass(frozen=True, slots=True)
class Attestations:
    """What is asked of attestations.

    `trust_root` is a file with the keys of the signing service (None: those that come with the extra `attest`); `required`
    refuses uploads by trusted publishing without any.
    """

    trust_root: Path | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything that tells one index from another.

    `url` is the address under which clients reach it when that is not the socket's own (a proxy in front); `audience` the `aud`
    that ID tokens must carry; `database` a PostgreSQL URL (None: SQLite in the data folder); `blobs` the folder of the files'
    bytes (None: in the data folder), `bucket` the S3 address in its place. Of two issuers of one address the later one counts.
    `old_release_days`: a release takes no more files after so many days (0: always). `pending_days`: how long a pending publisher
    waits. `trusted_proxies` may say who the caller is. `log_requests` writes a line for every request, beside those for crashes.
    `path` is where one of several indexes lives (empty: at the root), and
    `others` are the further ones of the same server.
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
    name: str = "trustpub"
    private: bool = False
    old_release_days: int = 0
    pending_days: int = 30
    bucket: str | None = None
    accounts: Accounts = Accounts()
    mail: Mail = Mail()
    upstream: Upstream = Upstream()
    s3: S3 = S3()
    sending: Sending = Sending()
    trusted_proxies: tuple[str, ...] = ()
    attestations: Attestations = Attestations()
    path: str = ""
    others: tuple[ServerSettings, ...] = ()
    log_requests: bool = False


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
    from trustpub.settings_document import Reader

    reader = Reader(document, folder)
    settings = reader.settings(data, host, port, config, tls_cert, tls_key)
    if reader.problems:
        raise _refused(config, reader.problems)
    return settings


def index_at(settings: ServerSettings, path: str) -> ServerSettings:
    """The settings of the index at this path. Raises `BadInput` when there is none."""
    wanted = "/" + path.strip("/")
    for each in settings.others:
        if each.path == wanted:
            return each
    paths = [each.path[1:] for each in settings.others]
    meant = f" {nearest(path, paths)}" if paths else ""
    step = "" if settings.config else "Name the settings with --config"
    raise BadInput(f"--index `{path}`", why=f"the settings have no index at this path{meant}", next_step=step)


def _refused(config: Path | None, problems: list[str]) -> BadInput:
    """One problem in the line itself; several below it, each in a line of its own."""
    step = "See the reference of settings for every key"
    if len(problems) == 1:
        return BadInput(f"`{config}`", why=problems[0], next_step=step)
    detail = "\n".join(f"  {each}" for each in problems)
    return BadInput(f"`{config}`", why=f"{len(problems)} things in it cannot be used", next_step=f"{step}:", detail=detail)


def _check_folder(data: Path) -> None:
    """Find out now, before anything is opened, that the data folder can exist."""
    for above in (data, *data.absolute().parents):
        try:
            mode = above.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as problem:
            why = f"`{above}`: {(problem.strerror or str(problem)).lower()}"
            raise BadInput(f"data folder `{data}`", why=why, next_step="Name a folder you own with --data") from problem
        if not stat.S_ISDIR(mode):
            raise BadInput(f"data folder `{data}`", why=f"`{above}` is a regular file", next_step="Name a folder with --data")
        return


def _read(config: Path) -> Table:
    try:
        text = config.read_text("utf-8")
    except FileNotFoundError:
        raise BadInput("--config", why=f"there is no file `{config}`") from None
    except OSError as problem:
        raise BadInput("--config", why=f"`{config}` cannot be read: {(problem.strerror or str(problem)).lower()}") from problem
    except UnicodeDecodeError as problem:
        raise BadInput("--config", why=f"`{config}` is no text in UTF-8") from problem
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
    if https and parts.scheme == "http" and not is_loopback(host):
        return "must begin with https:// (plain http is for this machine only)"
    return None


def blobs_folder(settings: ServerSettings) -> Path:
    """Where the bytes of files are kept."""
    return settings.blobs or settings.data
