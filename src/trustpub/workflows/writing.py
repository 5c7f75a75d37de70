"""A whole new publishing workflow: build once, compare the tag with what was built, publish each leg in a job of its own.

Whatever stands here is what `check` asks for: no permission but those a job needs, actions named by commits, no cache, no
credential left in the checkout, and no code of the repository in a job that may ask for an ID token.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Literal

from trustpub.errors import BadInput
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PINS: Mapping[str, tuple[str, str]] = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "pypa/gh-action-pypi-publish": ("dc37677b2e1c63e2034f94d8a5b11f265b73ba33", "v1.14.2"),
}
"""The commits to name where nobody could ask GitHub for newer ones, each with the tag that it had."""
BUILD, TWINE = "build==1.6.1", "twine==7.0.0"
PYTHON = "3.13"


class NewLeg(NamedTuple):
    """One index to publish to. `url` is the upload address of an index of one's own, `page` where people see the project."""

    index: str  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    environment: str
    url: str = ""
    page: str = ""


class NewRelease(NamedTuple):
    """One package with its legs. `path` is its folder, `tags` the patterns of its release tags.

    `from_tags` says that its version is taken from the tags, so that the build needs the whole history. Of a `compiled` one only
    the source archive is built: a wheel that was built on the runner itself is taken by no public index.
    """

    name: str
    legs: tuple[NewLeg, ...]
    path: str = "."
    tags: tuple[str, ...] = ("v*",)
    from_tags: bool = False
    compiled: bool = False


class NewWorkflow(NamedTuple):
    """What a workflow file shall publish, and what starts a release.

    Several packages are always released by tags, each by its own: a trigger on releases cannot tell whose release it is.
    """

    releases: tuple[NewRelease, ...]
    event: Literal["tag", "release"] = "tag"
    name: str = "pypi"


def publishing_workflow(plan: NewWorkflow, pins: Mapping[str, tuple[str, str]] = PINS) -> str:
    """Write the file. `pins` are commits and tags by action; one that they lack is named by the commit known here.

    Raises `BadInput` for a name or folder that GitHub would take for an expression.
    """
    _refuse_unwritable(plan)
    return "".join(f"{line}\n".replace(" \n", "\n") for line in _Writer(plan, {**PINS, **pins}).lines())


def trigger_pattern(pattern: str) -> str:
    """Write a pattern of tags so that triggers, environments and rules of tags all read it alike: a prefix and a `*`.

    They are three languages: `?` and `+` mean something else in each. What is cut off the tag comparison asks for.
    """
    return pattern if re.fullmatch(r"[\w./@-]*\*?", pattern) else f"{prefix_of(pattern)}*"


def prefix_of(pattern: str) -> str:
    """Return what every tag of a pattern begins with."""
    return re.match(r"(?:[\w./@-](?![?+]))*", pattern)[0]  # type: ignore[index]  # matches any text


def _refuse_unwritable(plan: NewWorkflow) -> None:
    for release in plan.releases:
        if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", release.name):
            raise BadInput(f"package `{release.name}`", why="no index takes this name", next_step="Give the package another name")
        texts = [("folder", release.path), *(("tag pattern", tag) for tag in release.tags)]
        for leg in release.legs:
            texts += [("index", leg.index), ("environment", leg.environment), ("address", leg.url)]
        for what, text in texts:
            if "${{" in text or not text.isprintable():
                raise BadInput(f"{what} `{text}`", why="cannot stand in a workflow file", next_step="Choose another name")


