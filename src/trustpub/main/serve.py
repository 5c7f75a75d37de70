"""The index as a running server: settings in, one service put together, one listener around it.

`serve` is the foreground of `trustpub serve`; `start` gives a server in a thread, as a rehearsal and the tests use it. Both run
the same service on the same listener.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trustpub.domain.issuers import BUILT_IN
from trustpub.errors import BadInput, Broken, Unreachable
from trustpub.main.housekeeping import Housekeeping, Leased
from trustpub.main.listener import RunningServer, address, bind, run_in_foreground
from trustpub.main.rounds import jobs
from trustpub.settings import blobs_folder
from trustpub.storage.database import Database
from trustpub.web.app import create_app
from trustpub.web.service import Record, Service

if TYPE_CHECKING:
    from trustpub.parties.archives.port import Validators
    from trustpub.settings import ServerSettings

__all__ = ["RunningServer", "build", "serve", "start"]

Clock = Callable[[], float]
Random = Callable[[int], bytes]


def build(
    settings: ServerSettings,
    *,
    clock: Clock = time.time,
    random: Random = os.urandom,
    record: Record | None = None,
    fsync: Callable[[int], None] = os.fsync,
) -> Service:
    """Open the stores of every index and wire the use cases; close the result.

    Indexes share threads and the processes that look into archives, and nothing else. `BadInput` or `Broken` when a store cannot
    be opened. `fsync` makes a descriptor's bytes durable; it is an argument so that a test can prove that each call is needed.
    """
    from trustpub.parties.archives.pool import ChildValidators

    validators = ChildValidators()
    with contextlib.ExitStack() as undo:
        first = _build(settings, validators, clock, random, record, fsync)
        undo.callback(first.close)
        others: list[Service] = []
        for each in settings.others:
            other = _build(each, validators, clock, random, record, fsync)
            undo.callback(other.close)
            others.append(replace(other, pool=first.pool, keys_pool=first.keys_pool, stopping=first.stopping))
        undo.pop_all()
    return replace(first, others=tuple(others)) if others else first


def _build(
    settings: ServerSettings,
    validators: Validators,
    clock: Clock,
    random: Random,
    record: Record | None,
    fsync: Callable[[int], None],
) -> Service:
    """One index."""
    from trustpub.parties.attestations.process import attestor
    from trustpub.parties.issuer.http import fetch
    from trustpub.parties.issuer.verifier import StrictVerifier
    from trustpub.storage.store import store_of
    from trustpub.usecases.attested import Attesting
    from trustpub.usecases.browse import Browse
    from trustpub.usecases.exchange import Exchange
    from trustpub.usecases.upload import Upload

    check_sending(settings)
    verifier = StrictVerifier(settings.issuers, settings.audience, clock, partial(fetch, private_hosts=private_hosts(settings)))
    database = Database.open(settings.data, settings.database)
    try:
        blobs = store_of(blobs_folder(settings), settings.bucket, settings.s3.endpoint, settings.s3.region, fsync)
        exchange = Exchange(verifier, database, settings.profile, settings.audience, clock, random, settings.pending_days)
        required = settings.attestations.required
        attesting = Attesting(attestor(settings.attestations.trust_root, required=required), required=required)
        upload = Upload(
            database,
            blobs,
            validators,
            settings.limits,
            clock,
            attesting=attesting,
            old_release_days=settings.old_release_days,
            pending_days=settings.pending_days,
        )
        return Service(settings, database, blobs, verifier, exchange, upload, Browse(database), clock, record, random=random)
    except BaseException:
        database.close()
        raise


def listening_at(service: Service, url: str) -> Service:
    """The same indexes, which know where they listen."""
    return replace(service, address=url, others=tuple(replace(each, address=url) for each in service.others))


def check_sending(settings: ServerSettings) -> None:
    """Refuse a way of sending that the store of this index does not have. Raises `BadInput`."""
    where = f'`[files] send = "{settings.sending.send}"`'
    if settings.sending.send == "redirect" and settings.bucket is None:
        raise BadInput(where, why="a folder serves nobody", next_step="Keep the files in an S3 bucket, or send them by `accel`")
    if settings.sending.send == "accel" and settings.bucket is not None:
        raise BadInput(where, why="the files are in a bucket", next_step="Send them by `redirect`, or by `self`")


def private_hosts(settings: ServerSettings) -> frozenset[str]:
    """Hosts whose keys may be fetched from a private address: those that the configuration names, never the built-in ones."""
    named = [issuer for issuer in settings.issuers if issuer not in BUILT_IN]
    addresses = [address for issuer in named for address in (issuer.url, issuer.jwks or "")]
    return frozenset(host for host in (urlsplit(each).hostname for each in addresses) if host)


def tls_context(settings: ServerSettings) -> ssl.SSLContext | None:
    """TLS 1.2 and later with the configured certificate; None when there is none. Raises `BadInput` for files that do not fit."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as problem:
        why = f"`{settings.tls_cert}` and `{settings.tls_key}` are not a certificate and its key"
        raise BadInput("--tls-cert and --tls-key", why=why) from problem
    return context


def _allow_connections() -> None:
    """Raise this process's limit of open files as far as it may: the usual 1,024 are 1,024 connections, then nobody gets in."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):  # some systems say "unlimited" and refuse it
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def serve(settings: ServerSettings, ready: Callable[[str], None], *, fsync: Callable[[int], None] = os.fsync) -> int:
    """Run the index until SIGTERM or SIGINT; `ready` gets its address once it listens. Returns the exit status."""
    _allow_connections()
    tls = tls_context(settings)
    listening = bind(settings.host, settings.port)
    try:
        url = address(listening, settings.host, tls=tls is not None)
        service = listening_at(build(settings, fsync=fsync), url)
        try:
            gc.freeze()  # what is here now stays: no collection has to look at it again
            gc.enable()
            with _housekeeping(service):
                run_in_foreground(
                    create_app(service),
                    listening,
                    tls,
                    partial(ready, url),
                    ending=service.stopping.set,
                    proxied=bool(settings.trusted_proxies),
                )
        finally:
            service.close()
    finally:
        listening.close()
    return 0


@contextlib.contextmanager
def _housekeeping(service: Service) -> Iterator[None]:
    """The jobs of every index; what this process has leased, it gives back at the end."""
    leased = [(each, Leased(each.database, each.clock)) for each in service.all]
    work = [job for each, lease in leased for job in jobs(each, lease)]
    with Housekeeping(work, service.log, service.clock, first=partial(_prepare, service)):
        yield
    for each, lease in leased:
        try:
            lease.give_back()
        except (Broken, Unreachable) as problem:
            each.log(f"what this process had leased ends by itself: {problem}")


def _prepare(service: Service) -> None:
    for each in service.all:
        each.blobs.prepare()
        each.upload.prepare()


def start(
    settings: ServerSettings,
    ssl_context: ssl.SSLContext | None = None,
    record: Record | None = None,
    *,
    dual: bool = False,
    clock: Clock = time.time,
    random: Random = os.urandom,
) -> RunningServer:
    """Run the index in a thread of this process until `stop()`, or until the `with` block ends.

    `dual` serves TLS (with `ssl_context`) and plain HTTP on one port; its `url` is then the plain one.
    """
    listening = bind(settings.host, settings.port)
    try:
        tls = ssl_context or tls_context(settings)
        url = address(listening, settings.host, tls=tls is not None and not dual)
        service = listening_at(build(settings, clock=clock, random=random, record=record), url)
    except BaseException:
        listening.close()
        raise
    return RunningServer(create_app(service), listening, url, tls=tls, dual=dual, release=service.close)
