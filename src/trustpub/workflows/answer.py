"""What stands between an upload and the index, in the order in which a run meets it: the way, the environment, the index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.matching import Profile, Refused, decide
from trustpub.domain.publishers import Provider, Publisher, publisher
from trustpub.record import NamedTuple
from trustpub.workflows.claims import placeholders
from trustpub.workflows.environments import environment_admits
from trustpub.workflows.evaluation import Ruled
from trustpub.workflows.events import CALLED, PULL_REQUEST_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.declaration import DeclaredEnvironment, DeclaredPublisher
    from trustpub.workflows.claims import Presented
    from trustpub.workflows.contexts import Repository
    from trustpub.workflows.events import Scenario
    from trustpub.workflows.judge import Seen
    from trustpub.workflows.sites import Site


class Answer(NamedTuple):
    """A verdict, the record that accepts (or would), sentences why, and the declared publisher that accepted, if one did.

    `credential` is what the upload brings after all, where no ID token can let it in; empty when it is as it was.
    """

    verdict: str
    publisher: dict[str, str]
    why: tuple[str, ...]
    accepted: DeclaredPublisher | None = None
    credential: str = ""


class Case(NamedTuple):
    """One upload in one example run, with everything that decides about it. `rules` are the declared ones of its environment."""

    site: Site
    scenario: Scenario
    seen: Seen
    claims: Presented
    index: str | None  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    known_index: bool
    repository: Repository
    declared: Sequence[DeclaredPublisher]
    rules: DeclaredEnvironment | None


def answer(case: Case) -> Answer:
    """Say what happens."""
    needed = _record(case)
    if case.seen.reached.runs is False:
        return Answer("never", needed, case.seen.reached.why)
    gate = _gate(case)
    if gate.verdict == "refused":
        return Answer("refused", needed, gate.why)
    hesitant = gate.verdict == "depends"
    obstacle = _without_token(case)
    if obstacle is not None:
        why = (*obstacle.why, *case.seen.reached.why, *gate.why)
        return Answer(obstacle.verdict, needed, why, credential=obstacle.credential)
    doubts = (*case.seen.reached.why, *case.seen.doubts, *_unplaced(case), *_unsure_tool(case))
    if case.scenario.event == CALLED:
        who = "only other workflows start this one: the claims are those of whoever calls it"
        return Answer("depends", needed, (who, *doubts))
    match = _match(case, needed)
    if match.verdict == "refused":
        return match
    why = (case.seen.token.why, *gate.why, *match.why)
    if case.scenario.event in PULL_REQUEST_EVENTS:
        why += ("pull requests from forks get no ID token",)
    return Answer("depends" if doubts or hesitant else match.verdict, match.publisher, (*doubts, *why), match.accepted)


def profile_of(index: str | None) -> str:
    """Name the matching rules of an index: PyPI's own for its two, ours for every other."""
    return Profile.PYPI.value if index is None or index in PUBLIC_INDEXES else Profile.TRUSTPUB.value


def _record(case: Case) -> dict[str, str]:
    """Write the record that would accept this job. PyPI matches the file whose job runs, and keeps environments in lower case."""
    return {
        "repository_owner": case.repository.owner,
        "repository_owner_id": case.repository.owner_id,
        "repository_name": case.repository.name,
        "workflow_filename": case.site.workflow.file_name,
        "environment": (case.seen.environment or "").lower(),
    }


def _gate(case: Case) -> Answer:
    """Ask the declared rules of the environment whether this ref may deploy."""
    rules, scenario = case.rules, case.scenario
    admitted = environment_admits(rules, scenario.environment_ref) if scenario.ref else None
    if rules is None or admitted is None:
        return Answer("publishes", {}, ())
    ref = f"the {scenario.ref_type} `{scenario.ref.split('/', 2)[-1]}`"
    allowed = [f"tags `{pattern}`" for pattern in rules.tags] + [f"branches `{pattern}`" for pattern in rules.branches]
    if not admitted:
        why = f"the environment `{rules.name}` lets only {', '.join(allowed)} deploy, not {ref}"
        return Answer("depends" if _other_ref(rules, scenario) else "refused", {}, (why,))
    told = [f"the environment `{rules.name}` lets {ref} deploy (its rules: {', '.join(allowed)})"] if allowed else []
    if rules.reviewers:
        told.append(f"somebody has to approve it first: {', '.join(rules.reviewers)}")
    if rules.wait_minutes:
        told.append(f"the environment `{rules.name}` waits {rules.wait_minutes} minutes first")
    return Answer("publishes", {}, tuple(told))


def _other_ref(rules: DeclaredEnvironment, scenario: Scenario) -> bool:
    """Say whether another ref that starts such a run might deploy: the one at hand is only an example."""
    ref = scenario.ref
    patterns, prefix = (rules.tags, "refs/tags/") if scenario.ref_type == "tag" else (rules.branches, "refs/heads/")
    if not patterns or not isinstance(ref, Ruled) or ref.exact:
        return False
    return any(ref.admits(prefix + _example(pattern)) for pattern in patterns)


def _example(pattern: str) -> str:
    """Write a name that an environment's pattern lets through."""
    return re.sub(r"\*\*/|\[[^\]]*\]", "", pattern).replace("*", "1.2.3").replace("?", "1").replace("\\", "")