class _Writer:
    """Writes one file, job by job. With several packages every job is named after its own."""

    def __init__(self, plan: NewWorkflow, pins: Mapping[str, tuple[str, str]]) -> None:
        self.plan = plan
        self.pins = pins
        self.several = len(plan.releases) > 1
        legs = [leg for release in plan.releases for leg in release.legs]
        self.by_hand = any(leg.index == "testpypi" for leg in legs)
        self.released = any(leg.index != "testpypi" for leg in legs)
        self.event = "release" if plan.event == "release" and not self.several else "push"
        self.jobs: set[str] = set()

    def lines(self) -> Iterator[str]:
        yield from self._about()
        yield f"name: {_quoted(self.plan.name)}"
        yield ""
        yield from self._on()
        yield from ("", "# Nothing is granted here; each job asks for what it needs.", "permissions: {}")
        yield from ("", "# A release that has begun is never cancelled.", "concurrency:")
        package = "-${{ inputs.package }}" if self.several and self.by_hand else ""
        yield f"  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}{package}"
        yield from ("  cancel-in-progress: false", "", "jobs:")
        for number, release in enumerate(self.plan.releases):
            yield from [""] if number else []
            build = self._job("build", release)
            yield from self._build(release, build)
            for leg in sorted(release.legs, key=lambda leg: leg.index != "testpypi"):
                yield ""
                yield from self._publish(release, leg, build)

    def _about(self) -> Iterator[str]:
        names = [f"`{release.name}`" for release in self.plan.releases]
        yield f"# Publishes {_spoken(names, 'and')} without any stored token."
        if self.released:
            tags = _spoken([f"`{tag}`" for tag in self._patterns()], "or")
            yield (
                f"# A tag {tags} releases."
                if self.event == "push"
                else f"# A published GitHub release with a tag {tags} releases."
            )
        if self.by_hand:
            yield "# A run that is started by hand uploads to TestPyPI, which takes every version only once, as PyPI does."
        yield "# Only the publishing jobs may ask for an ID token, and they build nothing."

    def _patterns(self) -> list[str]:
        """List the tags that release anything but a test upload."""
        tags = (tag for release in self.plan.releases if not _only_tested(release) for tag in release.tags)
        return list(dict.fromkeys(trigger_pattern(tag) for tag in tags))

    def _on(self) -> Iterator[str]:
        yield "on:"
        if self.released and self.event == "push":
            yield from ("  push:", f"    tags: {_listed(self._patterns())}")
        elif self.released:
            yield from ("  release:", "    types: [published]")
        if self.by_hand:
            yield "  workflow_dispatch:"
        if self.by_hand and self.several:
            tested = [release.name for release in self.plan.releases if _tested(release)]
            yield from ("    inputs:", "      package:", "        description: The package to upload to TestPyPI")
            yield from ("        type: choice", f"        options: {_listed(tested)}", "        required: true")

    def _job(self, what: str, release: NewRelease) -> str:
        """Name a job that no other one has the name of."""
        wanted = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{what}-{release.name}" if self.several else what)
        name, number = wanted, 1
        while name.lower() in self.jobs:
            number += 1
            name = f"{wanted}-{number}"
        self.jobs.add(name.lower())
        return name

    def _build(self, release: NewRelease, job: str) -> Iterator[str]:
        yield f"  {job}:"
        yield f"    name: {_quoted(f'Build {release.name}')}"
        if self.several:
            yield f"    if: {_either([*self._tagged(release), *self._chosen(release)])}"
        yield from ("    runs-on: ubuntu-latest", "    timeout-minutes: 15", "    permissions:")
        yield from ("      contents: read # to check out", "    steps:")
        yield from self._uses("actions/checkout")
        yield from ("        with:", "          persist-credentials: false")
        if release.from_tags:
            yield "          fetch-depth: 0 # the version may come from the tags"
        yield from self._python()
        if release.compiled:
            yield "      # Wheels of compiled code are built on each platform (cibuildwheel); this builds the source archive."
        yield from ("      - name: Build", "        run: |", f"          python -m pip install {BUILD} {TWINE}")
        folder = "" if release.path == "." else f" {shlex.quote(release.path)}"
        only = " --sdist" if release.compiled else ""
        yield from (f"          python -m build{only} --outdir dist{folder}", "          python -m twine check dist/*")
        if self.released:
            yield from _guard(release)
        yield from self._uses("actions/upload-artifact")
        yield from ("        with:", f"          name: {self._artifact(release)}", "          path: dist/")
        yield "          if-no-files-found: error"

    def _publish(self, release: NewRelease, leg: NewLeg, build: str) -> Iterator[str]:
        shown = {"pypi": "PyPI", "testpypi": "TestPyPI"}.get(leg.index, leg.index)
        yield f"  {self._job(f'publish-{leg.index}', release)}:"
        yield f"    name: {_quoted(f'Publish {release.name} to {shown}')}"
        yield f"    needs: {build}"
        yield f"    if: {self._when(release, leg)}"
        yield from ("    runs-on: ubuntu-latest", "    timeout-minutes: 15")
        if leg.environment:
            yield from ("    environment:", f"      name: {_quoted(leg.environment)}")
            yield from [f"      url: {_quoted(leg.page)}"] if leg.page else []
        yield from (
            "    permissions:",
            f"      id-token: write # the ID token that {shown} exchanges for an upload token",
            "    steps:",
        )
        yield from self._uses("actions/download-artifact")
        yield from ("        with:", f"          name: {self._artifact(release)}", "          path: dist/")
        if leg.index == "testpypi":
            yield from self._python()
            yield from ("      - name: Upload", "        run: |", f"          python -m pip install {TWINE}")
            yield "          twine upload --repository testpypi --non-interactive dist/*"
            return
        yield from self._uses("pypa/gh-action-pypi-publish")
        if leg.url:
            yield from ("        with:", f"          repository-url: {_quoted(leg.url)}")

    def _when(self, release: NewRelease, leg: NewLeg) -> str:
        if leg.index == "testpypi":
            return _either(self._chosen(release))
        return _either(self._tagged(release)) if self.several else f"github.event_name == '{self.event}'"

    def _tagged(self, release: NewRelease) -> list[str]:
        """Write when a tag, or a release, is this package's own."""
        if _only_tested(release):
            return []
        tags = dict.fromkeys(prefix_of(tag) for tag in release.tags)
        begins = [f"startsWith(github.ref, {_literal(f'refs/tags/{prefix}')})" for prefix in tags]
        own = f"({_either(begins)})" if len(begins) > 1 else begins[0]
        return [f"github.event_name == '{self.event}' && {own}"]

    def _chosen(self, release: NewRelease) -> list[str]:
        if not _tested(release):
            return []
        own = f" && github.ref_type == 'branch' && inputs.package == {_literal(release.name)}" if self.several else ""
        return [f"github.event_name == 'workflow_dispatch'{own}"]

    def _artifact(self, release: NewRelease) -> str:
        return _quoted(f"dist-{release.name}") if self.several else "dist"

    def _python(self) -> Iterator[str]:
        yield from self._uses("actions/setup-python")
        yield from ("        with:", f'          python-version: "{PYTHON}"')

    def _uses(self, action: str) -> Iterator[str]:
        commit, tag = self.pins[action]
        yield f"      - uses: {action}@{commit} # {tag}"


