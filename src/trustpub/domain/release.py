"""The upload form: what a client says about the file it sends, read leniently where clients differ and exactly where it matters.

A form decides nothing that the file itself can say: name and version must agree with the file's own metadata, digests with its
bytes, everything else in the form is ignored. So pdm's empty fields, flit's metadata version, maturin's normalised name and
uv's joined tags are all fine, and nobody can write into the index what is not in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.core_metadata import (
    MULTIPLE,
    PYPI,
    CoreMetadata,
    Problem,
    Rules,
    metadata_version_problem,
    name_problem,
    parse_version,
    read_version,
    same_requirements,
    same_specifier,
)
from trustpub.domain.filenames import SDIST, WHEEL, filename_problem
from trustpub.domain.names import NormalizedName, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from trustpub.domain.claims import JSON

DIGESTS = {"md5_digest": "md5", "sha256_digest": "sha256", "blake2_256_digest": "blake2_256"}
"""Form fields that carry a digest, and which one."""

_SINGLE = (
    "metadata_version",
    "name",
    "version",
    "filetype",
    "pyversion",
    "comment",
    "protocol_version",
    "attestations",
    "requires_python",
    *DIGESTS,
)
_HEX = {"md5": re.compile("[0-9a-f]{32}"), "sha256": re.compile("[0-9a-f]{64}"), "blake2_256": re.compile("[0-9a-f]{64}")}


@dataclass(frozen=True, slots=True)
class Submission:
    """One upload form that can be meant: which file of which release, and the digests that its bytes must have."""

    name: str
    normalized: NormalizedName
    version: Version
    filetype: str
    pyversion: str
    digests: tuple[tuple[str, str], ...]
    """Pairs of `md5`, `sha256` or `blake2_256` and lower-case hexadecimal digits; at least one."""
    attestations: str = ""
    """The JSON text of the field, unread; empty when there is none."""
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    """What the form says of the dependencies; empty when it says nothing."""


def submission(fields: Iterable[tuple[str, str]], rules: Rules = PYPI) -> Submission | Problem:
    """Read a form, or say what is wrong first: the protocol, then metadata version, name, version, then the rest.

    Mirrors: warehouse/forklift/legacy.py and forms.py @6b62157. Fields that say UNKNOWN or nothing are not there.
    """
    values = _gather(fields)
    if values.get("protocol_version", ["1"]) != ["1"]:
        return Problem("protocol_version", "protocol-version", "Unknown protocol version.")
    for field in _SINGLE:
        if len(values.get(field, ())) > 1:
            return Problem(field, "invalid-field", f"Invalid value for {field}. Error: '{field}' has invalid data.")
    one = {field: found[0] for field, found in values.items()}
    version = _identity(one, rules)
    if isinstance(version, Problem):
        return version
    problem = _type_problem(one)
    if problem:
        return problem
    digests = tuple((kind, one[field].lower()) for field, kind in DIGESTS.items() if field in one)
    problem = _digest_problem(digests)
    if problem:
        return problem
    pyversion = one.get("pyversion", "source")
    return Submission(
        one["name"],
        normalize(one["name"]),
        version,
        one["filetype"],
        pyversion,
        digests,
        one.get("attestations", ""),
        one.get("requires_python", ""),
        tuple(sorted(values.get("requires_dist", ()))),
    )


def _gather(fields: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The form's fields that say something, in order; NUL is made visible, so that no later reader stops at it."""
    values: dict[str, list[str]] = {}
    for field, value in fields:
        said = value.replace("\x00", "\\x00").strip()
        if said and said != "UNKNOWN":
            values.setdefault(field, []).append(said)
    return values


def _identity(one: Mapping[str, str], rules: Rules) -> Version | Problem:
    """The version of a form whose metadata version, name and version can be meant."""
    if "metadata_version" in one:
        problem = metadata_version_problem(one["metadata_version"])
        if problem:
            return problem
    for field in ("name", "version"):
        if field not in one:
            return _invalid(field, "This field is required.")
    return name_problem(one["name"]) or read_version(one["version"], rules)


