"""Core metadata as a distribution carries it (METADATA, PKG-INFO): read strictly, checked as PyPI checks an upload form.

The file is the truth: clients rename, drop and invent form fields, installers read the file. So it is read in one way only:
every line that two readers could take differently (a bare carriage return, a line that is no field, a single-use field twice)
is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from trustpub.domain.names import is_project_name, normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

KNOWN_VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
"""Metadata versions an index must take; 2.5 is what hatchling writes today."""

UNKNOWN = "UNKNOWN"
"""What old tools write where there is nothing to say."""

MAX_FIELDS = 5_000
MAX_SUMMARY = 512
MAX_URL_LABEL = 32

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+ *")
_URL = re.compile(r"https?://[^\s/?#@:]+(:[0-9]{1,5})?([/?#]\S*)?", re.IGNORECASE | re.ASCII)
_CONTENT_TYPE = re.compile(
    r"text/(plain|x-rst|markdown)((\s*;\s*[a-z]+\s*=\s*\"?[A-Za-z0-9_-]+\"?)*)\s*", re.IGNORECASE | re.ASCII
)

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\]{1,64}@(?=[^@]{1,253}\Z)[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_SINCE = {"license-expression": "2.4", "import-name": "2.5", "import-namespace": "2.5"}
"""Fields by the metadata version that brought them. `License-File` is not here: tools wrote it long before it was one."""
_DYNAMIC = frozenset(
    {
        "author", "author-email", "classifier", "description", "description-content-type", "download-url", "home-page",
        "import-name", "import-namespace", "keywords", "license", "license-expression", "license-file", "maintainer",
        "maintainer-email", "obsoletes", "obsoletes-dist", "platform", "project-url", "provides", "provides-dist",
        "provides-extra", "requires", "requires-dist", "requires-external", "requires-python", "summary",
        "supported-platform",
    }
)  # fmt: skip

MULTIPLE = frozenset(
    {
        "platform", "supported-platform", "classifier", "requires", "provides", "obsoletes", "requires-dist", "provides-dist",
        "obsoletes-dist", "requires-external", "project-url", "provides-extra", "dynamic", "license-file", "import-name",
        "import-namespace",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What an index refuses beyond the specifications. The defaults are PyPI's."""

    local_versions: bool = False
    linux_wheels: bool = False
    private_classifiers: bool = False
    direct_urls: bool = False


PYPI = Rules()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an upload: the field (empty for the whole), a stable code, and the words that the client shows.

    The words are one line, whatever the value is: clients show the answer's status line.
    """

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The fields of one METADATA or PKG-INFO by lower-case name, each a tuple of values, and the description."""

    fields: Mapping[str, tuple[str, ...]]
    description: str

    def one(self, name: str) -> str:
        """The value of a single-use field, empty when it is absent."""
        values = self.fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in order."""
        return self.fields.get(name, ())


def read(data: bytes) -> CoreMetadata | Problem:
    """Read METADATA or PKG-INFO, or say why it can be read in more than one way."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _unreadable("it is not UTF-8")
    fields: dict[str, list[str]] = {}
    lines = text.split("\n")
    values: list[str] | None = None
    for number, ended in enumerate(lines, 1):
        line = ended.removesuffix("\r")
        if not line:
            return _finish(fields, "\n".join(lines[number:]))
        if _CONTROL.search(line):
            return _unreadable(f"line {number} holds a control character")
        if line[0] in " \t":
            if values is None:
                return _unreadable(f"line {number} continues nothing")
            values[-1] += "\n" + line
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            return _unreadable(f"line {number} is neither a field nor a continuation")
        values = fields.setdefault(match[1].lower(), [])
        values.append(match[2].rstrip(" \t"))
        if number > MAX_FIELDS:
            return _unreadable(f"it has more than {MAX_FIELDS} lines of fields")
    return _finish(fields, "")


def _finish(fields: dict[str, list[str]], description: str) -> CoreMetadata | Problem:
    for name, values in fields.items():
        if len(values) > 1 and name not in MULTIPLE:
            return _unreadable(f"the field '{_title(name)}' stands more than once")
    told = {name: tuple(value for value in values if value != UNKNOWN) for name, values in fields.items()}
    body = fields.get("description", [""])[0] or description
    return CoreMetadata({name: values for name, values in told.items() if values}, "" if body.strip() == UNKNOWN else body)


def _unreadable(why: str) -> Problem:
    return Problem("", "invalid-metadata", f"Invalid distribution metadata: {why}.")


