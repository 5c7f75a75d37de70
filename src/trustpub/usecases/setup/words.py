"""Who gains and who loses power by a step, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.untold import Untold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.github_settings import Environment
    from trustpub.usecases.setup.environments import Wanted


def listed(words: Iterable[str], last: str = "and") -> str:
    """List words with `and` before the last; empty when there are none."""
    each = list(dict.fromkeys(words))
    return f" {last} ".join(filter(None, (", ".join(each[:-1]), *each[-1:])))


def power_of(now: Environment | None, wanted: Wanted) -> str:
    """Say what an environment's step changes about who may publish through it."""
    return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in _sentences(now, wanted))


def _sentences(now: Environment | None, wanted: Wanted) -> Iterator[str]:
    meant = listed(f"{rule.kind} `{rule.pattern}`" for rule in wanted.rules)
    policy = now.policy if now else "all"
    if wanted.rules and policy != "patterns":
        before = "protected branches" if policy == "protected" else "any branch or tag"
        yield f"jobs of {before} could deploy to `{wanted.name}`; from now on only those of {meant}"
        if now:
            yield "until the patterns are written, for a moment, nothing may deploy"
    elif wanted.rules and now and not isinstance(now.rules, Untold):
        yield from _patterns(now, wanted)
    there = {(each.kind, each.id) for each in (now.reviewers if now else ())}
    gained = listed(f"`{each.login}`" for each in wanted.reviewers if (each.kind, each.id) not in there)
    if gained and not there:
        yield f"every deployment then waits for {listed((f'`{each.login}`' for each in wanted.reviewers), 'or')}"
    elif gained:
        yield f"{gained} may approve deployments too"
    meant_ids = {(each.kind, each.id) for each in wanted.reviewers}
    lost = listed(f"`{each.login}`" for each in (now.reviewers if now else ()) if (each.kind, each.id) not in meant_ids)
    if wanted.reviewers and lost:
        yield f"{lost} may approve deployments no more"
    if wanted.admins_bypass is not None and (now.admins_bypass if now else True) not in (None, wanted.admins_bypass):
        yield f"administrators {'may' if wanted.admins_bypass else 'can no longer'} deploy past these rules"


def _patterns(now: Environment, wanted: Wanted) -> Iterator[str]:
    rules = () if isinstance(now.rules, Untold) else now.rules
    there, meant = ({(rule.kind, rule.pattern) for rule in some} for some in (rules, wanted.rules))
    if gained := listed(f"{rule.kind} `{rule.pattern}`" for rule in wanted.rules if (rule.kind, rule.pattern) not in there):
        yield f"jobs of {gained} may deploy to `{wanted.name}` too"
    others = listed(f"{rule.kind} `{rule.pattern}`" for rule in rules if (rule.kind, rule.pattern) not in meant)
    if others and wanted.prune:
        yield f"jobs of {others} may deploy no more"
    elif others:
        yield f"jobs of {others} still may, though `trustpub.toml` does not name them: `--prune` takes that away"
