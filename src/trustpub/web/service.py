"""What the routes need, in one value. `main.serve` builds it; a route takes from it what it names."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trustpub.web.metrics import Tally

if TYPE_CHECKING:
    from trustpub.parties.issuer.port import Verifier
    from trustpub.settings import ServerSettings
    from trustpub.storage.blobs import Blobs
    from trustpub.storage.database import Database
    from trustpub.usecases.accounts import Accounts
    from trustpub.usecases.browse import Browse
    from trustpub.usecases.exchange import Exchange
    from trustpub.usecases.project_pages import ProjectPages
    from trustpub.usecases.projects import Projects
    from trustpub.usecases.publishing import Publishing
    from trustpub.usecases.readme import Readmes
    from trustpub.usecases.search import Search
    from trustpub.usecases.token_uses import TokenUses
    from trustpub.usecases.upload import Upload
    from trustpub.usecases.upstream import Upstream


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One answered request, for whoever asked for records: a rehearsal's evidence of what a client really did.

    `at` is seconds since the epoch when the request came, `code` the code of a refusal (uploads: the reason), else "".
    """

    at: float
    method: str
    path: str
    status: int
    user_agent: str
    code: str


Record = Callable[[RequestRecord], None]


def log_to_stderr(line: str) -> None:
    """Write one line of the log."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Service:
    """One index: its settings, its stores, its use cases, and the threads that blocking work runs in.

    What only people need is made when the first of them comes: an index that serves installers alone never loads it.
    `others` are the further indexes of the same process, each a service of its own below its `settings.path`; `stopping` is set
    (for all of them) once the process was told to end.
    """

    settings: ServerSettings
    database: Database
    blobs: Blobs
    verifier: Verifier
    exchange: Exchange
    upload: Upload
    browse: Browse
    clock: Callable[[], float]
    record: Record | None = None
    log: Callable[[str], object] = log_to_stderr
    random: Callable[[int], bytes] = os.urandom
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16, "trustpub-work"))
    keys_pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, "trustpub-keys"))
    """Fetching an issuer's keys waits for somebody else's server, and must never keep pages and uploads waiting."""
    others: tuple[Service, ...] = ()
    stopping: threading.Event = field(default_factory=threading.Event)
    tally: Tally = field(default_factory=Tally)
    address: str | None = None
    """Where this process listens: what mails lead to, and security keys are bound to, when the settings name no `url`."""

    @property
    def all(self) -> tuple[Service, ...]:
        """Every index of this process, this one first."""
        return (self, *self.others)

    @cached_property
    def base(self) -> str:
        """What stands before every path of this index in an address, without a slash at its end: empty at a host's root."""
        return urlsplit(self.settings.url).path.rstrip("/") if self.settings.url else self.settings.path

    @cached_property
    def accounts(self) -> Accounts:
        """People: how they register, sign in, and prove who they are."""
        from trustpub.usecases.accounts import Accounts

        return Accounts.over(self.database, self.settings, self.clock, self.random, address=self.address)

    @cached_property
    def projects(self) -> Projects:
        """Projects, as their owners and maintainers manage them."""
        from trustpub.usecases.projects import Projects

        return Projects.over(self.database, self.settings, self.clock, self.random, address=self.address)

    @cached_property
    def publishing(self) -> Publishing:
        """Publishers, as the owners of projects manage them."""
        from trustpub.usecases.publishing import Publishing

        return Publishing.over(self.database, self.settings, self.clock, self.random)

    @cached_property
    def token_uses(self) -> TokenUses:
        """When API tokens were last used."""
        from trustpub.usecases.token_uses import TokenUses

        return TokenUses(self.database, self.clock)

    @cached_property
    def search(self) -> Search:
        """Finding projects by words."""
        from trustpub.usecases.search import Search

        return Search(self.database)

    @cached_property
    def project_pages(self) -> ProjectPages:
        """What visitors see of projects."""
        from trustpub.usecases.project_pages import ProjectPages

        return ProjectPages(self.database, self.clock)

    @cached_property
    def readmes(self) -> Readmes:
        """READMEs as pages show them; the process that renders them is started at the first."""
        from trustpub.parties.readme.process import RendererProcess
        from trustpub.usecases.readme import Readmes

        return Readmes(RendererProcess())

    @cached_property
    def upstream(self) -> Upstream:
        """The index behind this one; only asked for when the settings name one."""
        from trustpub.parties.upstream.http import HttpUpstream
        from trustpub.storage.kept_files import KeptFiles
        from trustpub.usecases.upstream import Upstream

        kept = KeptFiles(self.settings.data / "upstream", clock=self.clock)
        behind = HttpUpstream(self.settings.upstream.url or "")
        return Upstream(behind, self.database, kept, self.settings.upstream, self.clock)

    def close(self) -> None:
        """End the threads and the validators, then the database: acknowledged writes are durable long before."""
        for other in self.others:
            other.close()
        self.keys_pool.shutdown(wait=True, cancel_futures=True)
        self.pool.shutdown(wait=True, cancel_futures=True)
        if "readmes" in self.__dict__:
            self.readmes.close()
        self.upload.close()
        self.database.close()