def problems(metadata: CoreMetadata, rules: Rules) -> tuple[Problem, ...]:
    """Everything wrong with these fields, the ones that decide most first (metadata version, name, version).

    Mirrors: warehouse/forklift/metadata.py and packaging.metadata @6b62157, without the catalogue of classifiers
    (domain/classifiers.py). Works in time linear in the metadata; equal requirements are parsed once in the life of a process.
    """
    return tuple(problem for check in _CHECKS for problem in check(metadata, rules))


def first_problem(metadata: CoreMetadata, rules: Rules) -> Problem | None:
    """The first of `problems`, without looking for the others."""
    for check in _CHECKS:
        for problem in check(metadata, rules):
            return problem
    return None


def invalid(field: str, value: str, why: str) -> Problem:
    """One invalid value, in PyPI's words, on one line; a long value is shortened."""
    shown = value if len(value) <= 100 else value[:97] + "..."
    message = f"'{shown}' is an invalid value for {_title(field)}. Error: {why} See the core metadata specification."
    return Problem(field.replace("-", "_"), "invalid-field", one_line(message))


def one_line(text: str) -> str:
    """The text without line ends and control characters: each run of them, and the blanks behind it, is one blank."""
    return _UNPRINTED.sub(" ", text)


def metadata_version_problem(value: str) -> Problem | None:
    """Whether the index can know the meaning of this metadata version's fields."""
    if value in KNOWN_VERSIONS:
        return None
    return invalid("metadata-version", value, f"Use a known metadata version: {', '.join(KNOWN_VERSIONS)}.")


def name_problem(value: str) -> Problem | None:
    """Whether this could be a project's name."""
    if is_project_name(value):
        return None
    why = "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'."
    return invalid("name", value, why)


def read_version(value: str, rules: Rules) -> Version | Problem:
    """The version, or why the index does not take it."""
    version = parse_version(value)
    if version is None:
        return invalid("version", value, "Version must follow the version specifiers specification (PEP 440).")
    if version.local and not rules.local_versions:
        why = f"The use of local versions in '{value[:200]}' is not allowed."
        return invalid("version", value, why)
    return version


@lru_cache(maxsize=1024)
def parse_version(text: str) -> Version | None:
    """The version, or None when it is none."""
    try:
        return Version(text) if text.isascii() and len(text) <= 200 else None
    except InvalidVersion:
        return None


def _identity(metadata: CoreMetadata, rules: Rules) -> Iterator[Problem]:
    found = (
        metadata_version_problem(metadata.one("metadata-version")),
        name_problem(metadata.one("name")),
        read_version(metadata.one("version"), rules),
    )
    yield from (problem for problem in found if isinstance(problem, Problem))


