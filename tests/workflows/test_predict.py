"""Predictions: who may publish, by which event, with which claims, and why not."""

from __future__ import annotations

import json

import pytest

from tests.workflows.samples import REPOSITORY, declared, only, predictions, publishing
from trustpub.domain import declaration
from trustpub.domain.declaration import Declaration
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.workflows.contexts import Repository
from trustpub.workflows.predict import VERDICTS

ISSUER = DEFAULT_ISSUERS[Provider.GITHUB]
CONTRACT = [
    "workflow",
    "job",
    "step",
    "line",
    "column",
    "event",
    "ref",
    "ref_pattern",
    "project",
    "package",
    "matrix",
    "index",
    "profile",
    "credential",
    "verdict",
    "claims",
    "unknown",
    "alternatives",
    "publisher",
    "why",
]


def test_the_contract_of_one_prediction() -> None:
    """Every key of the contract, in its order, with plain values; claims are GitHub's own names and texts."""
    found = only(publishing("{push: {tags: ['v*']}}", "environment: pypi", top="name: Out"))
    data = found.to_json()
    ref = "refs/tags/v1.2.3"
    assert CONTRACT == list(data)
    assert {
        "iss": ISSUER,
        "aud": "pypi",
        "repository": "octo/tool",
        "repository_owner": "octo",
        "repository_owner_id": "7",
        "ref": ref,
        "ref_type": "tag",
        "event_name": "push",
        "workflow": "Out",
        "runner_environment": "github-hosted",
        "head_ref": "",
        "base_ref": "",
        "workflow_ref": f"octo/tool/.github/workflows/release.yml@{ref}",
        "environment": "pypi",
        "job_workflow_ref": f"octo/tool/.github/workflows/release.yml@{ref}",
    } == found.claims
    assert ("publishes", "push", ref, "v*", "pypi", "pypi", "trusted-publishing", None) == (
        found.verdict,
        found.event,
        found.ref,
        found.ref_pattern,
        found.index,
        found.profile,
        found.credential,
        found.matrix,
    )
    assert {
        "repository_owner": "octo",
        "repository_owner_id": "7",
        "repository_name": "tool",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    } == found.publisher
    assert json.loads(json.dumps(data))["alternatives"] == {
        "sub": ["repo:octo/tool:environment:pypi", "repo:octo@7/tool@<repository_id>:environment:pypi"]
    }


def test_every_claim_is_in_one_place_only() -> None:
    """Exact, unknown, or one of several; never two of these."""
    found = only(publishing("{push: {tags: ['v*']}}"))
    names = [*found.claims, *found.unknown, *found.alternatives]
    assert len(names) == len(set(names))
    assert {"jti", "sha", "repository_id", "actor", "iat"} <= set(found.unknown)


@pytest.mark.parametrize(
    ("on", "job", "sub"),
    [
        ("{push: {tags: ['v*']}}", "", "repo:octo/tool:ref:refs/tags/v1.2.3"),
        ("pull_request", "", "repo:octo/tool:pull_request"),
        ("{push: {tags: ['v*']}}", "environment: 'a:b'", "repo:octo/tool:environment:a%3Ab"),
    ],
)
def test_the_subject(on: str, job: str, sub: str) -> None:
    """The environment before the pull request before the ref; a colon in a value is written out."""
    assert sub == only(publishing(on, job)).subjects[0]


@pytest.mark.parametrize(
    ("job", "top", "granted"),
    [
        ("permissions: {contents: read}", "", False),
        ("permissions: {}", "permissions: write-all", False),
        ("", "permissions: {id-token: write}", True),
        ("permissions: read-all", "", False),
    ],
)
def test_without_an_id_token_nothing_is_published(job: str, top: str, granted: bool) -> None:
    """The verdict is never, and says which permission is missing."""
    found = only(publishing("release", job, top=top))
    assert ("publishes" if granted else "never") == found.verdict
    assert granted or "id-token" in found.why[0]


