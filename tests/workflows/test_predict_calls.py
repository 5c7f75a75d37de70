"""Predictions through reusable workflows: whose file, whose inputs, whose permissions."""

from __future__ import annotations

from tests.workflows.samples import only, predictions, publishing

CALLED = publishing("{workflow_call: {inputs: {env: {type: string, default: none}}}}", "environment: ${{ inputs.env }}")
CALLER = (
    "on: {push: {tags: ['v*']}}\njobs:\n  call:\n    permissions: {id-token: write}\n    uses: ./.github/workflows/called.yml\n"
)


def test_a_called_workflow_is_followed() -> None:
    """The claims name the called file as the job's, the caller as the workflow; PyPI's record names the called one."""
    found = only(CALLER + "    with: {env: live}\n", called=CALLED)
    assert (".github/workflows/called.yml", "live", "called.yml", "publishes") == (
        found.workflow,
        found.environment,
        found.publisher["workflow_filename"],
        found.verdict,
    )
    assert ["called.yml", "release.yml"] == [
        found.claims[name].partition("@")[0].rsplit("/", 1)[1] for name in ("job_workflow_ref", "workflow_ref")
    ]
    assert "called by the job `call` of `release.yml`" == found.why[0]


def test_a_called_workflows_inputs_have_defaults() -> None:
    """Where the caller gives none."""
    assert "none" == only(CALLER, called=CALLED).environment


def test_the_newer_spelling_of_a_local_call() -> None:
    """`$/` is this repository too."""
    assert "publishes" == only(CALLER.replace("./.github", "$/.github"), called=CALLED).verdict


def test_a_caller_must_hand_the_permission_down() -> None:
    """Otherwise GitHub does not even start the run."""
    found = only(CALLER.replace("{id-token: write}", "{}"), called=CALLED)
    assert ("never", True) == (found.verdict, "its caller may not give it" in " ".join(found.why))


def test_a_called_file_without_permissions_inherits() -> None:
    """What the caller has, it has."""
    silent = CALLED.replace("    permissions: {id-token: write}\n", "")
    assert "publishes" == only(CALLER, called=silent).verdict


def test_a_workflow_that_only_others_call() -> None:
    """Without a caller here, nobody can say whose claims it has."""
    found = only(publishing("workflow_call"))
    assert ("depends", "workflow_call", "") == (found.verdict, found.event, found.ref)
    assert {"ref", "event_name", "job_workflow_ref"} <= set(found.unknown)


def test_a_called_file_is_not_told_twice() -> None:
    """Its own trigger that never gets to the upload is no news when a caller does."""
    both = CALLED.replace("on: {", "on: {pull_request: null, ").replace("steps:", "if: inputs.env != ''\n    steps:")
    assert ["push"] == [prediction.event for prediction in predictions(CALLER, others={"called": both})]


def test_calls_in_a_circle_end() -> None:
    """A file that calls itself is followed ten times at most."""
    loop = "on: {push: null, workflow_call: null}\njobs:\n  again:\n    uses: ./.github/workflows/release.yml\n"
    assert () == predictions(loop)


def test_a_call_into_another_repository_is_told() -> None:
    """It cannot be read, and PyPI refuses such tokens."""
    text = "on: push\njobs:\n  out:\n    permissions: {id-token: write}\n    uses: octo/shared/.github/workflows/publish.yml@v1\n"
    found = only(text)
    assert ("depends", None, "out") == (found.verdict, found.index, found.job)
    assert "not in this checkout" in found.why[0]
    assert () == predictions(text.replace("{id-token: write}", "{}"))
    assert () == predictions(text.replace("publish.yml", "lint.yml"))


def test_a_switch_that_is_false_in_every_case_turns_a_known_upload_off() -> None:
    """`a && false` is false whatever `a` is: a dispatch never gets to that upload."""
    call = "OpenAstronomy/github-actions-workflows/.github/workflows/publish.yml@v1"
    switch = "${{ startsWith(github.ref, 'refs/tags/v') && github.event_name == 'push' }}"
    text = f"on: [push, workflow_dispatch]\njobs:\n  publish:\n    uses: {call}\n    with:\n      upload_to_pypi: {switch}\n"
    assert ["push"] == [found.event for found in predictions(f"{text}    secrets: {{pypi_token: '${{{{ secrets.T }}}}'}}\n")]
