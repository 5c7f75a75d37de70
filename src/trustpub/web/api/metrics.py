"""`GET /metrics`: numbers for Prometheus, for this machine and for whoever has an administrator's API token.

Counted are this process's answers (`web.metrics`); the sizes are the index's own, looked up at most once a minute. Labels hold no
path, no project and no person.
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING

from starlette.responses import Response

from trustpub.usecases.health import Health
from trustpub.version import __version__
from trustpub.web.answers import NO_STORE, refusal
from trustpub.web.methods import Only
from trustpub.web.metrics import BOUNDS
from trustpub.web.proxies import PROXY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import Metric
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.storage.totals import Totals
    from trustpub.web.metrics import Tally
    from trustpub.web.service import Service

PATH = "/metrics"
TOTALS_KEPT = 60.0
"""Seconds for which sizes are good: counting a million rows takes a while."""
FORWARDING = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})
"""Headers that say that somebody else asks through a peer of this machine."""


def routes(service: Service) -> list[BaseRoute]:
    """One address, about all indexes of this process."""
    numbers = Numbers(service)
    health = Health(service.database, service.blobs, service.clock)

    async def metrics(scope: Scope, _receive: Receive) -> Response:
        loop = asyncio.get_running_loop()
        if not from_here(scope):
            told = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None)
            if not await loop.run_in_executor(service.pool, health.is_operator, told):
                return _refused()
        text = await loop.run_in_executor(service.pool, numbers.text)
        return Response(text, 200, NO_STORE, media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Only("GET", PATH, metrics)]


def from_here(scope: Scope) -> bool:
    """Whether this machine itself asks.

    A proxy of this machine that the settings do not name looks the same; what such a proxy adds gives it away.
    """
    client = scope.get("client")
    if not client or (PROXY not in scope and any(name in FORWARDING for name, _ in scope["headers"])):
        return False
    try:
        return ip_address(client[0].partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refused() -> Response:
    description = "metrics are for this machine, and for an administrator's API token with the scope read or manage"
    headers = {**NO_STORE, "www-authenticate": 'Bearer realm="trustpub"'}
    return refusal(401, "unauthenticated", description, message="The metrics are not shown", headers=headers)


class Numbers:
    """Writes down what all indexes of a process have counted, in Prometheus' text format."""

    def __init__(self, service: Service) -> None:
        self._services = service.all
        self._totals: dict[str, Totals] = {}
        self._until = 0.0

    def text(self) -> bytes:
        """Everything, now. Loads Prometheus' client the first time."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """All families, as the client asks for them."""
        from prometheus_client.core import InfoMetricFamily

        info = InfoMetricFamily("trustpub_build", "The release that runs.")
        info.add_metric([], {"version": __version__})
        yield info
        yield from self._answers()
        yield from self._outcomes()
        yield from self._sizes()

    def _answers(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        names = ["index", "route", "status"]
        seconds = HistogramMetricFamily("trustpub_request_seconds", "Answers, and how long they took.", labels=names)
        sent = CounterMetricFamily("trustpub_sent_bytes", "Bytes of answers' bodies.", labels=names[:2])
        for index, tally in self._tallies():
            for (route, status), (total, *buckets) in sorted(tally.answers.items()):
                label = f"{status}xx" if status else "none"
                seconds.add_metric([index, route, label], list(_cumulated(buckets)), total)
            for route, count in sorted(tally.sent.items()):
                sent.add_metric([index, route], count)
        yield seconds
        yield sent

    def _outcomes(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily

        exchanges = CounterMetricFamily("trustpub_exchanges", "Exchanges of ID tokens, by outcome.", labels=["index", "code"])
        uploads = CounterMetricFamily("trustpub_uploads", "Uploads, by outcome.", labels=["index", "code"])
        received = CounterMetricFamily("trustpub_uploaded_bytes", "Bytes of uploads that were taken.", labels=["index"])
        families = {"exchange": exchanges, "upload": uploads}
        for index, tally in self._tallies():
            for (route, code), count in sorted(tally.codes.items()):
                families[route].add_metric([index, code], count)
            received.add_metric([index], tally.received.get("upload", 0))
        yield from (exchanges, uploads, received)

    def _sizes(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        waiting = GaugeMetricFamily("trustpub_writer_queue", "Writes that wait for the database.", labels=["index"])
        held = GaugeMetricFamily("trustpub_held", "What the index holds: rows, and bytes.", labels=["index", "what"])
        for service, totals in self._counted():
            index = service.settings.path or "/"
            waiting.add_metric([index], service.database.waiting)
            for what in totals.__slots__:
                held.add_metric([index, what], getattr(totals, what))
        yield from (waiting, held)

    def _counted(self) -> Iterator[tuple[Service, Totals]]:
        if monotonic() >= self._until:
            self._totals = {each.settings.path: Health(each.database, each.blobs, each.clock).held() for each in self._services}
            self._until = monotonic() + TOTALS_KEPT
        return ((each, self._totals[each.settings.path]) for each in self._services)

    def _tallies(self) -> Iterator[tuple[str, Tally]]:
        return ((each.settings.path or "/", each.tally) for each in self._services)


def _cumulated(buckets: Iterable[float]) -> Iterator[tuple[str, float]]:
    """Buckets as Prometheus has them: each holds all that took at most so long."""
    so_far = 0.0
    for bound, count in zip([*BOUNDS, "+Inf"], buckets, strict=True):
        so_far += count
        yield str(bound), so_far