@pytest.mark.parametrize(
    ("on", "condition", "verdicts"),
    [
        ("push", "github.ref == 'refs/heads/main'", [("refs/heads/main", "publishes")]),
        ("push", "startsWith(github.ref, 'refs/tags/')", [("refs/tags/v1.2.3", "publishes")]),
        ("push", "startsWith(github.ref, 'refs/tags/v')", [("refs/tags/v1.2.3", "publishes")]),
        (
            "push",
            "startsWith(github.ref_name, 'rel-')",
            [("refs/tags/rel-1.2.3", "publishes"), ("refs/heads/rel-example", "publishes")],
        ),
        ("push", "startsWith(github.ref, github.sha)", [("refs/tags/v1.2.3", "depends"), ("refs/heads/main", "depends")]),
        ("push", "github.event_name == 'release'", [("refs/tags/v1.2.3", "never")]),
        ("push", "github.repository == 'octo/tool'", [("refs/tags/v1.2.3", "publishes"), ("refs/heads/main", "publishes")]),
        ("push", "github.repository_owner == 'other'", [("refs/tags/v1.2.3", "depends"), ("refs/heads/main", "depends")]),
        ("push", "github.ref_type == 'tag' && vars.X", [("refs/tags/v1.2.3", "depends")]),
        ("push", "'${{ false }} && ${{ false }}'", [("refs/tags/v1.2.3", "publishes"), ("refs/heads/main", "publishes")]),
        ("push", "!github.event.repository.fork && github.ref_type == 'tag'", [("refs/tags/v1.2.3", "publishes")]),
        ("{push: {tags: ['v*']}}", "contains(github.ref, 'rc')", [("refs/tags/v1.2.3", "depends")]),
        (
            "{push: {tags: ['v*']}, pull_request: null}",
            "github.event_name != 'pull_request'",
            [("refs/tags/v1.2.3", "publishes")],
        ),
        ("release", "github.event.release.prerelease", [("refs/tags/v1.2.3", "depends")]),
        ("{release: {types: [prereleased]}}", "github.event.release.prerelease", [("refs/tags/v1.2.3", "publishes")]),
    ],
)
def test_conditions_decide_who_gets_there(on: str, condition: str, verdicts: list[tuple[str, str]]) -> None:
    """Runs that do not get there are not told, unless none does."""
    found = predictions(publishing(on, f"if: {condition}" if condition[0] != "!" else f'if: "{condition}"'))
    assert verdicts == [(prediction.ref, prediction.verdict) for prediction in found]


def test_a_condition_narrows_the_rule() -> None:
    """A prefix that a condition asks for is a pattern of its own."""
    assert "v**" == only(publishing("push", "if: startsWith(github.ref, 'refs/tags/v')")).ref_pattern
    assert "stable" == only(publishing("push", "if: github.ref_name == 'stable'")).ref_pattern


def test_a_condition_of_another_job_narrows_nothing() -> None:
    """Where the trigger's own words say as much, they are kept."""
    other = "  other:\n    if: startsWith(github.ref, 'refs/tags/v') || github.ref == 'refs/heads/main'\n    steps: []\n"
    assert "v*" == only(publishing("{push: {tags: ['v*']}}") + other).ref_pattern
    found = only(publishing("workflow_dispatch") + other)
    assert ("**", "refs/heads/main", ("branch", "tag")) == (found.ref_pattern, found.ref, found.ref_types)


def test_a_prefix_that_the_trigger_does_not_let_through() -> None:
    """Then no run gets there."""
    assert "never" == only(publishing("{push: {tags: ['1*']}}", "if: startsWith(github.ref, 'refs/tags/v')")).verdict


def test_a_pull_request_from_a_fork_is_mentioned() -> None:
    """It gets no ID token whatever the file grants."""
    assert "pull requests from forks get no ID token" in only(publishing("pull_request")).why


def test_a_skipped_need_skips_the_job() -> None:
    """Reachability goes through `needs`, and `always()` breaks the chain."""
    guard = "  guard:\n    if: github.ref_type == 'branch'\n    steps: []\n"
    text = publishing("push", "needs: guard") + guard
    assert ["refs/heads/main"] == [prediction.ref for prediction in predictions(text)]
    text = publishing("push", "needs: guard\nif: always()") + guard
    assert ["refs/tags/v1.2.3", "refs/heads/main"] == [prediction.ref for prediction in predictions(text)]