def _type_problem(one: Mapping[str, str]) -> Problem | None:
    """The file type, and the Python version that it asks for: flit sends none for an sdist, uv a wheel's tags joined by dots."""
    filetype = one.get("filetype")
    if filetype is None:
        return _invalid("filetype", "This field is required.")
    if filetype not in (SDIST, WHEEL):
        return _invalid("filetype", "Use a known file type.")
    if filetype == WHEEL and "pyversion" not in one:
        return Problem("pyversion", "invalid-field", "Error: Python version is required for binary distribution uploads.")
    if filetype == SDIST and one.get("pyversion", "source") != "source":
        return Problem("pyversion", "invalid-field", "Error: Use 'source' as Python version for an sdist.")
    if len(one.get("pyversion", "")) > 200:
        return _invalid("pyversion", "Field cannot be longer than 200 characters.")
    return None


def _digest_problem(digests: Sequence[tuple[str, str]]) -> Problem | None:
    for kind, value in digests:
        if not _HEX[kind].fullmatch(value):
            return _invalid(f"{kind}_digest", f"Use a valid, hex-encoded, {kind.replace('_', '-').upper()} message digest.")
    if not digests:
        return Problem("", "invalid-field", "Error: Include at least one message digest.")
    return None


def _invalid(field: str, why: str) -> Problem:
    return Problem(field, "invalid-field", f"Invalid value for {field}. Error: {why}")


def content_problem(form: Submission, filename: str, content_type: str) -> Problem | None:
    """Whether a file of this name and media type could be uploaded as what the form says; `belongs_problem` says of what."""
    problem = filename_problem(filename, form.filetype)
    if problem:
        return problem
    if content_type.lower().startswith("image/"):
        return Problem("content", "invalid-file", "Invalid distribution file.")
    return None


def digest_problem(form: Submission, actual: Mapping[str, str]) -> Problem | None:
    """Whether every digest that was sent is the file's; one that we did not compute counts as different."""
    if all(actual.get(kind) == value for kind, value in form.digests):
        return None
    message = "The digest supplied does not match a digest calculated from the uploaded file."
    return Problem("content", "digest-mismatch", message)


def agreement_problem(form: Submission, metadata: CoreMetadata) -> Problem | None:
    """Whether the file's own metadata says what the form says: project, version, and of a wheel also what it depends on.

    PyPI believes the form and never compares; here the file is the truth, so a form that says otherwise is refused. What a form
    leaves out is not compared, and of a source distribution only name and version are: clients take the rest from elsewhere.
    """
    name, version = metadata.one("name"), metadata.one("version")
    if normalize(name) != form.normalized:
        return _disagrees("Name", name, form.name)
    if parse_version(version) != form.version:
        return _disagrees("Version", version, str(form.version))
    if form.filetype == WHEEL:
        return _dependency_problem(form, metadata)
    return None


def _dependency_problem(form: Submission, metadata: CoreMetadata) -> Problem | None:
    """Whether both mean the same Python versions and requirements, however they are spelled and ordered."""
    python = metadata.one("requires-python")
    if form.requires_python and form.requires_python != python and not same_specifier(form.requires_python, python):
        return _disagrees("Requires-Python", python, form.requires_python)
    needed = tuple(sorted(metadata.all("requires-dist")))
    if form.requires_dist and form.requires_dist != needed:
        ours, theirs = same_requirements(needed), same_requirements(form.requires_dist)
        if ours != theirs:
            only_file, only_form = sorted(ours - theirs), sorted(theirs - ours)
            return _disagrees("Requires-Dist", (only_file or ["nothing more"])[0], (only_form or ["nothing more"])[0])
    return None


def _disagrees(field: str, file: str, form: str) -> Problem:
    message = f"Invalid distribution file. Its metadata has {field} '{file[:100]}', but the upload is for '{form[:100]}'."
    return Problem(field.lower().replace("-", "_"), "metadata-mismatch", message)


def release_metadata(metadata: CoreMetadata) -> dict[str, JSON]:
    """What a release keeps of its first file: each field under its form name, multiple-use fields as lists."""
    kept: dict[str, JSON] = {}
    for field, values in metadata.fields.items():
        name = _FORM_NAMES.get(field, field.replace("-", "_"))
        kept[name] = list(values) if field in MULTIPLE else values[0]
    if metadata.description:
        kept["description"] = metadata.description
    return kept


_FORM_NAMES = {
    "platform": "platforms",
    "supported-platform": "supported_platforms",
    "classifier": "classifiers",
    "license-file": "license_files",
    "project-url": "project_urls",
    "import-name": "import_names",
    "import-namespace": "import_namespaces",
}
