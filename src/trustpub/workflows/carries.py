"""Which package an upload carries, in a repository of several.

Nothing in a workflow says it outright, so the words are weighed in this order: what the upload itself names (its folder, its
files, its options), what was built in the jobs that feed it, the values of the matrix and of the inputs, the declared publishers,
the tag that starts it, and last the names of the job and of the file. What only the run knows is said so, and never guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.record import NamedTuple
from trustpub.workflows import matrix
from trustpub.workflows.builds import Build, Said, builds, joined, lines, normal, option, said, working_directory
from trustpub.workflows.contexts import settled, with_environment, with_matrix
from trustpub.workflows.evaluation import Record, World
from trustpub.workflows.model import word
from trustpub.workflows.release_path import release_path
from trustpub.workflows.sites import local_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.package import Package
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.sites import Site


GIVES, TAKES = "upload-artifact", "download-artifact"
"""GitHub's own actions that hand files from job to job."""


class Packages(NamedTuple):
    """The packages of a checkout: those that are known, and a look at a folder that a workflow names."""

    known: tuple[Package, ...]
    at: Callable[[str], Package | None] = lambda _: None


class Carried(NamedTuple):
    """The packages of one upload, and a sentence: what says so, or why it cannot be told (then there are none)."""

    packages: tuple[Package, ...]
    why: str = ""


class Cargo(NamedTuple):
    """What there is to go by: the upload, the world of its job and leg, the tag pattern (empty for a branch), declared rows."""

    site: Site
    world: World
    leg: Record
    tag: str
    declared: Sequence[DeclaredPublisher]
    packages: Packages
    workflows: Mapping[str, Workflow] = {}


def carried(cargo: Cargo) -> Carried:
    """Say which packages an upload carries."""
    known = cargo.packages.known
    open_: set[str] = set()
    for look in (_named_by_upload, _built):
        found = look(cargo, open_)
        if found.packages:
            return found
    if len(known) <= 1:
        return Carried((), _cannot_tell(known, open_)) if _is_elsewhere(open_) else Carried(known)
    for hint in (_by_values, _by_declaration, _by_tag, _by_names):
        found = hint(cargo)
        if found.packages:
            return found
    return Carried((), _cannot_tell(known, open_))


def _is_elsewhere(open_: set[str]) -> bool:
    """Say whether what decides is more than a script's variable or an artifact's folder: these may well hold the only package."""
    return any(not name.startswith("$") and not name.endswith(".outputs.download-path") for name in open_)


def _cannot_tell(known: tuple[Package, ...], open_: set[str]) -> str:
    number = f"which of the {len(known)} packages of this repository it uploads" if len(known) > 1 else "which package it uploads"
    if open_:
        return f"{number} depends on {', '.join(f'`{name}`' for name in sorted(open_))}"
    return f"{number} could not be told from the files"


class _Finder:
    """Finds the package behind a folder, a file's name, or a package's name."""

    def __init__(self, packages: Packages) -> None:
        self.packages = packages
        self.by_path = {package.path: package for package in packages.known}
        self.by_name = {normalize(package.name): package for package in packages.known if package.name}

    def folder(self, path: str) -> Package | None:
        """Find the nearest package above or at a path. The root is only found when it is asked for by itself."""
        parts = [part for part in normal(path).split("/") if part != "."]
        while parts and re.search(r"[*?\[{]", "/".join(parts)):
            parts.pop()
        for count in range(len(parts), 0, -1):
            place = "/".join(parts[:count])
            found = self.by_path.get(place) or (self.packages.at(place) if ".." not in parts else None)
            if found is not None:
                return found
        return None

    def file(self, path: str) -> Package | None:
        """Find the package that a file's or an artifact folder's name begins with: `dist/pkg_a-*.whl`."""
        for part in reversed(path.split("/")):
            stem = re.split(r"-?[*?\[{]|-[0-9]", part, maxsplit=1)[0]
            if stem and (found := self.by_name.get(normalize(stem))) is not None:
                return found
        return None

    def any(self, text: str) -> Package | None:
        """Find a package by a value that may be its folder, the last part of it, or its name."""
        text = text.strip().rstrip("/")
        if not text or text in (".", "true", "false"):
            return None
        by_last = [package for path, package in self.by_path.items() if path.rsplit("/", 1)[-1] == text]
        path = self.by_path.get(normal(text))
        return path or self.by_name.get(normalize(text)) or (by_last[0] if len(by_last) == 1 else None)