def test_needs_in_a_circle_run_never() -> None:
    """GitHub refuses such a file; here it only ends."""
    text = publishing("push", "needs: a") + "  a: {needs: b, steps: []}\n  b: {needs: a, steps: []}\n"
    assert "never" == only(text).verdict


def test_a_thousand_needs_do_not_recurse() -> None:
    """A long chain is followed without deep recursion."""
    chain = "".join(f"  j{n}: {{needs: j{n + 1}, steps: []}}\n" for n in range(1000)) + "  j1000: {steps: []}\n"
    assert "publishes" == only(publishing("{push: {tags: ['v*']}}", "needs: j0") + chain).verdict


def test_a_step_has_a_condition_too() -> None:
    """A job that runs may still skip the upload."""
    step = "uses: pypa/gh-action-pypi-publish@release/v1\nif: github.ref_type == 'tag'"
    assert ["refs/tags/v1.2.3"] == [prediction.ref for prediction in predictions(publishing("push", step=step))]


def test_never_says_why_for_every_event() -> None:
    """When no run gets there, each event's reason is told."""
    found = only(publishing("[push, release]", "if: github.event_name == 'schedule'"))
    assert "never" == found.verdict
    assert {"push", "release"} == {sentence.split(":")[0] for sentence in found.why}


def test_an_event_can_be_asked_for() -> None:
    """Then also when it does not get there."""
    text = publishing("[push, release]", "if: github.event_name == 'push'")
    (found,) = predictions(text, event="release")
    assert ("never", "release") == (found.verdict, found.event)


DISPATCH = """
{workflow_dispatch: {inputs: {index: {type: choice, options: [none, testpypi, pypi]}, loud: {type: boolean}}}}
""".strip()


def test_inputs_decide_the_destination() -> None:
    """Combinations with the same answer are one prediction, which names only the inputs that matter."""
    step = "run: uvx twine upload --repository ${{ inputs.index }} dist/*"
    found = predictions(publishing(DISPATCH, "if: inputs.index != 'none' && (inputs.loud || true)", step))
    assert [("testpypi", (("index", "testpypi"),)), ("pypi", (("index", "pypi"),))] == [(p.index, p.inputs) for p in found]
    assert all(prediction.verdict == "publishes" and prediction.ref_pattern == "**" for prediction in found)


def test_dispatch_inputs_of_both_spellings() -> None:
    """`github.event.inputs` holds texts, `inputs` holds booleans."""
    on = "{workflow_dispatch: {inputs: {go: {type: boolean}}}}"
    for condition in ("inputs.go", "inputs.go == true", "github.event.inputs.go == 'true'"):
        assert (("go", "true"),) == only(publishing(on, f"if: {condition}")).inputs


def test_a_free_text_input_is_a_doubt() -> None:
    """Whoever dispatches may write what the default is not."""
    on = "{workflow_dispatch: {inputs: {tag: {type: string, default: dry-run}}}}"
    found = only(publishing(on, "if: inputs.tag != 'dry-run'"))
    assert ("depends", True) == (found.verdict, "`inputs.tag`" in found.why[0])


