"""What a person wishes of a setup, and what is proposed: values, and two questions that all of the proposal asks of the facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput
from trustpub.record import NamedTuple
from trustpub.rules.leftover_secret import is_upload_token
from trustpub.workflows.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction


_PUBLISHES = r"(?i)pypi|publish|upload|releas|deploy"
"""How a called workflow is named that may upload with a secret that it is given."""


class Wishes(NamedTuple):
    """What a person asks for; empty means that it is derived.

    `indexes` are those to publish to; `packages` the folders of the packages to publish (`.` for the root); `workflow` is the
    file name of a new workflow; `team` are the reviewers of a release (users, or teams as `org/team`); `solo` says that nobody
    reviews, None asks GitHub who there is; `event` starts a release where a workflow has to be written.
    """

    indexes: tuple[str, ...] = ()
    workflow: str = ""
    team: tuple[str, ...] = ()
    solo: bool | None = None
    event: Literal["tag", "release"] = "tag"
    packages: tuple[str, ...] = ()


class Reason(NamedTuple):
    """Why a field of the proposal is what it is: a field as `trustpub.toml` names it, and a sentence."""

    field: str
    why: str


class Proposal(NamedTuple):
    """The declaration to want, and a reason for each decision that somebody might take otherwise."""

    declaration: Declaration
    reasons: tuple[Reason, ...] = ()


class Identity(NamedTuple):
    """The repository: `id` is the owner's, empty when nobody told it, `before` was its `owner/name`.

    `told` says that GitHub itself spelled it so; a remote's address is what somebody typed.
    """

    owner: str
    id: str
    name: str
    before: str
    told: bool

    def is_of(self, row: DeclaredPublisher) -> bool:
        """Say whether a publisher is this repository, by its present or its former name. GitHub compares without case."""
        slug = f"{row.owner}/{row.repository}".lower()
        return row.provider is Provider.GITHUB and slug in (f"{self.owner}/{self.name}".lower(), self.before.lower())


class Wanted(NamedTuple):
    """A project that shall be published: its name and its folder."""

    project: str
    path: str


def identity_of(facts: Facts) -> Identity:
    """Say which repository this is. Raises `BadInput` when neither GitHub nor the checkout tells."""
    if facts.github is not None:
        hosted = facts.github.repository
        return Identity(hosted.owner.login, hosted.owner.id, hosted.name, hosted.renamed_from, told=True)
    repository = facts.repository
    if not repository.slug:
        why = "no remote `origin` here has an address that ends in `OWNER/NAME`, so nothing says whose it is"
        step = "Run `git remote add origin https://github.com/OWNER/NAME` (`set-url` where there is one) in the checkout"
        raise BadInput("the repository", why=why, next_step=step)
    return Identity(repository.owner, repository.owner_id, repository.name, "", told=False)


def predicted(facts: Facts, index: str, wanted: Wanted, *, reached: bool = True) -> Iterator[Prediction]:
    """Yield what the workflows of the checkout upload of a project to an index today, with a token or without.

    With `reached=False` those uploads that no run gets to.
    """
    for _, predictions in facts.sites():
        for each in predictions:
            mine = normalize(each.project or "") == normalize(wanted.project) or each.package == (wanted.path or ".")
            if each.index == index and each.reached is reached and mine and "environment" not in each.unknown:
                yield each


def unread(facts: Facts, wishes: Wishes) -> str:
    """Say what may publish though it could not be read, where no new workflow is wished for; else empty."""
    if wishes.workflow:
        return ""
    for each in facts.missing:
        return f"`{each.workflow.path}` runs `{_short(each.unread.text)}`, which may publish: {each.unread.why}"
    for one in facts.uploads:
        if not isinstance(one.site, Site):
            return f"`{one.site.calls[-1].workflow.path}` calls `{one.site.uses}`, which may publish, and is not in this checkout"
        for upload in one.predictions:
            if upload.reached and upload.project is None and upload.package is None:
                return f"`{upload.workflow}` uploads what cannot be told from here: {upload.why[-1]}"
    return _with_secrets(facts)


def _with_secrets(facts: Facts) -> str:
    """Say which secret of an index some file uses or hands on, in a way that was not understood; else empty."""
    for path, workflow in facts.workflows.items():
        for job in workflow.jobs.values():
            uses = job.uses.value if job.uses is not None else ""
            if job.secrets is not None and not uses.startswith("./") and re.search(_PUBLISHES, uses):
                return f"`{path}` calls `{uses}` with secrets, which may publish, and is not in this checkout"
    used = {one.site.workflow.path for one in facts.uploads if isinstance(one.site, Site)}
    for path, workflow in facts.workflows.items():
        names = re.findall(r"secrets\.(\w+)", workflow.source.text) if path not in used else []
        for name in names:
            if is_upload_token(name):
                return f"`{path}` uses the secret `{name}`, so it may publish, in a way that was not understood"
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
