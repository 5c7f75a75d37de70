"""Setting the scene of the fake GitHub, second part: what has happened in a repository. Workflows, runs, tags and releases."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from trustpub.parties.github.fake_scene import Scene
from trustpub.parties.github.fake_state import Annotation, Job, Release, Run, Tag, Workflow

if TYPE_CHECKING:
    from collections.abc import Sequence

RELEASE = ".github/workflows/release.yml"


class History(Scene):
    """A scene with a past."""

    def add_workflow(self, slug: str, path: str = RELEASE, *, inputs: Sequence[str] | None = ()) -> Workflow:
        """Add a workflow file; with `inputs=None` it cannot be started by hand."""
        workflow = Workflow(self.number(), path, None if inputs is None else tuple(inputs))
        self.repositories[slug.lower()].workflows[path] = workflow
        return workflow

    def add_run(
        self,
        slug: str,
        *,
        path: str = RELEASE,
        event: str = "push",
        branch: str = "main",
        sha: str = "a" * 40,
        status: str = "completed",
        conclusion: str | None = "success",
        actor: str = "",
        attempt: int = 1,
        created_at: str = "",
        referenced: Sequence[str] = (),
    ) -> Run:
        """Add a run, and its workflow if it is not there."""
        repository = self.repositories[slug.lower()]
        if path not in repository.workflows:
            self.add_workflow(slug, path)
        number, when = len(repository.runs) + 1, created_at or self.now()
        who = actor or repository.owner.login
        run = Run(self.number(), number, path, event, branch, sha, status, conclusion, who, when, attempt, tuple(referenced))
        repository.runs[run.id] = run
        return run

    def add_job(
        self,
        slug: str,
        run: Run,
        name: str = "publish",
        *,
        status: str = "completed",
        conclusion: str | None = "success",
        steps: Sequence[tuple[str, str]] = (),
        started: bool = True,
        log: str | None = None,
        log_gone: bool = False,
        annotations: Sequence[str | Annotation] = (),
    ) -> Job:
        """Add a job to a run's last attempt. A plain text among `annotations` is a failure's message."""
        said = [Annotation(each) if isinstance(each, str) else each for each in annotations]
        job = Job(self.number(), run.id, name, status, conclusion, tuple(steps), started, log, log_gone, run.attempt, said)
        self.repositories[slug.lower()].jobs[job.id] = job
        return job

    def add_branch(self, slug: str, name: str, sha: str = "", *, protected: bool = False) -> None:
        """Add a branch, or move it."""
        repository = self.repositories[slug.lower()]
        repository.branches[name] = sha or _sha(name)
        if protected:
            repository.protected.add(name)

    def add_file(self, slug: str, path: str, content: bytes, branch: str = "") -> None:
        """Put a file on a branch, the default one without a name, or change it."""
        repository = self.repositories[slug.lower()]
        repository.files[branch or repository.default_branch, path] = content

    def add_tag(self, slug: str, name: str, commit: str = "", *, annotated: bool = False) -> Tag:
        """Add a tag."""
        tag = Tag(name, commit or _sha(name), _sha(f"the object of {name}") if annotated else "")
        self.repositories[slug.lower()].tags[name] = tag
        return tag

    def add_release(
        self, slug: str, tag: str, *, draft: bool = False, prerelease: bool = False, immutable: bool = False, created_at: str = ""
    ) -> Release:
        """Add a release, and its tag if it is not there."""
        repository = self.repositories[slug.lower()]
        if tag not in repository.tags and not draft:
            self.add_tag(slug, tag)
        release = Release(self.number(), tag, created_at or self.now(), draft, prerelease, immutable)
        repository.releases.append(release)
        return release


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