@pytest.mark.parametrize(
    ("step", "index", "verdict", "credential"),
    [
        ("run: uv publish", "pypi", "publishes", "trusted-publishing"),
        ("run: uv publish --index testpypi", "testpypi", "publishes", "trusted-publishing"),
        ("run: uv publish --publish-url https://own.example/", "own", "depends", "trusted-publishing"),
        ("run: twine upload -r own dist/*", "own", "never", "trusted-publishing"),
        ("run: twine upload -r $WHERE dist/*", None, "depends", "trusted-publishing"),
        ("run: uv publish -t ${{ secrets.T }}", "pypi", "depends", "both"),
        ("run: uv publish --trusted-publishing always -t ${{ secrets.T }}", "pypi", "depends", "both"),
        ("run: uv publish --trusted-publishing always -t pypi-AgEIcHlwaS5vcmc", "pypi", "never", "both"),
        ("run: uv publish --trusted-publishing never", "pypi", "depends", "unclear"),
        ("run: twine upload -u me dist/*", "pypi", "depends", "unclear"),
        ("run: echo > ~/.pypirc; twine upload dist/*", "pypi", "depends", "both"),
        ("uses: pypa/gh-action-pypi-publish@v1\nwith: {password: '${{ secrets.T }}'}", "pypi", "depends", "both"),
        ("uses: pypa/gh-action-pypi-publish@v1\nwith: {password: '${{ inputs.pw }}'}", "pypi", "publishes", "trusted-publishing"),
        (
            "uses: pypa/gh-action-pypi-publish@v1\nwith: {repository-url: 'https://testpypi.example/'}",
            "testpypi",
            "publishes",
            "trusted-publishing",
        ),
        ("uses: pypa/gh-action-pypi-publish@v1\nwith: {password: '${{ vars.PW }}'}", "pypi", "depends", "unclear"),
    ],
)
def test_what_is_brought_where(step: str, index: str | None, verdict: str, credential: str) -> None:
    """Destination, credential, and what follows."""
    found = only(publishing("{push: {tags: ['v*']}}", step=step))
    assert (index, verdict, credential) == (found.index, found.verdict, found.credential)


def test_a_token_without_an_id_token_is_a_token() -> None:
    """Nothing else is brought."""
    step = "uses: pypa/gh-action-pypi-publish@v1\nwith: {password: '${{ secrets.T }}'}"
    found = only(publishing("release", "permissions: {}", step))
    assert ("token", "depends", True) == (found.credential, found.verdict, "`secrets.T`" in found.why[0])


@pytest.mark.parametrize(
    ("environment", "claim", "verdict"),
    [
        ("pypi", "pypi", "publishes"),
        ("{name: PyPI, url: u}", "PyPI", "publishes"),
        ("${{ github.event_name == 'push' && 'live' || 'test' }}", "live", "publishes"),
        ("${{ vars.ENV }}", "", "depends"),
        ("${{ contains(github.ref, 'rc') && 'test' || 'live' }}", "live", "depends"),
        ("${{ '' }}", "", "publishes"),
    ],
)
def test_environments(environment: str, claim: str, verdict: str) -> None:
    """The name as the file writes it; computed ones as far as they can be computed."""
    found = only(publishing("{push: {tags: ['v*']}}", f"environment: {environment}"))
    assert (claim, verdict) == (found.environment, found.verdict)
    assert claim.lower() == found.publisher["environment"]
    assert ("environment" in found.unknown) is ("vars" in environment)


def test_a_matrix_has_a_prediction_for_every_answer() -> None:
    """Legs that differ are told apart, legs that do not are one."""
    matrix = "strategy: {matrix: {index: [pypi, testpypi], n: [1, 2]}}\nenvironment: ${{ matrix.index }}"
    found = predictions(publishing("release", matrix, "run: uv publish --index ${{ matrix.index }}"))
    assert [("pypi", "pypi"), ("testpypi", "testpypi")] == sorted({(p.index or "", p.environment) for p in found})
    (same,) = predictions(publishing("release", "strategy: {matrix: {os: [a, b]}}"))
    assert None is same.matrix


def test_variables_can_be_declared() -> None:
    """`[vars]` stands in for the repository's variables."""
    text = publishing("release", "environment: ${{ vars.ENV }}")
    assert "live" == only(text, declaration.parse(b'[vars]\nENV = "live"\n', "trustpub.toml")).environment


def test_a_declared_publisher_that_matches() -> None:
    """Its row is told, with the owner's id."""
    found = only(publishing("release", "environment: PyPI"), declared("pypi"))
    assert ("publishes", "tool", ".") == (found.verdict, found.project, found.package)
    assert ("7", "pypi") == (found.publisher["repository_owner_id"], found.publisher["environment"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"environment": "other"}, "environment"),
        ({"environment": ""}, None),
        ({"environment": "live", "workflow": "other.yml"}, "workflow_filename"),
        ({"environment": "live", "repository": "toool"}, "repository_name"),
        ({"environment": "live", "owner": "someone"}, "repository_owner"),
    ],
)
def test_a_declared_publisher_that_differs(changes: dict[str, str], field: str | None) -> None:
    """The verdict is refused, and the one field that differs is named. An empty environment constrains nothing."""
    found = only(publishing("release", "environment: live"), declared(**changes))
    assert ("refused" if field else "publishes") == found.verdict
    assert field is None or any(f"`{field}` differs" in sentence for sentence in found.why)
    assert "live" == found.publisher["environment"] or not field