def _summary(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    summary = metadata.one("summary")
    if "\n" in summary:
        yield invalid("summary", summary.split("\n", 1)[0], "'summary' must be a single line.")
    if len(summary) > MAX_SUMMARY:
        yield invalid("summary", summary, f"Field cannot be longer than {MAX_SUMMARY} characters.")


def _requires_python(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    value = metadata.one("requires-python")
    if value and not _is_specifier(value):
        yield invalid("requires-python", value, "Invalid specifier in requirement.")


@lru_cache(maxsize=1024)
def _is_specifier(text: str) -> bool:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return text.isprintable()


def _requirements(metadata: CoreMetadata, rules: Rules) -> Iterator[Problem]:
    for value in metadata.all("requires-dist"):
        kind = _requirement(value)
        if kind == "invalid":
            yield invalid("requires-dist", value, "Invalid requirement.")
        elif kind == "direct" and not rules.direct_urls:
            yield invalid("requires-dist", value, f"Can't have direct dependency: {value[:200]}.")
    for field in ("provides-dist", "obsoletes-dist"):
        for value in metadata.all(field):
            kind = _requirement(value)
            if kind == "invalid":
                yield invalid(field, value, f"{value[:100]!r} is invalid: it is no requirement.")
            elif kind == "direct":
                yield invalid(field, value, f"Can't have direct dependency: {value[:200]}.")


@lru_cache(maxsize=4096)
def _requirement(text: str) -> str:
    try:
        return "direct" if Requirement(text).url else "named"
    except (InvalidRequirement, RecursionError):
        return "invalid"


def same_specifier(one: str, other: str) -> bool:
    """Whether two texts mean the same Python versions; texts that mean none are compared as they are."""
    try:
        return SpecifierSet(one) == SpecifierSet(other)
    except InvalidSpecifier:
        return one == other


def same_requirements(texts: Iterable[str]) -> frozenset[str]:
    """The requirements in one spelling each; what is none stays as it is."""
    return frozenset(_spelled(text) for text in texts)


@lru_cache(maxsize=4096)
def _spelled(text: str) -> str:
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return text
    requirement.name = normalize(requirement.name)
    return str(requirement)


def _urls(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    for field in ("home-page", "download-url"):
        value = metadata.one(field)
        if value and not _is_url(value):
            yield invalid(field, value, "Invalid URI, please use a valid http:// or https:// address.")
    for value in metadata.all("project-url"):
        label, comma, address = value.partition(",")
        if not comma or not label.strip():
            yield invalid("project-url", value, "Use a label, a comma, and an address.")
        elif len(label.strip()) > MAX_URL_LABEL:
            yield invalid("project-url", value, f"A label has at most {MAX_URL_LABEL} characters.")
        elif not _is_url(address.strip()):
            yield invalid("project-url", value, "Invalid URI, please use a valid http:// or https:// address.")


def _is_url(text: str) -> bool:
    return len(text) <= 2048 and _URL.fullmatch(text) is not None


def _licence(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    expression = metadata.one("license-expression")
    if expression and metadata.one("license"):
        why = "License is deprecated when License-Expression is present. Only License-Expression should be present."
        yield invalid("license", metadata.one("license"), why)
    if expression and not _is_licence(expression):
        yield invalid("license-expression", expression, "Use a valid SPDX license expression.")


@lru_cache(maxsize=256)
def _is_licence(text: str) -> bool:
    try:
        canonicalize_license_expression(text)
    except (InvalidLicenseExpression, RecursionError):
        return False
    return True


def _extras(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    for value in metadata.all("provides-extra"):
        if not is_project_name(value):
            yield invalid("provides-extra", value, f"{value[:100]!r} is invalid.")


def _content_type(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    value = metadata.one("description-content-type")
    if value and not _CONTENT_TYPE.fullmatch(value):
        yield invalid("description-content-type", value, "Use one of text/plain, text/x-rst, text/markdown.")


def _classifiers(metadata: CoreMetadata, rules: Rules) -> Iterator[Problem]:
    for value in metadata.all("classifier"):
        if value.startswith("Private ::") and not rules.private_classifiers:
            yield invalid("classifier", value, f"'{value[:200]}' is not a valid classifier.")


def _dynamic(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    for value in metadata.all("dynamic"):
        if value.lower() in {"name", "version", "metadata-version"}:
            yield invalid("dynamic", value, f"'{value[:200]}' is not allowed as a dynamic field.")
        elif value.lower() not in _DYNAMIC:
            yield invalid("dynamic", value, f"Dynamic field {value[:100]!r} is not a valid dynamic field.")


def _people(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    """An address of an author or a maintainer that nobody could write to; PyPI looks at the first one only."""
    for field in ("author-email", "maintainer-email"):
        value = metadata.one(field)
        address = _address(value) if value else ""
        if address and not _EMAIL.fullmatch(address):
            yield invalid(field, value, f"{address[:100]!r} is not a valid email address.")


def _address(value: str) -> str:
    """The first address in a list of addresses, as Python's e-mail package finds it."""
    from email.utils import parseaddr

    return parseaddr(value.replace("\n", " "))[1]


def _too_early(metadata: CoreMetadata, _: Rules) -> Iterator[Problem]:
    """A field that the metadata version does not know: readers of that version do not look at it."""
    told = metadata.one("metadata-version")
    for field, since in _SINCE.items():
        values = metadata.all(field)
        if values and told in KNOWN_VERSIONS and KNOWN_VERSIONS.index(told) < KNOWN_VERSIONS.index(since):
            yield invalid(field, values[0], f"{_title(field)} introduced in metadata version {since}, not {told}.")


_CHECKS: tuple[Callable[[CoreMetadata, Rules], Iterator[Problem]], ...] = (
    _identity, _summary, _people, _requires_python, _requirements, _extras, _urls, _licence, _content_type, _classifiers,
    _dynamic, _too_early,
)  # fmt: skip


def _title(field: str) -> str:
    """A field's name as the specification writes it: `requires-dist` is `Requires-Dist`, `project-url` `Project-URL`."""
    return "-".join(_CAPITALS.get(part, part.capitalize()) for part in field.split("-"))


_CAPITALS = {"url": "URL"}
