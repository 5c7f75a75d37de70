"""An environment whose rules refuse the very runs that publish through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.rules import declared, spans
from trustpub.rules.in_force import in_force
from trustpub.workflows.events import FORK_EVENTS
from trustpub.workflows.globs import fixed_start, is_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustpub.rules.facts import Facts
    from trustpub.rules.in_force import InForce
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="E03",
    name="environment-refuses",
    severity="blocker",
    title="The environment refuses the runs that publish",
    why=(
        "A rule for branches never lets a tag deploy, and a rule for tags never a branch: with `main` alone every pushed version "
        "tag is refused. GitHub fails the job before its first step and tells it in one line on the run's page."
    ),
    source="GitHub's documentation: deployments and environments, deployment branches and tags",
    help='Add a rule of the right kind: in the environment\'s settings a deployment tag rule `v*`, here `tags = ["v*"]`.',
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the environments whose rules refuse runs that get to an upload: GitHub's own rules, else the declared ones."""
    for site, predictions in facts.sites():
        names = dict.fromkeys(each.environment.lower() for each in predictions if each.environment)
        for rules in filter(None, (in_force(facts, name) for name in names)):
            gets = [each for each in predictions if each.reached and _is_meant(rules, each)]
            refused = [each for each in gets if _is_refused(rules, each)]
            if refused and site.job.environment is not None:
                told = [each for each in refused if each.surely and each.event != "workflow_dispatch"]
                if len(refused) == len(gets):
                    yield _finding(facts, site, rules, refused, every=True)
                elif told:
                    yield _finding(facts, site, rules, told, every=False)


def _is_meant(rules: InForce, prediction: Prediction) -> bool:
    """Say whether a run of this kind may be a release: pull requests are what such rules are there for."""
    wanted = prediction.environment.lower() == rules.name.lower()
    return wanted and prediction.event not in FORK_EVENTS and prediction.event != "merge_group"


def _is_refused(rules: InForce, prediction: Prediction) -> bool:
    """Say whether the rules refuse whatever ref the run has, not only the example."""
    if not prediction.ref or rules.admits(prediction.ref) is not False:
        return False
    patterns = rules.tags if _is_tag(prediction) else rules.branches
    if not patterns:
        return True
    asked = prediction.ref_pattern.split(", ")
    return all(_apart(each, pattern) for each in asked for pattern in patterns)


def _is_tag(prediction: Prediction) -> bool:
    return prediction.ref.startswith("refs/tags/")


def _apart(trigger: str, rule: str) -> bool:
    """Say whether no name can fit both a trigger's pattern and a rule's."""
    if is_literal(trigger):
        return True  # the example is the only name
    first, second = fixed_start(trigger), _literal_start(rule)
    return not first.startswith(second) and not second.startswith(first)


def _literal_start(rule: str) -> str:
    end = next((index for index, char in enumerate(rule) if char in "*?[\\"), len(rule))
    return rule[:end]


def _finding(facts: Facts, site: Site, rules: InForce, refused: Sequence[Prediction], every: bool) -> Finding:
    first = refused[0]
    kind, key, other = ("tag", "tags", "branches") if _is_tag(first) else ("branch", "branches", "tags")
    held = key if getattr(rules, key) else other
    words = ", ".join(f"`{pattern}`" for pattern in getattr(rules, held))
    names = ", ".join(dict.fromkeys(f"{each.event} of `{each.ref.split('/', 2)[-1]}`" for each in refused))
    whole = "every run that gets here" if every else "some runs"
    lets = f"lets only {held} {words} deploy" if words else "lets no branch and no tag deploy, its list being empty"
    where = "on GitHub " if rules.real is not None else ""
    name = site.job.environment
    return Finding(
        rule=RULE.code,
        severity="blocker" if every else "medium",
        message=f"{where}the environment `{rules.name}` {lets}, and refuses {whole}: {names}",
        span=spans.of_word(site.workflow, name.name) if name is not None else spans.of_job(site.workflow, site.job),
        help=_help(facts, rules, kind, key, _suggestion(first)),
        related=(Related(declared.of_environment(facts, rules.declared, held), "the declared rule"),) if rules.declared else (),
    )


def _help(facts: Facts, rules: InForce, kind: str, key: str, pattern: str) -> str:
    """Say which rule to add, and where."""
    add = f"a deployment {kind} rule with the name `{pattern}`"
    if rules.real is None or facts.github is None:
        return f'In the environment\'s settings add {add}, and write `{key} = ["{pattern}"]` in `{facts.declaration.path}`.'
    from trustpub.rules.links import of_environment

    return f"Add {add}: {of_environment(facts, facts.github, rules.real)}"


def _suggestion(prediction: Prediction) -> str:
    """Write the trigger's pattern as a rule: the two languages agree on a fixed beginning and a star."""
    pattern = prediction.ref_pattern.split(", ")[0]
    return pattern if is_literal(pattern) else f"{fixed_start(pattern)}*"