def test_the_declared_publisher_of_the_package_is_asked() -> None:
    """In a repository of several packages each has its own row; without a folder a row is for every package."""
    rows = [{"path": "a", "project": "tool-a", "environment": "other"}, {"path": ".", "project": "tool-root"}]
    both = Declaration(publishers=tuple(row for changes in rows for row in declared(**{"environment": "", **changes}).publishers))
    found = only(publishing("release", "environment: live"), both)
    assert ("publishes", "tool-root", ".") == (found.verdict, found.project, found.package)
    only_other = Declaration(publishers=both.publishers[:1])
    assert "publishes" == only(publishing("release", "environment: live"), only_other).verdict


def test_the_profile_of_another_index() -> None:
    """An index of one's own applies our rules and has its own audience."""
    found = only(publishing("release", step="run: uv publish --index own"), declared(index="own"))
    assert ("own", "trustpub", "own", "publishes") == (found.index, found.profile, found.claims["aud"], found.verdict)


@pytest.mark.parametrize(("index", "event"), [("pypi", "pull_request_target"), ("own", "pull_request"), ("own", "workflow_run")])
def test_events_that_an_index_refuses(index: str, event: str) -> None:
    """PyPI refuses pull_request_target; our own rules refuse more."""
    found = only(publishing(event, step=f"run: uv publish --index {index}"), declared(index=index))
    assert "refused" == found.verdict


RULES = '[environments.live]\ntags = ["v*"]\nreviewers = ["ann"]\nwait_minutes = 5\n'


def test_an_environments_rules_are_asked() -> None:
    """The tag passes, the branch does not, and people who must approve are named."""
    text = publishing("{push: {tags: ['v*'], branches: [main]}}", "environment: Live")
    tag, branch = predictions(text, declared("live", rules=RULES))
    assert [("refs/tags/v1.2.3", "publishes"), ("refs/heads/main", "refused")] == [(p.ref, p.verdict) for p in (tag, branch)]
    assert any("ann" in sentence for sentence in tag.why)
    assert any("5 minutes" in sentence for sentence in tag.why)
    assert "not the branch `main`" in branch.why[0]


def test_an_unknown_repository_is_a_doubt() -> None:
    """Without a remote and a declaration the claims have no names in them."""
    (found,) = predictions(publishing("release"), repository=Repository("", ""))
    assert ("depends", True, ()) == (found.verdict, "repository" in found.unknown, found.subjects)


def test_an_owner_without_a_known_id() -> None:
    """Matching does not fail for what a file cannot tell."""
    (found,) = predictions(publishing("release"), declared(owner_id=""), repository=REPOSITORY._replace(owner_id=""))
    assert ("publishes", True) == (found.verdict, "repository_owner_id" in found.unknown)


@pytest.mark.parametrize(
    ("runs_on", "claim"), [("ubuntu-latest", "github-hosted"), ("[self-hosted, linux]", "self-hosted"), ("{group: x}", None)]
)
def test_the_runner(runs_on: str, claim: str | None) -> None:
    """Hosted by its label, self-hosted by name, else unknown."""
    found = only(publishing("release").replace("ubuntu-latest", runs_on))
    assert claim == found.claims.get("runner_environment")


def test_the_place_of_a_command() -> None:
    """Line and column of the words that upload, inside the script."""
    found = only(publishing("release", step="run: |\n  pip install twine\n  twine upload dist/*"))
    assert (9, 11) == (found.line, found.column)


def test_release_types_that_are_told_together() -> None:
    """Two runs for one release is worth a sentence."""
    found = only(publishing("{release: {types: [published, released]}}"))
    assert any("published, released" in sentence for sentence in found.why)


def test_verdicts_are_known_words() -> None:
    """Others sort by them."""
    assert ("publishes", "depends", "refused", "never") == VERDICTS
