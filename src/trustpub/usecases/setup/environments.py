"""Environments as steps: what is declared beside what GitHub holds, the one request that changes it, and how it is seen.

GitHub replaces an environment whole, so whatever `trustpub.toml` does not speak of is sent as it is there at that moment.
Patterns of refs that the file does not name stay, unless they are to be pruned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.declaration import DeclaredEnvironment
from trustpub.domain.github_settings import Account, Environment, RefRule
from trustpub.domain.untold import Untold
from trustpub.errors import Denied
from trustpub.usecases.setup.github_plan import gate_of, may_not, unguarded, unread, wanted_environments
from trustpub.usecases.setup.reviewers import reviewers_of
from trustpub.usecases.setup.step import Change, Step
from trustpub.usecases.setup.words import listed, power_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import Declaration
    from trustpub.domain.github_settings import GitHubSide
    from trustpub.parties.github.port import JSON, GitHub
    from trustpub.usecases.setup.github_plan import Gate

BEYOND_POLICY = ("reviewer", "wait_minutes", "prevent_self_review", "admins_bypass")
"""The fields that only some plans have in a private repository."""
_REMAINS = "What remains then is a publisher without environment, and whoever can push can publish"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An environment as it shall be. None and empty mean: as it is. `rules` are the refs that may deploy.

    `hidden` says of declared reviewers that GitHub does not show them: they are none of those who are there.
    """

    name: str
    reviewers: tuple[Account, ...] = ()
    prevent_self_review: bool | None = None
    wait_minutes: int | None = None
    rules: tuple[RefRule, ...] = ()
    admins_bypass: bool | None = None
    prune: bool = False
    hidden: str = ""


def environment_steps(
    github: GitHub, side: GitHubSide, declared: Declaration, *, indexes: tuple[str, ...] = (), prune: bool = False
) -> Iterator[Step]:
    """Yield a step for each environment, and one more for what this plan of GitHub does not have.

    Raises `BadInput` for a reviewer that GitHub does not know, before anything is changed.
    """
    gate = gate_of(github.host, side.repository)
    for rules in wanted_environments(declared, side.repository, indexes):
        if not gate.environments and rules == DeclaredEnvironment(rules.name):
            continue  # no rule is declared that the plan does not have; the proposal says what guards nothing
        problem = unread(side, rules.name) if gate.environments else ""
        if problem:
            seems = unguarded(github.host, side)
            hint = "" if gate.known else ". On GitHub Free a private repository has no environments"
            why = f"{seems}. {_REMAINS}. {gate.hint}".rstrip(". ") if seems else f"{problem}{hint}"
            yield Step(f"environment {rules.name}", "github", cannot=why, awaited=not seems)
            continue
        yield from _steps(github, side, _wanted(github, side, rules, declared.path, prune=prune), gate)


def _steps(github: GitHub, side: GitHubSide, wanted: Wanted, gate: Gate) -> Iterator[Step]:
    now = _read(side.environment(wanted.name))
    shown = now is not None and bool(now.reviewers or now.wait_minutes)  # GitHub took them once, so it has them here
    full = gate.reviews or not gate.environments or (shown and not gate.known)
    changes, untold = differences(now, wanted), not_told(github.host, now, wanted)
    possible = tuple(each for each in changes if full or each.field not in BEYOND_POLICY)
    beyond = tuple(each for each in changes if each not in possible)
    key = f"environment {wanted.name}"
    open_ = may_not(github, side.repository) if gate.environments or not changes else ""
    if gate.environments and any(each.field == "reviewer" for each in possible):
        open_ = open_ or wanted.hidden
    cannot = open_ or ("" if gate.environments else _no_environments(gate))
    if shown and gate.known and not gate.reviews:
        cannot = cannot or _held(gate, wanted.name)
    if not possible:
        yield Step(key, "github", cannot=untold)
    elif cannot:
        yield Step(key, "github", possible, power_of(now, wanted), cannot, awaited=bool(open_))
    else:
        change = _Changing(github, side.repository.slug, wanted, full, possible)
        yield Step(key, "github", possible, power_of(now, wanted), apply=change.apply, read_back=change.read_back)
    if possible and untold:
        yield Step(f"{key}: not told", "github", cannot=untold)
    if beyond:
        yield Step(f"{key}: approval", "github", beyond, cannot=_no_reviews(gate, wanted))


def _no_environments(gate: Gate) -> str:
    return (
        f"{gate.words} has no environments: whoever can push can publish. Make the repository public, change to GitHub Pro, Team "
        "or Enterprise, or take these rules out of `trustpub.toml`"
    )