def _several(found: Iterable[Package], why: str) -> Carried:
    packages = {package.path: package for package in found}
    kept = [package for package in packages.values() if not package.side] or list(packages.values())
    return Carried(tuple(sorted(kept, key=lambda package: package.path)), why if kept else "")


def _named_by_upload(cargo: Cargo, open_: set[str]) -> Carried:
    """Read the upload's own folder, files and options."""
    finder, site = _Finder(cargo.packages), cargo.site
    world = with_environment(cargo.world, site.workflow.env, site.job.env, *(step.env for step in site.steps))
    found: list[Package] = []
    for place in _upload_places(site, world):
        if place.text is None:
            open_ |= place.on
        elif (package := finder.folder(place.text) or finder.file(place.text)) is not None:
            found.append(package)
    return _several(found, "its own folder or files say so")


def _upload_places(site: Site, world: World) -> Iterator[Said]:
    """Yield every folder and file that the uploading step names."""
    folder, step = Said("."), site.uploading_step
    if step.uses is None:
        folder = working_directory(site.workflow, site.job, step, world)
        for line in lines(site.workflow, site.job, step, world):
            if line.start > site.upload.offset:
                break
            folder = line.folder
            if line.start <= site.upload.offset and any(tool in line.words for tool in ("publish", "upload")):
                yield from _named(line.words, world)
    for call in site.actions:
        for name, node in call.step.with_.items():
            if re.search(r"package|project|director|folder", name, re.IGNORECASE):
                yield said(word(node), world)
    for written in site.upload.files:
        yield joined(folder, written, world)
    if folder.text != "." or folder.on:
        yield folder


def _named(words: Sequence[str], world: World) -> Iterator[Said]:
    for names in (("--directory", "-C"), ("--project",), ("--package",), ("-m", "--manifest-path")):
        given = option(words, *names)
        if given and not (names[0] == "-m" and "maturin" not in words[0]):
            yield said(given, world)


def _built(cargo: Cargo, open_: set[str]) -> Carried:
    """Read what the job itself and the jobs that feed it build."""
    made = [*builds(cargo.site.workflow, cargo.site.job, cargo.world), *_fed(cargo)]
    target = {normal(written) for written in _plain_files(cargo)}
    into = [build for build in made if build.out and normal(build.out) in target]
    finder = _Finder(cargo.packages)
    found: list[Package] = []
    for build in into or made:
        if build.folder is None and not build.name and not (build.loose and len(cargo.packages.known) == 1):
            open_ |= build.on
        found += _of_build(build, finder, cargo.packages)
    if not found:
        open_ |= {build.folder for build in into or made if build.folder is not None and _is_foreign(build, cargo.packages)}
    if open_:
        return Carried(())
    return _several(found, "that is what is built for it")


def _is_foreign(build: Build, packages: Packages) -> bool:
    """Say whether a build is of a folder in which this checkout has no package: one that the run makes."""
    if build.loose or build.name or build.whole or build.folder in (None, "."):
        return False
    return re.search(r"[*?\[{]|\.(?:gz|zip|whl|bz2)$", build.folder or "") is None and packages.at(".") is not None


def _plain_files(cargo: Cargo) -> Iterator[str]:
    for written in cargo.site.upload.files:
        place = said(written, cargo.world).text
        if place is not None:
            yield re.sub(r"/?[^/]*[*?\[{].*$", "", place) or "."


def _of_build(build: Build, finder: _Finder, packages: Packages) -> Iterator[Package]:
    if build.whole:
        yield from packages.known
    elif build.name:
        if (named := finder.any(build.name)) is not None:
            yield named
    elif build.folder == ".":
        if (root := finder.by_path.get(".") or packages.at(".")) is not None:
            yield root
    elif build.folder is not None and (package := finder.folder(build.folder)) is not None:
        yield package


def _fed(cargo: Cargo) -> Iterator[Build]:
    """Yield what the feeding jobs build, for those of their legs whose artifacts this job takes."""
    site = cargo.site
    outer = cargo.world._replace(contexts={**cargo.world.contexts, "needs": Record({}, "needs", open=True), "matrix": Record({})})
    wanted = _artifacts(site.job, cargo.world, TAKES)
    for step in release_path(site, cargo.workflows):
        if step.role != "builds" or step.workflow is not site.workflow:
            continue
        job = step.job
        if job.uses is not None:
            yield from _called(job, outer, cargo.workflows)
        for leg in matrix.legs(job.matrix, outer):
            world = with_matrix(outer, leg)
            given = _artifacts(job, world, GIVES)
            if wanted is None or given is None or any(_takes(name, given) for name in wanted):
                yield from builds(site.workflow, job, world)