def _without_token(case: Case) -> Answer | None:
    """Say what happens to uploads that do not, or cannot, exchange an ID token; None when nothing of that is in the way."""
    upload, kind = case.site.upload, case.seen.credential.kind
    names = ", ".join(f"`{name}`" for name in sorted(case.seen.credential.on))
    if kind in ("token", "both"):
        if upload.tool == "uv" and upload.mode == "always":
            why = "`uv publish --trusted-publishing always` refuses to start when a password or token is given too"
            if case.seen.credential.sure or not names:
                return Answer("never", {}, (why,))
            return Answer("depends", {}, (f"{why}: it can only go well when there is no {names}",))
        unused = "; the ID token that it may ask for is not used" if kind == "both" else ""
        what = f"the stored password or token {names}" if names else "a stored password or token"
        return Answer("depends", {}, (f"it uploads with {what}: whether that is set and valid, no file can tell{unused}",))
    if kind == "unclear":
        return Answer("depends", {}, (f"what it brings to be let in depends on {names}",))
    if upload.oidc is False and not upload.exchanged_by:
        return _tokenless(case, upload.oidc_why or f"{upload.tool} exchanges no ID token")
    if not case.seen.token.granted:
        return _tokenless(case, f"it gets no ID token: {case.seen.token.why}")
    if upload.tool == "twine" and not upload.exchanged_by and case.index is not None and case.index not in PUBLIC_INDEXES:
        return _tokenless(case, "twine exchanges ID tokens with PyPI and TestPyPI only")
    return None


def _tokenless(case: Case, why: str) -> Answer:
    """Say what becomes of an upload that nothing in the file lets in."""
    unseen = case.seen.credential.unseen
    if unseen:
        told = f"{why}; the file shows no password or token either, but {unseen}"
        return Answer("depends", {}, (told,), credential="unclear")
    return Answer("never", {}, (why,))


def _unsure_tool(case: Case) -> tuple[str, ...]:
    """Say why the tool may not get or exchange an ID token, where the files do not tell."""
    upload = case.site.upload
    tool = upload.oidc_why if upload.oidc is None and not upload.exchanged_by else ""
    return tuple(sentence for sentence in (tool, case.seen.token.doubt) if sentence)


def _unplaced(case: Case) -> tuple[str, ...]:
    if case.index is None or case.known_index:
        return ()
    return (f"the index `{case.index}` is not known here: declare it as `[indexes.NAME]` in `trustpub.toml`",)


def _match(case: Case, needed: dict[str, str]) -> Answer:
    """Ask the heart, with the declared publishers of this index, or with the record that would fit best."""
    exact = case.claims.exact
    if "repository" not in exact:
        why = "the repository is not known here: it needs a remote `origin` or a publisher in `trustpub.toml`"
        return Answer("depends", needed, (why,))
    asked: dict[str, JSON] = dict(placeholders(exact))
    if "job_workflow_ref" not in asked:  # the ref is not known, and whatever it is it changes no answer
        asked["job_workflow_ref"] = f"{case.repository.slug}/{case.site.workflow.path}@{asked['ref']}"
    owner_id = str(asked["repository_owner_id"])
    rows = [_row(row, owner_id) for row in case.declared]
    candidates = rows or [publisher(Provider.GITHUB, {**needed, "repository_owner_id": owner_id}, exact["iss"])]
    decision = decide(asked, candidates, Profile(profile_of(case.index)), provider=Provider.GITHUB, issuer=exact["iss"])
    if isinstance(decision, Refused):
        refusal = tuple(_refusal(decision, case.index or "the index", declared=bool(rows)))
        known_index = case.known_index or case.index in PUBLIC_INDEXES
        sure = known_index and not (_is_environment_open(case) and _any_environment(asked, candidates, case))
        return Answer("refused" if sure else "depends", needed, refusal)
    if not rows:
        return Answer("publishes", needed, (_needs(case, needed),))
    accepted = case.declared[decision.index]
    row = accepted.registered().row()
    row["repository_owner_id"] = row["repository_owner_id"] or needed["repository_owner_id"]
    return Answer("publishes", row, (f"the publisher for {case.index} in `trustpub.toml` matches",), accepted)


def _needs(case: Case, needed: dict[str, str]) -> str:
    """Say which publisher it takes. PyPI takes one without an environment too, where none names the job's."""
    index, written = case.index or "the index", case.seen.environment
    start = f"{index} needs a publisher with these fields"
    if written is None:
        return f"{index} needs a publisher of this file, with the environment that the run names or with none"
    if not written:
        return start
    case_ = f" ({index} keeps `{written}` in lower case)" if written != needed["environment"] else ""
    return f"{start}{case_}; one without an environment would be accepted too, and then from any job of that file"


def _is_environment_open(case: Case) -> bool:
    """Say whether other runs of this kind may name another environment."""
    return case.seen.environment is None or any(doubt.startswith("the environment ") for doubt in case.seen.doubts)


def _any_environment(asked: dict[str, JSON], candidates: Sequence[Publisher], case: Case) -> bool:
    """Say whether one of these publishers would accept the job if it named the right environment."""
    profile, issuer = Profile(profile_of(case.index)), case.claims.exact["iss"]
    for environment in {candidate.get("environment") or "any" for candidate in candidates}:
        named: dict[str, JSON] = {**asked, "environment": environment}
        if not isinstance(decide(named, candidates, profile, provider=Provider.GITHUB, issuer=issuer), Refused):
            return True
    return False


def _row(row: DeclaredPublisher, owner_id: str) -> Publisher:
    """Build the declared row; an owner's id that nobody declared is taken for the right one."""
    registered = row.registered()
    if row.owner_id:
        return registered
    return publisher(Provider.GITHUB, {**registered.row(), "repository_owner_id": owner_id}, row.issuer or None)


def _refusal(decision: Refused, index: str, declared: bool) -> Iterator[str]:
    whose = f"the publisher for {index} in `trustpub.toml`" if declared else f"a publisher on {index}"
    for difference in decision.differences:
        yield f"`{difference.field}` differs: {whose} has `{difference.expected}`, this job presents `{difference.got}`"
    yield f"{index} answers `{decision.code}`: {decision.description}"
