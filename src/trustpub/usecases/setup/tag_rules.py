"""Rules of release tags as a step: who may make, move or delete the tags that start a release.

One ruleset of ours, by its name. Whatever others protect these tags with counts just as well, and is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trustpub.domain.github_settings import Bypass
from trustpub.domain.untold import Untold
from trustpub.errors import Denied
from trustpub.usecases.setup.github_plan import gate_of, may_not
from trustpub.usecases.setup.reviewers import account_of
from trustpub.usecases.setup.step import Change, Step
from trustpub.usecases.setup.words import listed
from trustpub.workflows.environments import fnmatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import Declaration
    from trustpub.domain.github_settings import GitHubSide, Ruleset
    from trustpub.parties.github.port import JSON, GitHub

    Rulesets: TypeAlias = tuple[Ruleset, ...]

NAME = "trustpub: release tags"
KEY = "tag rules"
NEEDED = ("creation", "update", "deletion")
"""What only those who may pass the ruleset shall do with a release tag."""
RULES = (*NEEDED, "non_fast_forward")
_PLAIN = (*RULES, "required_linear_history", "required_signatures")
"""Rules without settings: they can be written again by their type alone."""
_ROLES = {"admin": "5", "maintain": "2", "write": "4"}
"""The numbers of repository roles in a ruleset's list of who may pass it."""
_WILD = "*?[{\\"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tags shall be protected, and who may make them all the same: each with the name that a person knows.

    `hidden` says of teams that GitHub does not show them, so that nobody can tell whether a ruleset lets them pass.
    """

    patterns: tuple[str, ...]
    passing: tuple[tuple[Bypass, str], ...]
    hidden: str = ""


def tag_steps(github: GitHub, side: GitHubSide, declared: Declaration) -> Iterator[Step]:
    """Yield the step that protects the declared tags, and one for what GitHub does not show; none when no tags are declared."""
    if not declared.tag_protect:
        return
    found = side.rulesets if gate_of(github.host, side.repository).rulesets else ()
    if isinstance(found, Untold):
        yield Step(KEY, "github", cannot=f"GitHub did not show the rulesets of `{side.repository.slug}`: {found}")
        return
    wanted = _wanted(github, declared)
    changes, untold = compared(found, wanted)
    if not changes:
        yield Step(KEY, "github", cannot=untold)
        return
    power = _power(found, wanted, changes)
    cannot = _cannot(github, side, found) or wanted.hidden
    if cannot:
        yield Step(KEY, "github", changes, power, cannot)
    else:
        change = _Changing(github, side.repository.slug, wanted, changes)
        yield Step(KEY, "github", changes, power, apply=change.apply, read_back=change.read_back)
    if untold and untold != cannot:
        yield Step(f"{KEY}: who may pass", "github", cannot=untold)


def _wanted(github: GitHub, declared: Declaration) -> Wanted:
    where = f"{declared.path or 'trustpub.toml'}: tags.bypass"
    found: list[tuple[Bypass, str]] = []
    hidden = ""
    for name in declared.tag_bypass:
        if name in _ROLES:
            found.append((Bypass("RepositoryRole", _ROLES[name]), f"role `{name}`"))
            continue
        try:
            team = account_of(github, name, where)
            found.append((Bypass("Team", team.id), f"team `{team.login}`"))
        except Denied as problem:
            found.append((Bypass("Team", ""), f"team `{name}`"))
            hidden = str(problem)
    return Wanted(declared.tag_protect, tuple(found), hidden)


def _cannot(github: GitHub, side: GitHubSide, found: Rulesets) -> str:
    gate, ours = gate_of(github.host, side.repository), _ours(found)
    if not gate.rulesets:
        return (
            f"{gate.words} has no rulesets: whoever can push can make a release tag. Make the repository public, change to "
            "GitHub Pro, Team or Enterprise, or take `tags.protect` out of `trustpub.toml`"
        )
    if problem := may_not(github, side.repository):
        return problem
    if others := listed(f"`{rule}`" for rule in (ours.rules if ours is not None else ()) if rule not in _PLAIN):
        return f"the ruleset `{NAME}` has rules with settings of their own ({others}): mend it on its page, or rename it"
    return ""


def _power(found: Rulesets, wanted: Wanted, changes: tuple[Change, ...]) -> str:
    tags = listed(f"`{pattern}`" for pattern in wanted.patterns)
    who = listed(shown for _, shown in wanted.passing)
    until = f"it differed in: {listed(each.field for each in changes)}"
    if _ours(found) is None:
        until = "whoever can push could do all of it"
    return f"Only {who} may make, move and delete the tags {tags}; until now {until}."


def compared(found: Rulesets, wanted: Wanted) -> tuple[tuple[Change, ...], str]:
    """List how our ruleset differs, and say what GitHub does not show of it; empty what is in order.

    Nothing is asked of ours where others surely let nobody else make such a tag. Where only those who may pass another one
    are not shown, nobody knows whether ours is needed.
    """
    ours = _ours(found)
    others = tuple(each for each in found if each is not ours)
    if _all_protected((each for each in others if _passed_by_others(each, wanted) is False), wanted):
        return (), ""
    if ours is not None:
        untold = str(ours.bypass) if isinstance(ours.bypass, Untold) else wanted.hidden
        return (*_differences(ours, wanted.patterns), *_bypass_differences(ours, wanted)), untold
    perhaps = tuple(each for each in others if _passed_by_others(each, wanted) is not True)
    if _all_protected(perhaps, wanted):
        return (), next((str(each.bypass) for each in perhaps if isinstance(each.bypass, Untold)), wanted.hidden)
    new = tuple(Change("+", "may pass", "", shown) for _, shown in wanted.passing)
    return (*_differences(None, wanted.patterns), *new), ""


def _all_protected(found: Iterable[Ruleset], wanted: Wanted) -> bool:
    held = tuple(found)
    return all(_protected(held, pattern, rule) for pattern in wanted.patterns for rule in NEEDED)


def _passed_by_others(ruleset: Ruleset, wanted: Wanted) -> bool | None:
    """Say whether a ruleset lets anybody pass who is not to; None where GitHub does not show it."""
    if isinstance(ruleset.bypass, Untold):
        return None
    meant = {(each.kind, each.id) for each, _ in wanted.passing}
    if ("RepositoryRole", _ROLES["admin"]) in meant:
        meant |= {(each.kind, each.id) for each in ruleset.bypass if each.kind == "OrganizationAdmin"}  # admins everywhere
    more = [each for each in ruleset.bypass if each.mode != "pull_request" and (each.kind, each.id) not in meant]
    return None if wanted.hidden and more and all(each.kind == "Team" for each in more) else bool(more)


def _bypass_differences(ours: Ruleset, wanted: Wanted) -> Iterator[Change]:
    there = ours.bypass
    if isinstance(there, Untold):
        return
    present = {(each.kind, each.id) for each in there}
    meant = {(each.kind, each.id): shown for each, shown in wanted.passing}
    if wanted.hidden:  # one of the teams that may pass may be the one that is not shown
        present, meant = ({key for key in present if key[0] != "Team"}, {key: meant[key] for key in meant if key[0] != "Team"})
    yield from (Change("+", "may pass", "", shown) for key, shown in meant.items() if key not in present)
    for kind, number in sorted(present - set(meant)):
        yield Change("-", "may pass", _shown(kind, number), "")


def _shown(kind: str, number: str) -> str:
    role = next((name for name, each in _ROLES.items() if kind == "RepositoryRole" and each == number), "")
    return f"role `{role}`" if role else f"{kind} {number}".strip()


def _differences(ours: Ruleset | None, patterns: tuple[str, ...]) -> Iterator[Change]:
    if ours is None:
        yield Change("+", "ruleset", "", NAME)
    elif ours.enforcement != "active":
        yield Change("~", "enforcement", ours.enforcement, "active")
    for ref in _refs(patterns):
        if ours is None or not any(_covers(each, ref) for each in ours.include):
            yield Change("+", "tags", "", ref.removeprefix("refs/tags/"))
        for each in ours.exclude if ours is not None else ():
            if not _apart(each, ref):
                yield Change("-", "excluded tags", each.removeprefix("refs/tags/"), "")
    for rule in RULES:
        if ours is None or rule not in ours.rules:
            yield Change("+", "rule", "", rule)


def _ours(found: Rulesets) -> Ruleset | None:
    return next((each for each in found if each.name == NAME and each.target == "tag" and each.source == "Repository"), None)


def _refs(patterns: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"refs/tags/{pattern}" for pattern in patterns))


def _protected(found: Rulesets, pattern: str, rule: str) -> bool:
    """Say whether some ruleset in force surely holds every such tag to this rule."""
    ref = f"refs/tags/{pattern}"
    return any(
        each.target == "tag"
        and each.enforcement == "active"
        and rule in each.rules
        and any(_covers(wide, ref) for wide in each.include)
        and all(_apart(excluded, ref) for excluded in each.exclude)
        for each in found
    )


def _covers(wide: str, narrow: str) -> bool:
    """Say whether one ref pattern surely takes everything that another takes. Where that is not plain to see: no."""
    if wide in (narrow, "~ALL", "refs/tags/**/*"):
        return True
    if not any(char in narrow for char in _WILD):
        return fnmatch(wide, narrow)
    start = wide.removesuffix("*")
    plain = wide.endswith("*") and not any(char in start for char in _WILD)
    return plain and narrow.startswith(start) and "/" not in narrow[len(start) :] and "**" not in narrow


def _apart(one: str, other: str) -> bool:
    """Say whether two ref patterns surely take nothing in common: what stands before their first wildcard tells."""
    starts = [_start(one), _start(other)]
    return one != "~ALL" and not (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0]))


def _start(pattern: str) -> str:
    cut = min((pattern.find(char) for char in _WILD if char in pattern), default=len(pattern))
    return pattern[:cut]


@dataclass(frozen=True, slots=True)
class _Changing:
    """Makes or mends our ruleset."""

    github: GitHub
    slug: str
    wanted: Wanted
    planned: tuple[Change, ...]

    def apply(self) -> None:
        """Write the ruleset whole. Raises `Denied` when it is not as it was when the plan was made."""
        found = self.github.rulesets(self.slug)
        if isinstance(found, Untold):
            raise Denied(KEY, why=found.why, permission=found.permission)
        left, _ = compared(found, self.wanted)
        if not left:
            return
        if not set(left) <= set(self.planned):
            why = "the rulesets have changed on GitHub since the plan was made"
            raise Denied(KEY, why=why, next_step="Nothing was done: run it again")
        ours = _ours(found)
        self.github.put_ruleset(self.slug, body(ours, self.wanted), ours.id if ours is not None else "")

    def read_back(self) -> tuple[Change, ...] | None:
        """Ask GitHub again, and say what still differs; None when it does not tell."""
        found = self.github.rulesets(self.slug)
        if isinstance(found, Untold):
            return None
        left, untold = compared(found, self.wanted)
        return None if untold and not left else left


def body(ours: Ruleset | None, wanted: Wanted) -> dict[str, JSON]:
    """Build the ruleset whole: tags and rules that it has beyond those that are wanted stay."""
    refs = _refs(wanted.patterns)
    include, exclude, rules = (ours.include, ours.exclude, ours.rules) if ours is not None else ((), (), ())
    added = [ref for ref in refs if not any(_covers(each, ref) for each in include)]
    return {
        "name": NAME,
        "target": "tag",
        "enforcement": "active",
        "bypass_actors": [
            {"actor_id": int(each.id), "actor_type": each.kind, "bypass_mode": each.mode} for each, _ in wanted.passing
        ],
        "conditions": {
            "ref_name": {
                "include": [*include, *added],
                "exclude": [each for each in exclude if all(_apart(each, ref) for ref in refs)],
            }
        },
        "rules": [{"type": rule} for rule in dict.fromkeys((*rules, *RULES))],
    }
