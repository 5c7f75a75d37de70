"""Verdicts where it is easy to be too sure: `never` and `refused` only when every run of the kind ends so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.samples import REPOSITORY, declared, only, predictions, publishing
from trustpub.domain import declaration
from trustpub.domain.matching import Accepted, Profile, decide
from trustpub.domain.publishers import Provider, publisher
from trustpub.workflows.claims import placeholders
from trustpub.workflows.contexts import Repository

TAGS = "{push: {tags: ['v*']}}"
OTHER = "one without an environment would be accepted too, and then from any job of that file"


def verdicts(text: str, **others: str) -> set[str]:
    """The verdicts of a workflow."""
    return {prediction.verdict for prediction in predictions(text, others=others)}


def jobs(*more: str, publish: str) -> str:
    """A publishing job with these lines beside other jobs, each `name: {...}`."""
    return publishing(TAGS, publish) + "".join(f"  {job}\n" for job in more)


SKIPPED = "skipped: {if: github.event_name == 'release', steps: []}"


@pytest.mark.parametrize(
    ("more", "publish", "verdict"),
    [
        ((SKIPPED,), "needs: skipped", "never"),
        ((SKIPPED,), "needs: skipped\nif: always()", "publishes"),
        ((SKIPPED,), "needs: skipped\nif: '!cancelled()'", "publishes"),
        ((SKIPPED,), "needs: skipped\nif: always() && needs.skipped.result == 'success'", "never"),
        ((SKIPPED,), "needs: skipped\nif: always() && needs.skipped.result != 'failure'", "publishes"),
        ((SKIPPED,), "needs: skipped\nif: failure()", "depends"),
        ((SKIPPED, "between: {needs: skipped, if: always(), steps: []}"), "needs: between", "never"),
        ((SKIPPED, "between: {needs: skipped, if: always(), steps: []}"), "needs: between\nif: '!failure()'", "publishes"),
        (("tag: {outputs: {x: y}, steps: []}",), "needs: tag\nif: needs.tag.outputs.x == 'y'", "depends"),
        (("maybe: {if: vars.GO, steps: []}",), "needs: maybe", "depends"),
        (("maybe: {if: vars.GO, steps: []}",), "needs: maybe\nif: always()", "publishes"),
    ],
)
def test_needed_jobs(more: tuple[str, ...], publish: str, verdict: str) -> None:
    """A skipped need skips whatever needs it, unless a status function says otherwise; outputs are not known."""
    assert {verdict} == verdicts(jobs(*more, publish=publish))


def test_a_step_asks_its_own_job_whether_all_went_well() -> None:
    """A skipped need does not make the steps of an `always()` job fail."""
    step = "uses: pypa/gh-action-pypi-publish@release/v1\nif: success()"
    text = publishing(TAGS, "needs: skipped\nif: always()", step) + f"  {SKIPPED}\n"
    assert {"publishes"} == verdicts(text)


@pytest.mark.parametrize(
    "condition",
    [
        "inputs.go",
        "inputs.where == 'pypi'",
        "github.event_name == 'push'",
        "startsWith(github.ref, 'refs/tags/')",
        "github.repository == 'x/y'",
    ],
)
def test_only_a_caller_knows(condition: str) -> None:
    """A file that others call, with no caller here: inputs, event, ref and repository are theirs."""
    on = "{workflow_call: {inputs: {go: {type: boolean}, where: {type: string}}}}"
    assert {"depends"} == verdicts(publishing(on, f"if: {condition}"))


@pytest.mark.parametrize(
    ("on", "condition"),
    [
        ("push", "github.repository == 'other/name'"),
        ("push", "github.repository_owner == 'other'"),
        ("{schedule: [{cron: '0 0 * * *'}]}", "github.ref == 'refs/heads/trunk'"),
        ("{schedule: [{cron: '0 0 * * *'}]}", "github.ref_name == 'trunk'"),
        ("workflow_run", "github.event.repository.default_branch == 'trunk'"),
    ],
)
def test_what_a_checkout_assumes_is_no_certainty(on: str, condition: str) -> None:
    """A remote may be a fork or an old name, and the default branch is often not noted: said, with what is assumed."""
    found = predictions(publishing(on, f"if: {condition}"))
    assert {"depends"} == {prediction.verdict for prediction in found}
    assert "the remote here says `octo/tool`, default branch `main`: by these it would never get there" == found[0].why[0]


def test_examples_stay_examples_in_variables_and_inputs() -> None:
    """A tag of another name may be what the condition asks for."""
    top = "env:\n  PRE: ${{ contains(github.ref, 'rc') }}"
    step = "uses: pypa/gh-action-pypi-publish@release/v1\nif: env.PRE == 'true'"
    assert {"depends"} == verdicts(publishing(TAGS, step=step, top=top))
    caller = (
        f"on: {TAGS}\njobs:\n  call:\n    permissions: {{id-token: write}}\n    uses: ./.github/workflows/called.yml\n"
        "    with: {pre: \"${{ contains(github.ref, 'rc') }}\"}\n"
    )
    called = publishing("{workflow_call: {inputs: {pre: {type: string}}}}", "if: inputs.pre == 'true'")
    assert {"depends"} == verdicts(caller, called=called)


RULES = '[environments.live]\ntags = ["{}"]\n'


@pytest.mark.parametrize(
    ("trigger", "rule", "verdict"),
    [
        ("v*", "v*", "publishes"),
        ("*", "rel-*", "depends"),
        ("v*", "rel-*", "refused"),
        ("v*", "v[0-9]*", "publishes"),
        ("v1.2.3", "v2", "refused"),
    ],
)
def test_an_environment_may_let_another_tag_deploy(trigger: str, rule: str, verdict: str) -> None:
    """Refused is said only when no tag that starts the run can pass."""
    text = publishing(f"{{push: {{tags: ['{trigger}']}}}}", "environment: live")
    assert verdict == only(text, declared("live", rules=RULES.format(rule))).verdict


def test_an_environment_that_only_the_run_knows_differs_from_nothing() -> None:
    """A declared publisher may match it."""
    found = only(publishing("release", "environment: ${{ vars.WHERE }}"), declared("live"))
    assert ("depends", True) == (found.verdict, any("`environment` differs" in sentence for sentence in found.why))
    other = only(publishing("release", "environment: ${{ vars.WHERE }}"), declared("live", workflow="other.yml"))
    assert "refused" == other.verdict


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ("run: pip install twine && twine upload dist/*", "never"),
        ("run: uvx twine upload dist/*", "never"),
        ("uses: aws/login@v1\n- run: uvx twine upload dist/*", "depends"),
        ("run: aws codeartifact login --tool twine\n- run: uvx twine upload dist/*", "depends"),
        ('run: echo "TWINE_PASSWORD=$X" >> $GITHUB_ENV\n- run: uvx twine upload dist/*', "depends"),
        ("uses: aws/login@v1\n- uses: pypa/gh-action-pypi-publish@release/v1", "never"),
        ("uses: actions/checkout@v4\n- run: uvx twine upload dist/*", "never"),
    ],
)
def test_a_password_that_the_file_does_not_show(steps: str, verdict: str) -> None:
    """Earlier steps may set one for a command; the publish action takes its inputs only."""
    text = publishing("release", "permissions: {}", steps.replace("\n- ", "\n      - ").split("\n")[0])
    rest = "".join(f"      {line}\n" for line in steps.split("\n")[1:])
    assert {verdict} == verdicts(text + rest)


def test_what_an_earlier_step_exchanged_is_trusted_publishing() -> None:
    """The tool then needs no ID token of its own."""
    steps = "uses: tschm/token-mint-action@v1\nid: mint"
    upload = "      - uses: JRubics/poetry-publish@v1\n        with: {pypi_token: '${{ steps.mint.outputs.api-token }}'}\n"
    (found,) = predictions(publishing("release", step=steps) + upload)
    assert ("trusted-publishing", "publishes") == (found.credential, found.verdict)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("", "pypi needs a publisher with these fields"),
        ("environment: live", f"pypi needs a publisher with these fields; {OTHER}"),
        ("environment: Live", f"pypi needs a publisher with these fields (pypi keeps `Live` in lower case); {OTHER}"),
        (
            "environment: '${{ vars.WHERE }}'",
            "pypi needs a publisher of this file, with the environment that the run names or with none",
        ),
    ],
)
def test_which_publisher_is_needed(environment: str, said: str) -> None:
    """One that names the environment is not the only one that fits."""
    assert said == only(publishing(TAGS, environment)).why[-1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("'${{ secrets.PYPI }}'", "it uploads with the stored password or token `secrets.PYPI`: whether that is set and valid"),
        ("'abc'", "it uploads with a stored password or token: whether that is set and valid"),
    ],
)
def test_on_what_a_stored_token_depends(given: str, said: str) -> None:
    """On the secret, which is named, and which no file can tell."""
    step = f"uses: pypa/gh-action-pypi-publish@v1\nwith: {{password: {given}}}"
    found = only(publishing(TAGS, "permissions: {}", step))
    assert ("depends", (f"{said}, no file can tell",)) == (found.verdict, found.why)


def test_what_a_push_trigger_leaves_out_is_told() -> None:
    """Its pattern alone would say too much; a tag's paths are not looked at."""
    on = "{push: {tags: ['v*', '!*dev*'], branches: [main], paths: [src/a.py], paths-ignore: [docs/**]}}"
    tag, branch = predictions(publishing(on))
    assert ["tags `*dev*` do not start it"] == [why for why in tag.why if "start" in why]
    assert [
        "only a push that changes `src/a.py` starts it",
        "a push that changes nothing but `docs/**` does not start it",
    ] == [why for why in branch.why if "start" in why]
    again = publishing("{push: {tags: ['v*', '!*dev*', 'v9dev']}}")
    assert "start it" not in " ".join(only(again).why)
    assert "branches `x` do not start it" in only(publishing("{push: {branches-ignore: [x]}}")).why


