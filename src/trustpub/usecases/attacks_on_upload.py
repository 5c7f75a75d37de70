"""Attacks with an upload token: each changes one thing of an upload that would be accepted.

Statuses and reasons are PyPI's. Mirrors: warehouse/forklift/legacy.py and warehouse/macaroons/security_policy.py @6b62157.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

from trustpub.domain.tokens import LIFETIME
from trustpub.usecases.workbench import Bench, Control, NotHere, Trial

if TYPE_CHECKING:
    from trustpub.parties.clients.port import Answer

_UNKNOWN_IDENTITY = "Invalid or non-existent authentication information"
_VERSION = "1.0"


def _other_project(bench: Bench) -> Trial:
    """The neighbour's own file, once with our token and once with the neighbour's: only the token differs."""
    ours = bench.upload_token()
    claims = bench.claims()
    workflow = f"/{bench.publisher.get('workflow_filename')}@"
    theirs = f"/{bench.neighbour.get('workflow_filename')}@"
    reference = str(claims["job_workflow_ref"]).replace(workflow, theirs)
    neighbours = bench.exchange(bench.stage.sign({**claims, "job_workflow_ref": reference})).token
    filename, content, fields = small_wheel(bench.neighbour_project)

    def upload(token: str) -> Answer:
        return bench.stage.wire.upload(token, fields, filename, content)

    return Trial(upload(ours), upload(neighbours))


def _late(bench: Bench) -> Trial:
    """The very same upload with the very same token, once in time and once too late."""
    token = bench.upload_token()
    in_time = bench.upload(token)
    bench.stage.set_clock(LIFETIME + 1)
    try:
        return Trial(bench.upload(token), in_time)
    finally:
        bench.stage.set_clock(0)


def _burnt(bench: Bench) -> Trial:
    token = bench.upload_token()
    before = bench.upload(token)
    given_back = bench.stage.wire.burn(token)
    if not given_back.accepted:
        return Trial(bench.upload(token), given_back)
    return Trial(bench.upload(token), before)


def _changed_bytes(bench: Bench) -> Trial:
    token = bench.upload_token()
    attack = bench.upload(token, repacked(bench.dist.path.name, bench.content))
    return Trial(attack, bench.upload(token))


def _no_credential(bench: Bench) -> Trial:
    return Trial(bench.upload(None), bench.upload(bench.upload_token()))


def _id_token_as_password(bench: Bench) -> Trial:
    return Trial(bench.upload(bench.stage.sign(bench.claims())), bench.upload(bench.upload_token()))


def _garbled(bench: Bench) -> Trial | NotHere:
    token = bench.upload_token()
    if not token:
        return NotHere("the index minted no token to garble")
    other = "A" if token[20:21] != "A" else "B"
    return Trial(bench.upload(f"{token[:20]}{other}{token[21:]}"), bench.upload(token))


def _wrong_digest(bench: Bench) -> Trial:
    token = bench.upload_token()
    return Trial(bench.upload(token, digest=hashlib.sha256(b"other bytes").hexdigest()), bench.upload(token))


UPLOAD_CONTROLS: tuple[Control, ...] = (
    Control(
        "upload to another project",
        403,
        "Invalid API Token",
        "a publisher could overwrite its neighbours' projects",
        _other_project,
    ),
    Control("expired upload token", 403, "Invalid API Token: token is expired", "a token found in a log would publish", _late),
    Control("burnt upload token", 403, _UNKNOWN_IDENTITY, "a token that was given back would publish", _burnt),
    Control(
        "changed bytes under an uploaded name",
        400,
        "File already exists",
        "a released file could be replaced under its users",
        _changed_bytes,
    ),
)

UPLOAD_THOROUGH: tuple[Control, ...] = (
    Control("upload without a credential", 403, _UNKNOWN_IDENTITY, "anybody could publish", _no_credential),
    Control("ID token as password", 403, _UNKNOWN_IDENTITY, "the exchange could be skipped", _id_token_as_password),
    Control("garbled upload token", 403, _UNKNOWN_IDENTITY, "tokens could be guessed", _garbled),
    Control(
        "digest of other bytes",
        400,
        "The digest supplied does not match",
        "a file could be swapped between the workflow and the index",
        _wrong_digest,
    ),
)


def repacked(filename: str, content: bytes) -> bytes:
    """A valid archive of the same members, but other bytes."""
    if filename.endswith(".tar.gz"):
        return gzip.compress(gzip.decompress(content), compresslevel=1, mtime=1)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            info = zipfile.ZipInfo(member.filename, (1980, 1, 2, 0, 0, 0))
            info.external_attr = member.external_attr
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(member))
    return out.getvalue()


def small_wheel(project: str) -> tuple[str, bytes, dict[str, str]]:
    """A complete wheel with nothing in it: file name, bytes, and the form fields that go with it."""
    name = project.replace("-", "_")
    inside = f"{name}-{_VERSION}.dist-info"
    members = {
        f"{inside}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {_VERSION}\n".encode(),
        f"{inside}/WHEEL": b"Wheel-Version: 1.0\nGenerator: trustpub\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_record_hash(body)},{len(body)}\n" for path, body in members.items())
    members[f"{inside}/RECORD"] = f"{record}{inside}/RECORD,,\n".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, body in members.items():
            wheel.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), body)
    content = out.getvalue()
    fields = {"metadata_version": "2.1", "name": project, "version": _VERSION, "filetype": "bdist_wheel", "pyversion": "py3"}
    return f"{name}-{_VERSION}-py3-none-any.whl", content, fields | {"sha256_digest": hashlib.sha256(content).hexdigest()}


def _record_hash(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