def _held(gate: Gate, name: str) -> str:
    """Say why an environment from the days of another plan is not touched: GitHub replaces it whole or refuses."""
    return (
        f"`{name}` holds reviewers or a wait timer, and {gate.words} takes no request that keeps them. Change it in the "
        "repository's settings at GitHub, or change to GitHub Enterprise, and run it again"
    )


def _no_reviews(gate: Gate, wanted: Wanted) -> str:
    refs = listed(f"{rule.kind}s `{rule.pattern}`" for rule in wanted.rules)
    instead = f"the rule that only {refs} deploy" if refs else "a rule of the branches or tags that may deploy (`tags`)"
    if gate.known:
        return (
            f"{gate.words} has neither reviewers nor a wait timer. {instead[0].upper()}{instead[1:]} guards instead: take these "
            "keys out of `trustpub.toml`, or change to GitHub Enterprise"
        )
    return (
        f"this is {gate.words}, and only Enterprise has these rules: they are not sent. {instead[0].upper()}{instead[1:]} guards "
        f"instead. {gate.hint}"
    ).rstrip()


def _wanted(github: GitHub, side: GitHubSide, rules: DeclaredEnvironment, path: str, *, prune: bool) -> Wanted:
    now = _read(side.environment(rules.name))
    reviewers, hidden = reviewers_of(github, rules, now, path)
    refs = [RefRule("branch", pattern) for pattern in rules.branches] + [RefRule("tag", pattern) for pattern in rules.tags]
    return Wanted(
        name=now.name if now else rules.name,
        reviewers=reviewers,
        prevent_self_review=rules.prevent_self_review,
        wait_minutes=rules.wait_minutes,
        rules=tuple(dict.fromkeys(refs)),
        admins_bypass=rules.admins_bypass,
        prune=prune,
        hidden=hidden,
    )


def _read(found: Environment | Untold | None) -> Environment | None:
    return None if isinstance(found, Untold) else found


def differences(now: Environment | None, wanted: Wanted) -> tuple[Change, ...]:
    """List what differs, field by field, as a person reads it. What was not told or is not declared does not differ."""
    return tuple(_differences(now or Environment(wanted.name, admins_bypass=True), wanted, new=now is None))


def _differences(now: Environment, wanted: Wanted, *, new: bool) -> Iterator[Change]:
    if new:
        yield Change("+", "environment", "", wanted.name)
    yield from _reviewers(now, wanted)
    if wanted.wait_minutes is not None and wanted.wait_minutes != now.wait_minutes:
        yield Change("~", "wait_minutes", str(now.wait_minutes), str(wanted.wait_minutes))
    apart = wanted.prevent_self_review
    if apart is not None and (wanted.reviewers or now.reviewers) and apart != bool(now.prevent_self_review):
        yield Change("~", "prevent_self_review", _yes(bool(now.prevent_self_review)), _yes(apart))
    yield from _refs(now, wanted)
    if wanted.admins_bypass is not None and now.admins_bypass not in (None, wanted.admins_bypass):
        yield Change("~", "admins_bypass", _yes(not wanted.admins_bypass), _yes(wanted.admins_bypass))


def not_told(host: str, now: Environment | None, wanted: Wanted) -> str:
    """Say which declared rules of an environment GitHub does not tell: nobody can compare these; empty when it tells all."""
    if now is None:
        return ""
    said = []
    if wanted.admins_bypass is not None and now.admins_bypass is None:
        said.append(
            f"{host} does not tell whether administrators may pass the rules of `{now.name}`. Look at the environment's page, or "
            "take `admins_bypass` out of `trustpub.toml`"
        )
    if wanted.prevent_self_review and not wanted.reviewers and not now.reviewers:
        said.append(
            f"`{now.name}` has no reviewers, and without them GitHub does not tell `prevent_self_review`, which then holds "
            "nobody back. Name `reviewers` in `trustpub.toml`, or take it out"
        )
    return ". ".join(said)


def _reviewers(now: Environment, wanted: Wanted) -> Iterator[Change]:
    if not wanted.reviewers:
        return
    there, meant = ({(each.kind, each.id): each for each in who} for who in (now.reviewers, wanted.reviewers))
    for key, each in meant.items():
        if key not in there:
            yield Change("+", "reviewer", "", each.login)
    for key, each in there.items():
        if key not in meant:
            yield Change("-", "reviewer", each.login, "")