def test_a_runner_of_ones_own_may_have_a_password() -> None:
    """What lies in its home folder is not in the file."""
    text = publishing("release", "permissions: {}", "run: uvx twine upload dist/*")
    assert {"depends"} == verdicts(text.replace("ubuntu-latest", "[self-hosted, linux]"))


def test_many_inputs_do_not_hide_a_combination() -> None:
    """However many choices there are, the one that publishes is not called impossible."""
    inputs = ", ".join(f"i{number}: {{type: boolean}}" for number in range(9))
    asked = " && ".join(f"inputs.i{number}" for number in range(9))
    assert "never" not in verdicts(publishing(f"{{workflow_dispatch: {{inputs: {{{inputs}}}}}}}", f"if: {asked}"))


def test_an_unknown_index_is_not_known_to_refuse() -> None:
    """Only an index that is declared, or public, is known to have rules about events."""
    text = publishing("pull_request", step="run: uv publish --publish-url https://elsewhere.test/")
    assert {"depends"} == verdicts(text)


def test_a_ref_that_cannot_be_told_is_no_difference() -> None:
    """A deployment may stand on any ref."""
    assert {"publishes"} == {
        each.verdict for each in predictions(publishing("deployment", "environment: live"), declared("live"))
    }


ATOMS = st.sampled_from(
    [
        "vars.A", "vars.A == 'x'", "vars.B != 'y'", "github.ref_type == 'tag'", "startsWith(github.ref, 'refs/tags/v')",
        "github.event_name == 'push'", "contains(github.ref, vars.A)", "inputs.go", "github.ref == 'refs/heads/main'", "always()",
        "github.repository == vars.B", "success()", "false",
    ]
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"!({part})"),
    ),
    max_leaves=5,
)
TRIGGERS = st.sampled_from(
    [
        TAGS,
        "push",
        "release",
        "{workflow_dispatch: {inputs: {go: {type: boolean}}}}",
        "[push, pull_request]",
        "create",
        "deployment",
    ]
)
ENVIRONMENTS = st.sampled_from(["", "live", "Live", "${{ vars.A }}", "${{ github.ref_name }}", "${{ vars.B || 'live' }}"])
VARIABLES = st.fixed_dictionaries(
    {}, optional={"A": st.sampled_from(["", "x", "v1"]), "B": st.sampled_from(["", "y", "octo/tool"])}
)