def _called(job: Job, world: World, workflows: Mapping[str, Workflow]) -> Iterator[Build]:
    """Yield what a called workflow builds; of one that is not here, what its inputs name."""
    target = workflows.get(local_call(job) or "")
    given = {name.lower(): settled(word(node), world) for name, node in job.with_.items()}
    if target is not None:
        inner = world._replace(contexts={**world.contexts, "inputs": Record(given, "inputs", open=True)})
        for each in target.jobs.values():
            for leg in matrix.legs(each.matrix, inner):
                yield from builds(target, each, with_matrix(inner, leg))
        return
    for name, node in job.with_.items():
        if re.search(r"package|project|director|folder|path", name, re.IGNORECASE) and (value := said(word(node), world)).text:
            yield Build(None, value.text or "")


def _artifacts(job: Job, world: World, action: str) -> tuple[str, ...] | None:
    """List the artifacts that a job gives or takes by name or pattern; None when it may be any."""
    names: list[str] = []
    for step in job.steps:
        uses = step.uses.value if step.uses is not None else ""
        if action in uses:
            written = word(step.with_.get("name")) or word(step.with_.get("pattern")) or ("artifact" if action == GIVES else "")
        elif action == GIVES and "build-and-inspect-python-package" in uses:
            written = f"Packages{word(step.with_.get('upload-name-suffix'))}"
        else:
            continue
        name = said(written, world).text
        if not name:
            return None
        names.append(name)
    return tuple(names) if names or action == GIVES else None


def _takes(pattern: str, given: tuple[str, ...]) -> bool:
    rule = re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)))
    return any(rule.fullmatch(name) for name in given)


def _by_values(cargo: Cargo) -> Carried:
    """Ask the leg's values, and the inputs that somebody chose."""
    finder = _Finder(cargo.packages)
    inputs = cargo.world.contexts.get("inputs")
    rows = [("matrix", cargo.leg), *([("inputs", inputs)] if isinstance(inputs, Record) else [])]
    found = [
        (f"{context}.{name}", package)
        for context, row in rows
        for name, value in row.values.items()
        if type(value) is str and (package := finder.any(value)) is not None
    ]
    if not found:
        return Carried(())
    return _several((package for _, package in found[:1]), f"`{found[0][0]}` names it")


def _by_declaration(cargo: Cargo) -> Carried:
    """Ask the declared publishers that name this file and a folder."""
    finder = _Finder(cargo.packages)
    mine = [row for row in cargo.declared if row.workflow == cargo.site.workflow.file_name and row.path]
    found = [package for row in mine if (package := finder.folder(row.path)) is not None]
    return _several(found, "the declared publishers of this file name it")


def _by_tag(cargo: Cargo) -> Carried:
    """Ask how the tags begin that start it: `pkg-a-v*`, `pkg_a/v*`, `pkg-a==*`."""
    start = re.split(r"[*?+\[!]", cargo.tag, maxsplit=1)[0]
    stem = re.sub(r"(?:[-_/@=.]+v?|[-_/@]release[-_/]?v?)[0-9.]*$", "", start)
    if not stem or stem == start:
        return Carried(())
    found = _Finder(cargo.packages).any(stem.rsplit("/", 1)[-1]) or _Finder(cargo.packages).any(stem)
    return Carried((found,), f"the tags `{cargo.tag}` that start it are named after it") if found else Carried(())


def _by_names(cargo: Cargo) -> Carried:
    """Take the name of the job, else of the file, as a hint: the longest package's name that stands in it."""
    site = cargo.site
    for what, text in (("job", site.job.id), ("job", word(site.job.name)), ("file", site.workflow.file_name)):
        words = f"-{normalize(re.sub(r'[^A-Za-z0-9]+', '-', text))}-"
        names = {name: package for package in cargo.packages.known for name in _names(package) if f"-{name}-" in words}
        if names:
            longest = max(names, key=len)
            why = f"only the name of the {what} `{text}` says so"
            return Carried((names[longest],), why)
    return Carried(())


def _names(package: Package) -> Iterator[str]:
    """The names by which people call a package, without those that say nothing."""
    for name in (package.name or "", package.path.rsplit("/", 1)[-1]):
        if name not in ("", ".", "python", "src", "core", "lib", "package", "py", "main", "test", "release"):
            yield normalize(name)
