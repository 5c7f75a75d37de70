"""A process remembers nothing that decides and could be out of date: whatever it keeps is listed here, with the reason it may."""

from __future__ import annotations

import json
from itertools import chain

import pytest

from tests.docs.markdown import ROOT
from tests.journeys.two_processes.pair import Pair
from tests.journeys.two_processes.remembered import remembered, serving
from tests.negative.furnished import FILENAME, PROJECT

ASKED = "asked with every request whether it is still so, by the project's serial or the row itself"
COMPUTED = "follows from what it was asked for alone: the same text, the same answer, for ever"
DOCUMENTED = "may be old, and docs/reference/operations.md says how old"
NOTED = "is noted for people; nothing is decided by it"
OWN = "the process's own: its threads, children, connections, and the disk of this machine"
PASSING = "is over with the request, the transaction or the sweep that it belongs to"

WHY: dict[str, tuple[str, ...]] = {
    ASKED: (
        "web.fast: Pages._pages",
        "web.fast: Pages._building",  # a build begins after its serial was asked; who waits for one looks at its serial again
        "web.files: Files._known",
        "web.files: Files._small",  # bytes under their hash; whether they are listed is asked before
        "web.upstream: UpstreamPages._written",  # of the very page that is current
        "usecases.upload_sizes: Sizes._known",
    ),
    COMPUTED: (
        "domain.core_metadata: _is_licence",
        "domain.core_metadata: _is_specifier",
        "domain.core_metadata: _requirement",
        "domain.core_metadata: _spelled",
        "domain.core_metadata: parse_version",
        "domain.matching: _RULES",
        "domain.names: _standard_library",
        "parties.archives.wire: _settings",
        "parties.confined: folders_of",
        "parties.issuer.verifier: StrictVerifier._headers",
        "parties.upstream.http: _authorities",
        "pattern: _Pattern.__dict__",
        "storage.publishers: read_publisher",
        "storage.statements: Prepared",
        "storage.statements: Later",
        "usecases.passwords: Hashing._nobody",
        "usecases.readme: Readmes",
        "usecases.renames: _said",
        "web.answers: JsonAnswer._start",
        "web.api.legacy: _Stored",
        "web.api.openapi: document",
        "web.api.read_token: reads",
        "web.api.readers: readers",
        "web.fast: Wishes",
        "web.pages.apology: _style",
        "web.pages.static: Static",
        "web.pages.words.refusals: _patterns",
        "web.proxies: Proxies._trusted",
        "web.service: Service",
    ),
    DOCUMENTED: (
        "parties.issuer.keys: KeyRing",
        "usecases.upstream: Upstream._failed",
        "usecases.upstream: Upstream._pages",
        "usecases.upstream: _Remembered",
        "web.api.health: Readiness",
        "web.api.metrics: Numbers",
    ),
    NOTED: ("usecases.token_uses: TokenUses._noted", "web.metrics: Tally"),
    OWN: (
        "main.housekeeping: Housekeeping",
        "main.listener: Listener",
        "main.listener: RunningServer",
        "parties.archives.pool: ChildValidators",
        "parties.archives.pool: _Child",
        "parties.attestations.process: ProcessAttestor",
        "parties.readme.process: RendererProcess",
        "parties.readme.process: _Child",
        "storage.blobs: LocalBlobs",
        "storage.checkpoints: Checkpoints",
        "storage.database: Database",
        "storage.kept_files: KeptFiles",
        "storage.s3_blobs: S3Blobs",
        "storage.serial_batches: SerialBatches",
        "storage.writer: Writer",
        "usecases.exchange: Exchange",
        "web.app: Application._serials",
        "web.door: Door",
    ),
    PASSING: (
        "domain.forms: _Form",
        "parties.archives.pool: _Inspection",
        "parties.upstream.http: HttpUpstream._inside",
        "settings_document: Reader",
        "storage.blobs: Temp",
        "storage.events: _EVENTS",
        "storage.tokens: _REPLAYS",
        "storage.tokens: _TOKENS",
        "storage.writer: _Call",
        "usecases.collect_garbage: _Lease",
        "usecases.collect_garbage: _Sweep",
        "usecases.upload: _Going",
        "web.api.legacy: _Body",
        "web.arriving: Arriving",
        "web.batches: Batches",
        "web.cache: Cache",  # whoever has one is listed
        "web.multipart: Digests",
        "web.multipart: Spool",
        "web.multipart: UploadForm",
        "web.pages.visit: Visit",
        "web.protocol: Protocol",
        "web.protocol: State",
        "web.protocol: _Reasoned",
        "web.together: Together",
        "web.upstream: UpstreamFiles._arriving",
        "web.upstream: UpstreamPages._asking",
    ),
}
"""By why it may: `module: what`, where `what` is a class with all that it keeps, or one attribute, function or variable."""

OLD = {
    "the keys of an issuer": "an hour",
    "pages of the index behind this one": "a minute",
    "what `/readyz` found": "a second",
    "`trustpub_held` of the metrics": "a minute",
}
"""What may be how old, as the page for operators says it."""


def test_all_that_is_remembered_is_listed() -> None:
    """Whoever adds a cache says here why it cannot be out of date in what it decides; and asks, if it can."""
    listed = list(chain.from_iterable(WHY.values()))
    found = {f"{module.removeprefix('trustpub.')}: {what}" for module in serving() for what in remembered(module)}
    assert [] == sorted(each for each in found if each not in listed and each.rpartition(".")[0] not in listed)
    used = found | {each.rpartition(".")[0] for each in found}
    assert [] == [each for each in listed if each not in used]
    assert len(listed) == len(set(listed))


def test_what_may_be_old_is_documented() -> None:
    """On the page for operators."""
    text = " ".join((ROOT / "docs" / "reference" / "operations.md").read_text().split())
    for what, old in OLD.items():
        assert f"| {what} | {old}" in text


@pytest.mark.pg
def test_what_is_kept_by_serial(pair: Pair) -> None:
    """A page and a file that one process has in memory: what the other changes, the first one's next answer shows."""
    page, told = f"/simple/{PROJECT}/", {"Accept": "application/vnd.pypi.simple.v1+json"}
    manage, ann = f"/manage/project/{PROJECT}/", pair.cookies["ann"]

    def shown() -> tuple[int, str, object]:
        answer = json.loads(pair.one.ask("GET", page, told).body)
        [file] = answer["files"] or [{}]
        status = (answer.get("project-status") or {}).get("status", "active")
        return pair.one.ask("GET", pair.file, {}).status, status, file.get("yanked")

    for _ in range(2):
        assert (200, "active", False) == shown()
    changes: tuple[tuple[str, dict[str, str], tuple[int, str, object]], ...] = (
        (f"{manage}release/1.0/yank/", {"reason": "broken"}, (200, "active", "broken")),
        (f"{manage}release/1.0/unyank/", {}, (200, "active", False)),
        (f"{manage}settings/archive/", {"reason": "over"}, (200, "archived", False)),
        (f"{manage}settings/unarchive/", {}, (200, "active", False)),
        (f"{manage}release/1.0/delete-file/", {"filename": FILENAME, "confirm": PROJECT}, (404, "active", None)),
    )
    for path, form, expected in changes:
        assert pair.other.send(path, ann, **form).status == 303
        assert expected == shown()