def workflow_of(on: str, condition: str, environment: str) -> str:
    """A workflow with one condition and one environment."""
    job = f'if: "{condition}"' + (f"\nenvironment: {environment}" if environment else "")
    return publishing(on, job)


@given(TRIGGERS, CONDITIONS, ENVIRONMENTS, VARIABLES)
def test_publishes_means_that_the_record_is_accepted(on: str, condition: str, environment: str, known: dict[str, str]) -> None:
    """The very claims that are predicted, held against the very record that is told."""
    lines = "".join(f'{name} = "{value}"\n' for name, value in known.items())
    declared_ = declaration.parse(f"[vars]\n{lines}".encode(), "trustpub.toml")
    for found in predictions(workflow_of(on, condition, environment), declared_):
        if found.verdict == "publishes":
            claims = dict(placeholders(found.claims))
            claims.setdefault("job_workflow_ref", f"octo/tool/.github/workflows/release.yml@{claims['ref']}")
            row = publisher(
                Provider.GITHUB, {**found.publisher, "repository_owner_id": claims["repository_owner_id"]}, claims["iss"]
            )
            decision = decide(claims, [row], Profile(found.profile), provider=Provider.GITHUB, issuer=claims["iss"])
            assert isinstance(decision, Accepted), decision


@given(TRIGGERS, CONDITIONS, ENVIRONMENTS, VARIABLES)
def test_knowing_less_never_rules_out_more(on: str, condition: str, environment: str, known: dict[str, str]) -> None:
    """What is `never` without the variables is `never` for every value that they may have; so too without the repository."""
    text = workflow_of(on, condition, environment)
    lines = "".join(f'{name} = "{value}"\n' for name, value in known.items())
    full = predictions(text, declaration.parse(f"[vars]\n{lines}".encode(), "trustpub.toml"))
    for repository in (REPOSITORY, Repository("", "")):
        less = predictions(text, repository=repository)
        if all(prediction.verdict == "never" for prediction in less):
            assert {"never"} == {prediction.verdict for prediction in full}


@given(TRIGGERS, CONDITIONS, ENVIRONMENTS)
def test_every_reason_is_told(on: str, condition: str, environment: str) -> None:
    """A verdict comes with at least one sentence, none of them twice."""
    for found in predictions(workflow_of(on, condition, environment)):
        assert found.why
        assert len(found.why) == len(set(found.why))