def _tested(release: NewRelease) -> bool:
    return any(leg.index == "testpypi" for leg in release.legs)


def _only_tested(release: NewRelease) -> bool:
    return all(leg.index == "testpypi" for leg in release.legs)


def _guard(release: NewRelease) -> Iterator[str]:
    """Write the step that fails when the tag and the built version differ: what was built is asked, whoever made the version."""
    prefixes = ", ".join(json.dumps(prefix) for prefix in dict.fromkeys(prefix_of(tag) for tag in release.tags))
    yield from ("      - name: The tag names the version that was built", "        if: github.ref_type == 'tag'")
    yield from ("        shell: python", "        env:", "          TAG: ${{ github.ref_name }}", "        run: |")
    yield "          import os, pathlib, sys"
    yield '          tag, archives = os.environ["TAG"], pathlib.Path("dist").glob("*.tar.gz")'
    yield '          versions = {each.name.removesuffix(".tar.gz").rpartition("-")[2] for each in archives}'
    yield f"          if len(versions) != 1 or tag not in [prefix + version for prefix in [{prefixes}] for version in versions]:"
    yield "              sys.exit(f\"::error::The tag is {tag}, the version that was built is {', '.join(versions)}.\")"


def _either(conditions: list[str]) -> str:
    if len(conditions) < 2:
        return conditions[0]
    return " || ".join(f"({each})" if "&&" in each else each for each in conditions)


def _spoken(words: list[str], last: str) -> str:
    return f" {last} ".join([*([", ".join(words[:-1])] if words[:-1] else []), words[-1]])


def _literal(text: str) -> str:
    """Write a text as a literal of GitHub's expressions."""
    return "'" + text.replace("'", "''") + "'"


def _quoted(text: str) -> str:
    """Write a text as a YAML value: bare where it is read as itself, else in double quotes."""
    return text if re.fullmatch(r"[A-Za-z](?:[\w ./-]|:(?! ))*[\w/]", text) and text.lower() not in _WORDS else _json(text)


_WORDS = ("true", "false", "null", "yes", "no", "on", "off")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _listed(texts: list[str]) -> str:
    return f"[{', '.join(_json(text) for text in texts)}]"