def _refs(now: Environment, wanted: Wanted) -> Iterator[Change]:
    if not wanted.rules:
        return
    if now.policy != "patterns":
        before = "protected branches" if now.policy == "protected" else "every branch and tag"
        yield Change("~", "may deploy", before, "only what matches a pattern")
    there = _there(now)
    for rule in wanted.rules:
        if (rule.kind, rule.pattern) not in there:
            yield Change("+", f"{rule.kind} pattern", "", rule.pattern)
    meant = {(rule.kind, rule.pattern) for rule in wanted.rules}
    for kind, pattern in there if wanted.prune else ():
        if (kind, pattern) not in meant:
            yield Change("-", f"{kind} pattern", pattern, "")


def _there(now: Environment) -> dict[tuple[str, str], RefRule]:
    """Return the patterns in force: GitHub heeds them only with the policy of patterns."""
    if now.policy != "patterns" or isinstance(now.rules, Untold):
        return {}
    return {(rule.kind, rule.pattern): rule for rule in now.rules}


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@dataclass(frozen=True, slots=True)
class _Changing:
    """Changes one environment. `full` says that GitHub takes the keys beyond the policy here."""

    github: GitHub
    slug: str
    wanted: Wanted
    full: bool
    planned: tuple[Change, ...]

    def apply(self) -> None:
        """Do what is left of the plan: the environment first, since its patterns need their policy. Raises `Denied`."""
        now = self._now()
        left = self._left(now)
        if not set(left) <= set(self.planned):
            why = "it has changed on GitHub since the plan was made"
            raise Denied(f"environment `{self.wanted.name}`", why=why, next_step="Nothing was done: run it again")
        if any(not each.field.endswith(" pattern") for each in left):
            self.github.put_environment(self.slug, self.wanted.name, body(now, self.wanted, full=self.full))
        there = _there(now) if now else {}
        for rule in self.wanted.rules:
            if (rule.kind, rule.pattern) not in there:
                self.github.add_ref_rule(self.slug, self.wanted.name, rule)
        meant = {(rule.kind, rule.pattern) for rule in self.wanted.rules}
        for each in left:
            key = (each.field.removesuffix(" pattern"), each.before)
            if each.sign == "-" and key in there and key not in meant:
                self.github.remove_ref_rule(self.slug, self.wanted.name, there[key])

    def read_back(self) -> tuple[Change, ...] | None:
        """Ask GitHub again, and say what still differs; None when it does not tell."""
        found = self.github.environment(self.slug, self.wanted.name)
        if isinstance(found, Untold) or (found is not None and found.policy == "patterns" and isinstance(found.rules, Untold)):
            return None
        left = self._left(found)
        return None if not left and not_told(self.github.host, found, self.wanted) else left

    def _now(self) -> Environment | None:
        found = self.github.environment(self.slug, self.wanted.name)
        rules = found.rules if isinstance(found, Environment) and found.policy == "patterns" else ()
        for untold in (found, rules):
            if isinstance(untold, Untold):
                raise Denied(f"environment `{self.wanted.name}`", why=untold.why, permission=untold.permission)
        return _read(found)

    def _left(self, now: Environment | None) -> tuple[Change, ...]:
        return tuple(each for each in differences(now, self.wanted) if self.full or each.field not in BEYOND_POLICY)


def body(now: Environment | None, wanted: Wanted, *, full: bool) -> dict[str, JSON]:
    """Build what GitHub is sent: what is wanted, and of everything else what is there. Keys beyond the plan are left out."""
    was = now or Environment(wanted.name)
    policy = "patterns" if wanted.rules else was.policy
    sent: dict[str, JSON] = {
        "deployment_branch_policy": None
        if policy == "all"
        else {"protected_branches": policy == "protected", "custom_branch_policies": policy == "patterns"}
    }
    if not full:
        return sent
    reviewers = wanted.reviewers or was.reviewers
    sent["wait_timer"] = was.wait_minutes if wanted.wait_minutes is None else wanted.wait_minutes
    sent["reviewers"] = [{"type": each.kind, "id": int(each.id)} for each in reviewers]
    apart = was.prevent_self_review if wanted.prevent_self_review is None else wanted.prevent_self_review
    if reviewers and apart is not None:
        sent["prevent_self_review"] = apart
    bypass = was.admins_bypass if wanted.admins_bypass is None else wanted.admins_bypass
    if bypass is not None and not (now is None and bypass):
        sent["can_admins_bypass"] = bypass
    return sent
