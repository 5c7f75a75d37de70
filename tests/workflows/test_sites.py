"""Where uploads happen: in steps, behind calls, inside composite actions; and what earlier steps leave for them."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.files import FilesInMemory
from trustpub.workflows.publishing import Destination
from trustpub.workflows.sites import Outside, Site, missing, sites

ROOT = ".github/workflows/release.yml"


def walked(text: str, **files: str) -> list[Site | Outside]:
    """The sites of one workflow beside files; their paths have `__` for `/` and `_` for `.` before the ending."""
    return list(sites({ROOT: workflow(text)}, held(files)))


def held(files: dict[str, str]) -> FilesInMemory:
    """Files by their names as keyword arguments have them."""
    return FilesInMemory({".".join(name.replace("__", "/").rsplit("_", 1)): text.encode() for name, text in files.items()})


def job(steps: str, more: str = "") -> str:
    """A workflow with one job; `steps` is a list of YAML, indented by two."""
    lines = "".join(f"    {line}\n" for line in f"{more}\nsteps:\n{steps}".strip().splitlines())
    return f"on: push\njobs:\n  publish:\n{lines}"


def only(text: str, **files: str) -> Site:
    """The one site of a workflow."""
    (site,) = walked(text, **files)
    assert isinstance(site, Site)
    return site


ACTION = """\
inputs:
  Repository:
    default: pypi
  token: {}
  folder: {default: 'dist'}
