"""Uploads with attestations: verified before anything is listed, kept with the file row, and never changed afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.usecases.uploading import PUBLISHER, Index, Package, reason
from trustpub.domain.attestations import signer_of
from trustpub.domain.publishers import publisher
from trustpub.errors import Broken
from trustpub.parties.attestations.fake import FakeAttestor
from trustpub.parties.attestations.port import NotAttested, Statements
from trustpub.parties.attestations.process import MISSING, NoAttestor
from trustpub.usecases.attested import UNLISTED, Attesting, provenance_of
from trustpub.usecases.upload import Stored

START = "400 Invalid attestations supplied during upload: "
GHES = publisher("github", PUBLISHER.row(), "https://ghe.acme.example/_services/token")


def attested(version: str = "1.0", text: str = '[{"version": 1}]') -> Package:
    """A package with attestations."""
    return Package(version=version, more={"attestations": text})


def test_what_is_true_is_kept_with_the_file(tmp_path: Path) -> None:
    """The attestor gets the field, the name, the digest and the publisher of the token; the event says so."""
    attestor = FakeAttestor()
    package = attested()
    with Index(tmp_path, attesting=Attesting(attestor)) as index:
        outcome = index.send(index.upload_token("tiny-demo"), package)

        assert outcome == Stored(package.filename)
        (file,) = index.files()
        assert attestor.asked == [
            Statements('[{"version": 1}]', package.filename, file.sha256, signer_of(PUBLISHER))  # type: ignore[arg-type]
        ]
        told = provenance_of(index.database, "tiny-demo", "1.0", package.filename)
        assert isinstance(told, str)
        assert json.loads(told)["attestation_bundles"][0]["attestations"] == [{"version": 1}]
        (event,) = index.events("file:added")
        assert event.detail["attested"] is True
    assert attestor.closed


def test_what_is_forged_lists_nothing(tmp_path: Path) -> None:
    """The file is refused with the reason, and nothing of it stays announced."""
    with Index(tmp_path, attesting=Attesting(FakeAttestor())) as index:
        outcome = index.send(index.upload_token("tiny-demo"), attested(text='[{"forged": 1}]'))

        words = "Could not verify the uploaded artifact using the included attestation: it is forged"
        assert reason(outcome) == START + words
        assert index.files() == ()
        assert index.events("file:added") == []


def test_a_second_upload_keeps_the_first_provenance(tmp_path: Path) -> None:
    """The same bytes again are 200 whatever comes with them, and change nothing of what is kept."""
    attestor = FakeAttestor()
    with Index(tmp_path, attesting=Attesting(attestor)) as index:
        token = index.upload_token("tiny-demo")
        index.send(token, attested())
        first = index.files()
        again = [
            index.send(token, attested(text='[{"version": 2}]')),
            index.send(token, attested(text='[{"forged": 1}]')),
            index.send(token, Package()),
        ]

        assert again == [Stored(Package().filename, new=False)] * 3
        assert index.files() == first
        assert len(attestor.asked) == 1


def test_refused_before_anybody_looks_at_a_signature(tmp_path: Path) -> None:
    """A person's token, and a publisher that the signing service does not know."""
    attestor = FakeAttestor()
    with Index(tmp_path, attesting=Attesting(attestor)) as index:
        person = index.send(index.user_token(), attested())
        company = index.send(index.upload_token("tiny-demo", publisher=GHES), attested())

        assert reason(person) == START + "Attestations are only supported when using Trusted Publishing"
        assert reason(company).startswith(START + "Attestations are not currently supported with GitHub publishers of the issuer")
        assert attestor.asked == []
        assert index.files() == ()


def test_required(tmp_path: Path) -> None:
    """Uploads by trusted publishing must have some; people's tokens cannot."""
    with Index(tmp_path, attesting=Attesting(FakeAttestor(), required=True)) as index:
        token = index.upload_token("tiny-demo")

        assert reason(index.send(token, Package())).startswith(START + "This index requires attestations")
        assert index.send(token, attested()) == Stored(Package().filename)
        assert isinstance(index.send(index.user_token(), Package("other", "1.0")), Stored)


def test_without_the_libraries_nothing_is_dropped_in_silence(tmp_path: Path) -> None:
    """The upload is refused, and it is said what to install; without attestations it goes through."""
    with Index(tmp_path, attesting=Attesting(NoAttestor())) as index:
        token = index.upload_token("tiny-demo")

        assert reason(index.send(token, attested())) == START + MISSING
        assert index.send(token, Package()) == Stored(Package().filename)


class BrokenAttestor:
    """A trust root that cannot be used."""

    def verify(self, _: Statements) -> NotAttested:
        """Say so."""
        raise Broken("attestations cannot be verified", why="no trust root")

    def close(self) -> None:
        """Nothing to close."""


def test_a_broken_trust_root_is_the_index_fault(tmp_path: Path) -> None:
    """It is an error of ours, lists nothing, and hurts no other upload."""
    with Index(tmp_path, attesting=Attesting(BrokenAttestor())) as index:
        token = index.upload_token("tiny-demo")

        with pytest.raises(Broken):
            index.send(token, attested())
        assert index.files() == ()
        assert index.send(token, Package(version="2.0")) == Stored("tiny_demo-2.0-py3-none-any.whl")


@pytest.mark.parametrize(
    ("project", "version", "filename"),
    [("tiny-demo", "1.0", "x.whl"), ("tiny-demo", "2.0", ""), ("other", "1.0", ""), ("tiny_demo", "1.0", "")],
)
def test_provenance_belongs_to_its_own_file(tmp_path: Path, project: str, version: str, filename: str) -> None:
    """Another project, version or name is no file at all."""
    package = attested()
    with Index(tmp_path, attesting=Attesting(FakeAttestor())) as index:
        index.send(index.upload_token("tiny-demo", "other"), package)

        assert provenance_of(index.database, project, version, filename or package.filename) is UNLISTED


def test_an_old_release_takes_no_more_files(tmp_path: Path) -> None:
    """Fourteen days after its first file, to the second; a new version of the project goes on."""
    with Index(tmp_path, old_release_days=14) as index:
        token = index.user_token()
        first = Package(filename="tiny_demo-1.0-py3-none-any.whl", data=Package().data)
        second = Package(filename="tiny_demo-1.0-cp311-none-any.whl", data=Package().data + b"")
        second.data = _other(second.data)
        assert index.send(token, first) == Stored(first.filename)
        index.now += 14 * 86_400
        assert index.send(token, second) == Stored(second.filename)
        index.now += 0.5
        third = Package(filename="tiny_demo-1.0-cp312-none-any.whl", data=_other(second.data))
        words = "400 Uploading new files to releases older than 14 days is not allowed."
        assert reason(index.send(token, third)) == words
        assert index.send(token, first) == Stored(first.filename, new=False)
        assert isinstance(index.send(token, Package(version="2.0")), Stored)


def _other(wheel: bytes) -> bytes:
    """The same wheel in other bytes: an archive comment one letter longer."""
    length = int.from_bytes(wheel[wheel.rindex(b"PK\x05\x06") + 20 :][:2], "little")
    end = wheel.rindex(b"PK\x05\x06") + 20
    return wheel[:end] + (length + 1).to_bytes(2, "little") + wheel[end + 2 :] + b"x"
