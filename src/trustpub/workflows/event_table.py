"""Every event that starts a workflow: what can be set for it, and on which ref and commit its runs stand.

Sources: GitHub's "events that trigger workflows", and for settings and types actions/languageservices workflow-v1.0.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Ref = Literal["pushed", "tag", "chosen", "default", "merge", "queue", "deployed", "created", "caller"]
"""What `github.ref` is: the pushed branch or tag, the release's tag, the dispatched branch or tag, the default branch, the merge
of a pull request, the branch of a merge queue, the deployed ref (empty for a commit), the created branch or tag, the caller's.
"""
FILTERS = ("branches", "tags", "paths")


class Event(NamedTuple):
    """One event. `sha` says of what `github.sha` is the commit; the rules of an environment are matched on `github.ref`.

    `types` are its activities, `default_types` those that count when none is set (empty: all). `from_forks` says that somebody
    without any right to the repository can start it, `own_code` that such a run reads only what the repository itself holds.
    """

    ref: Ref = "default"
    sha: str = "the tip of the default branch"
    settings: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    default_types: tuple[str, ...] = ()
    from_forks: bool = False
    own_code: bool = True

    @property
    def workflow_from(self) -> str:
        """Say where the workflow file is read that such an event starts."""
        return {"default": "the default branch", "caller": "the called file's own ref"}.get(self.ref, "the ref of the run")


def _types(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_EDITS = _types("created edited deleted")
_OF_PULL_REQUESTS = _types(
    "assigned unassigned labeled unlabeled opened edited closed reopened synchronize converted_to_draft locked unlocked enqueued"
    " dequeued milestoned demilestoned ready_for_review review_requested review_request_removed auto_merge_enabled"
    " auto_merge_disabled stacked"
)
_OPENED = ("opened", "synchronize", "reopened")
_BRANCHES = ("branches", "branches-ignore")
_PATHS = ("paths", "paths-ignore")
_ISSUES = _types(
    "opened edited deleted transferred pinned unpinned closed reopened assigned unassigned labeled unlabeled locked unlocked"
    " milestoned demilestoned field_added field_removed typed untyped"
)
_DISCUSSIONS = _types(
    "created edited deleted transferred pinned unpinned labeled unlabeled locked unlocked category_changed answered unanswered"
)
_RELEASES = _types("published unpublished created edited deleted prereleased released")
_MERGE = "the merge of the pull request into its base"
_DEPLOYED = "the deployed commit"

EVENTS: Mapping[str, Event] = {
    "branch_protection_rule": Event(types=_EDITS),
    "check_run": Event(types=_types("created rerequested completed requested_action")),
    "check_suite": Event(types=("completed",)),
    "create": Event("created", "the tip of the created branch or tag"),
    "delete": Event(),
    "deployment": Event("deployed", _DEPLOYED),
    "deployment_status": Event("deployed", _DEPLOYED),
    "discussion": Event(types=_DISCUSSIONS, from_forks=True),
    "discussion_comment": Event(types=_EDITS, from_forks=True),
    "fork": Event(from_forks=True),
    "gollum": Event(from_forks=True),
    "image_version": Event(settings=("names", "versions"), types=_types("created ready deleted")),
    "issue_comment": Event(types=_EDITS, from_forks=True),
    "issues": Event(types=_ISSUES, from_forks=True),
    "label": Event(types=_EDITS),
    "merge_group": Event("queue", "the head of the merge group", _BRANCHES, ("checks_requested",)),
    "milestone": Event(types=_types("created closed opened edited deleted")),
    "page_build": Event(),
    "project": Event(types=_types("created closed reopened edited deleted")),
    "project_card": Event(types=_types("created moved converted edited deleted")),
    "project_column": Event(types=_types("created updated moved deleted")),
    "public": Event(),
    "pull_request": Event("merge", _MERGE, (*_BRANCHES, *_PATHS), _OF_PULL_REQUESTS, _OPENED, True, False),
    "pull_request_comment": Event(types=_EDITS, from_forks=True),
    "pull_request_review": Event("merge", _MERGE, types=_types("submitted edited dismissed"), from_forks=True, own_code=False),
    "pull_request_review_comment": Event("merge", _MERGE, types=_EDITS, from_forks=True, own_code=False),
    "pull_request_target": Event(
        "default", settings=(*_BRANCHES, *_PATHS), types=_OF_PULL_REQUESTS, default_types=_OPENED, from_forks=True
    ),
    "push": Event("pushed", "the pushed commit", (*_BRANCHES, "tags", "tags-ignore", *_PATHS)),
    "registry_package": Event(types=("published", "updated")),
    "release": Event(
        "tag", "the tagged commit", types=_types("published unpublished created edited deleted prereleased released")
    ),
    "repository_dispatch": Event(),
    "schedule": Event(),
    "status": Event(),
    "watch": Event(types=("started",), from_forks=True),
    "workflow_call": Event("caller", "the caller's commit", ("inputs", "secrets", "outputs")),
    "workflow_dispatch": Event("chosen", "the tip of the chosen branch or tag", ("inputs",)),
    "workflow_run": Event(settings=("workflows", *_BRANCHES), types=_types("requested completed in_progress"), from_forks=True),
}
"""Every known event. GitHub adds some from time to time: an event that is not here may be one."""