runs:
  using: composite
  steps:
    - run: pip install twine
      shell: bash
    - name: up
      if: inputs.token != ''
      env:
        TWINE_PASSWORD: ${{ inputs.token }}
      run: |
        echo ${{ inputs.repository }} and more
        twine upload -r ${{ inputs.repository }} ${{ inputs.folder }}/*
      shell: bash
"""


def test_an_upload_inside_an_action() -> None:
    """It belongs to the job that uses the action; inputs are what that step gives, or their defaults."""
    text = job("  - uses: ./up\n    with: {token: '${{ secrets.T }}', repository: testpypi}\n    env: {TWINE_USERNAME: me}")
    site = only(text, up__action_yml=ACTION)
    upload = site.upload
    assert (Destination("name", "testpypi"), ("${{ secrets.T }}",), "me") == (upload.destination, upload.secrets, upload.user)
    assert (("dist/*",), True) == (upload.files, upload.oidc)
    assert ("up", "up/action.yml", 17) == (site.actions[0].path, site.source.path, site.source.place(site.start).line)
    assert ("./up", "up") == (site.calling_step.label, site.uploading_step.label)
    assert site.source.text[site.start :].startswith("twine upload -r")
    assert site.workflow.source.text[site.calling_start :].startswith("./up")
    assert "(secrets.T) != ''" == (site.uploading_step.if_.value if site.uploading_step.if_ else "")


def test_an_actions_defaults() -> None:
    """Without an input its default counts, and nothing at all without one."""
    upload = only(job("  - uses: $/up"), up__action_yaml=ACTION).upload
    assert (Destination("default"), ()) == (upload.destination, upload.secrets)


def test_actions_in_actions() -> None:
    """Inputs are handed on; a chain that never ends is left."""
    outer = (
        "inputs: {to: {}}\nruns:\n  using: composite\n  steps:\n    - uses: ./up\n      with: {repository: '${{ inputs.to }}'}\n"
    )
    site = only(job("  - uses: ./outer\n    with: {to: testpypi}"), up__action_yml=ACTION, outer__action_yml=outer)
    assert ["outer", "up"] == [call.path for call in site.actions]
    assert Destination("name", "testpypi") == site.upload.destination
    assert ["./outer", "./up", "up"] == [step.label for step in site.steps]
    endless = "runs:\n  using: composite\n  steps:\n    - uses: ./up\n"
    assert [] == walked(job("  - uses: ./up"), up__action_yml=endless)


@pytest.mark.parametrize("text", ["runs: {using: node20, main: x.js}", "runs: [", "name: x", "runs: {using: composite}"])
def test_actions_that_cannot_be_looked_into(text: str) -> None:
    """Programs, broken files, and files that are no actions."""
    assert [] == walked(job("  - uses: ./up"), up__action_yml=text)
    assert [] == walked(job("  - uses: ./nowhere"))


def test_an_action_that_is_the_publish_actions_image() -> None:
    """With its own inputs and defaults."""
    image = "docker://ghcr.io/pypa/gh-action-pypi-publish:v1.12"
    text = "inputs: {password: {}, repository-url: {default: 'https://x/'}}\n" + f"runs: {{using: docker, image: '{image}'}}"
    site = only(job("  - uses: ./up\n    with: {password: p}"), up__action_yml=text)
    assert ("action", Destination("url", "https://x/"), ("p",)) == (
        site.upload.tool,
        site.upload.destination,
        site.upload.secrets,
    )
    assert ROOT == site.source.path


@pytest.mark.parametrize(
    "leaving",
    [
        'echo "TWINE_REPOSITORY=testpypi" >> $GITHUB_ENV',
        "echo TWINE_REPOSITORY=testpypi >> ${GITHUB_ENV}",
        'echo "TWINE_REPOSITORY=testpypi" | tee -a $GITHUB_ENV',
        "cat >> $GITHUB_ENV <<E\nTWINE_REPOSITORY=testpypi\nE",
        'echo "TWINE_REPOSITORY=testpypi" >> $env:GITHUB_ENV',
    ],
)
def test_variables_that_earlier_steps_leave(leaving: str) -> None:
    """What is written to the runner's file is there for the later steps of the job."""
    lines = "".join(f"      {line}\n" for line in leaving.splitlines())
    site = only(job(f"  - run: |\n{lines}  - run: twine upload dist/*"))
    assert Destination("name", "testpypi") == site.upload.destination


def test_versions_that_earlier_steps_leave() -> None:
    """Installed ones, and those of the actions that install a tool."""
    assert "twine==5.1" == only(job("  - run: pip install -U build twine==5.1\n  - run: twine upload x")).upload.version
    site = only(job("  - uses: astral-sh/setup-uv@v6\n    with: {version: 0.4.9}\n  - run: uv publish"))
    assert ("uv==0.4.9", False) == (site.upload.version, site.upload.oidc)


def test_the_folder_and_the_shell_of_a_job() -> None:
    """Defaults of the workflow and the job, and the step's own."""
    files = FilesInMemory({"a/Makefile": b"up:\n\tuv publish\n"})
    for more, step in (("defaults: {run: {working-directory: a}}", ""), ("", "\n    working-directory: ./a")):
        (site,) = sites({ROOT: workflow(job(f"  - run: make up{step}", more))}, files)
        assert isinstance(site, Site)
        assert "a/Makefile" == site.upload.via[0].path
    assert [] == walked(job("  - run: uv publish", "defaults: {run: {shell: python}}"))
    python = "  - shell: python\n    run: |\n      import subprocess\n      subprocess.run(['uv', 'publish'])"
    assert "uv" == only(job(python)).upload.tool


def test_parallel_steps() -> None:
    """They are steps like others."""
    assert "uv" == only(job("  - parallel:\n      - run: ls\n      - run: uv publish")).upload.tool


def called(uses: str, more: str = "") -> list[Site | Outside]:
    """The sites of a job that calls a workflow."""
    return walked(f"on: push\njobs:\n  publish:\n    uses: {uses}\n{more}")


def test_what_is_known_of_workflows_elsewhere() -> None:
    """The tool, where it goes, and what it is given."""
    name = "OpenAstronomy/github-actions-workflows/.github/workflows/publish.yml@v1"
    (token,) = called(name, "    with: {repository_url: 'https://x/'}\n    secrets: {pypi_token: '${{ secrets.T }}'}")
    assert isinstance(token, Outside)
    assert token.known is not None
    assert ("action", "token", Destination("url", "https://x/")) == token.known[:3]
    (keyless,) = called(name)
    assert isinstance(keyless, Outside)
    assert ("action", "trusted-publishing", Destination("default")) == (keyless.known or ())[:3]
    (inherited,) = called(
        "dbt-labs/dbt-release/.github/workflows/pypi-release.yml@main", "    with: {test_run: true}\n    secrets: inherit"
    )
    assert isinstance(inherited, Outside)
    assert ("action", "unclear", Destination("name", "testpypi")) == (inherited.known or ())[:3]
    (other,) = called("someone/else/.github/workflows/x.yml@v1")
    assert isinstance(other, Outside)
    assert other.known is None


def test_a_workflow_elsewhere_that_is_told_not_to_upload() -> None:
    """Then there is nothing to tell."""
    name = "openastronomy/github-actions-workflows/.github/workflows/publish_pure_python.yml@v1"
    assert [] == called(name, "    with: {upload_to_pypi: false}")


def test_what_may_publish() -> None:
    """With the step of the workflow, also from inside an action."""
    text = job("  - run: make publish\n  - uses: ./up")
    action = "runs:\n  using: composite\n  steps:\n    - run: ./publish.sh\n      shell: bash\n"
    found = list(missing({ROOT: workflow(text)}, held({"up__action_yml": action})))
    assert [("make publish", 1), ("./publish.sh", 2)] == [(one.unread.text, one.step.number) for one in found]


def test_jobs_that_several_roots_lead_to() -> None:
    """Each root has a site of its own, of the same upload."""
    texts = {
        f".github/workflows/{name}.yml": "on: push\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n"
        for name in ("a", "b")
    }
    inner = "on: workflow_call\njobs:\n  publish:\n    steps:\n      - run: uv publish\n"
    texts[".github/workflows/called.yml"] = inner
    found = list(sites({path: workflow(text, path) for path, text in texts.items()}))
    assert ["a.yml", "b.yml"] == [site.root.file_name for site in found]


def test_actions_that_use_each_other_many_times_end() -> None:
    """Ten levels of ten uses each would be ten thousand million steps."""
    many = "".join("    - uses: ./up{}\n" for _ in range(10))
    files = {
        f"up{level}__action_yml": "runs:\n  using: composite\n  steps:\n" + many.format(*[level + 1] * 10) for level in range(9)
    }
    files["up9__action_yml"] = "runs:\n  using: composite\n  steps:\n    - run: ls publish\n"
    assert [] == walked(job("  - uses: ./up0"), **files)


def test_calls_of_each_other_many_times_end() -> None:
    """Each of two files calls the other ten times."""
    jobs = "".join(f"  j{number}:\n    uses: ./.github/workflows/{{}}.yml\n" for number in range(10))
    texts = {
        f".github/workflows/{name}.yml": f"on: push\njobs:\n{jobs.replace('{}', other)}"
        for name, other in (("a", "b"), ("b", "a"))
    }
    assert [] == list(sites({path: workflow(text, path) for path, text in texts.items()}))


@pytest.mark.parametrize(
    "script",
    [
        "twine upload ${{ " + "''" * 40,
        "A=a\n" + "A=$A$A\n" * 60 + "uv publish",
        "$(" * 20_000,
        '"$(' * 20_000,
        "cd a\n" * 9_000 + "make up",
    ],
)
def test_scripts_that_want_to_take_long(script: str) -> None:
    """They are read in a moment."""
    from trustpub.workflows.scene import Scene
    from trustpub.workflows.scripts import read_script

    assert len(list(read_script(script, {}, Scene()))) <= 1


def test_cmd() -> None:
    """Its variables are set and put in by other signs."""
    text = "  - shell: cmd\n    run: |\n      set WHERE=testpypi\n      twine upload ^\n        -r %WHERE% dist/*"
    assert Destination("name", "testpypi") == only(job(text)).upload.destination
