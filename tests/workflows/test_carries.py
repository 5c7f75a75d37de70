"""Which package an upload carries in a repository of several."""

from __future__ import annotations

import pytest

from tests.workflows.samples import PATH, facts, workflow
from trustpub.domain import declaration
from trustpub.domain.declaration import Declaration
from trustpub.domain.package import Package
from trustpub.workflows.builds import builds, normal, option, positional
from trustpub.workflows.carries import Packages
from trustpub.workflows.evaluation import World
from trustpub.workflows.predict import Prediction, predict

ALPHA = Package("pkgs/alpha", "alpha-tool", "3.1")
BETA = Package("pkgs/beta", "beta-tool", None)
GAMMA = Package("gamma", None, "0.4")
KNOWN = (ALPHA, BETA, GAMMA)
ACTION = "uses: pypa/gh-action-pypi-publish@release/v1"


def told(
    text: str, known: tuple[Package, ...] = KNOWN, declared: Declaration | None = None, path: str = PATH
) -> tuple[Prediction, ...]:
    """Predict a workflow of a repository of these packages; `hidden` is a package that only a look finds."""
    hidden = {"tools/hidden": Package("tools/hidden", "hidden", "1.0")}
    base = facts(declared)
    only = known[0] if len(known) == 1 else None
    own = base._replace(
        project=only.name if only else None, package=only.path if only else None, packages=Packages(known, hidden.get)
    )
    return predict({path: workflow(text, path)}, own)


def packages(
    text: str, known: tuple[Package, ...] = KNOWN, declared: Declaration | None = None, path: str = PATH
) -> list[str | None]:
    """The folders that are uploaded."""
    return [prediction.package for prediction in told(text, known, declared, path)]


def steps(*lines: str, on: str = "{push: {tags: ['v*']}}", job: str = "") -> str:
    """A workflow of one job whose steps are these, each a `run` or the lines of a step; `job` is a further line of the job."""
    body = "".join(f"      - {line if line.startswith(('run:', 'uses:')) else f'run: {line}'}\n" for line in lines)
    more = f"    {job}\n" if job else ""
    return f"on: {on}\njobs:\n  out:\n    runs-on: ubuntu-latest\n    permissions: {{id-token: write}}\n{more}    steps:\n{body}"


WITH = "\n        with: "


@pytest.mark.parametrize(
    "lines",
    [
        (f"{ACTION}{WITH}{{packages-dir: pkgs/alpha/dist}}",),
        (f"{ACTION}{WITH}{{packages-dir: ./pkgs/alpha/dist/}}",),
        (f"{ACTION}{WITH}{{packages-dir: '${{{{ github.workspace }}}}/pkgs/alpha/dist'}}",),
        ("uv publish pkgs/alpha/dist/*",),
        ("uv publish dist/alpha_tool-*.whl",),
        ("cd pkgs/alpha && uv publish",),
        ("run: uv publish\n        working-directory: pkgs/alpha",),
        ("uv --directory pkgs/alpha publish",),
        ("uvx twine upload 'dist/alpha-tool-*'",),
        ("python -m build pkgs/alpha", ACTION),
        ("pipx run build --outdir dist pkgs/alpha", ACTION),
        ("uvx --from build pyproject-build pkgs/alpha -o dist", ACTION),
        ("uv build --package alpha-tool", ACTION),
        ("uv build --package=alpha_tool --out-dir dist", ACTION),
        ("uv build pkgs/alpha -o dist", ACTION),
        ("uv build --directory pkgs/alpha", ACTION),
        ("cd pkgs && python3 -m build --sdist alpha", ACTION),
        ("cd pkgs/alpha; hatch build -t wheel", ACTION),
        ("poetry -C pkgs/alpha build", ACTION),
        ("pdm build -p pkgs/alpha", ACTION),
        ("flit -f pkgs/alpha/pyproject.toml build", ACTION),
        ("maturin build -m pkgs/alpha/Cargo.toml", ACTION),
        ("python pkgs/alpha/setup.py sdist", ACTION),
        ("pip wheel pkgs/alpha -w dist", ACTION),
        ("python -m cibuildwheel pkgs/alpha --output-dir dist", ACTION),
        (f"uses: pypa/cibuildwheel@v2{WITH}{{package-dir: pkgs/alpha}}", ACTION),
        (f"uses: hynek/build-and-inspect-python-package@v2{WITH}{{path: pkgs/alpha}}", ACTION),
        (f"uses: PyO3/maturin-action@v1{WITH}{{args: '--release -m pkgs/alpha/Cargo.toml'}}", ACTION),
    ],
)
def test_what_the_steps_say(lines: tuple[str, ...]) -> None:
    """Folders, names and options of every tool lead to the package."""
    (found,) = told(steps(*lines))
    assert ("pkgs/alpha", "alpha-tool", "refs/tags/v3.1") == (found.package, found.project, found.ref)


def test_the_files_that_are_uploaded_choose_among_the_builds() -> None:
    """What was built into another folder is not uploaded."""
    text = steps(
        "python -m build pkgs/alpha -o out/a", "python -m build pkgs/beta -o out/b", f"{ACTION}{WITH}{{packages-dir: out/b}}"
    )
    assert ["pkgs/beta"] == packages(text)


def test_several_packages_in_one_upload() -> None:
    """Each has a prediction of its own, and the sentence names them all."""
    found = told(steps("python -m build pkgs/alpha -o dist", "python -m build pkgs/beta -o dist", ACTION))
    assert ["pkgs/alpha", "pkgs/beta"] == [prediction.package for prediction in found]
    assert {"it uploads `alpha-tool`, `beta-tool`: that is what is built for it"} == {p.why[-1] for p in found}
    assert sorted(package.path for package in KNOWN) == packages(steps("uv build --all-packages", ACTION))


MATRIX = "strategy: {matrix: {include: [{path: pkgs/alpha}, {path: pkgs/beta}]}}"


@pytest.mark.parametrize(
    "lines",
    [
        ("run: uv publish\n        working-directory: ${{ matrix.path }}",),
        ("python -m build ${{ matrix.path }}", ACTION),
        (ACTION,),
    ],
)
def test_each_leg_of_a_matrix(lines: tuple[str, ...]) -> None:
    """By what its values are put into, else by the values themselves."""
    found = told(steps(*lines, job=MATRIX))
    assert [("pkgs/alpha", "refs/tags/v3.1"), ("pkgs/beta", "refs/tags/v1.2.3")] == [(p.package, p.ref) for p in found]


def test_artifacts_lead_to_the_job_that_built() -> None:
    """A job that downloads one artifact carries what the job built that uploaded it."""
    build = (
        "  build-{0}:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python -m build pkgs/{0}\n"
        "      - uses: actions/upload-artifact@v4\n        with: {{name: dist-{0}, path: pkgs/{0}/dist}}\n"
    )
    text = steps(
        f"uses: actions/download-artifact@v4{WITH}{{name: dist-beta, path: dist}}", ACTION, job="needs: [build-alpha, build-beta]"
    )
    assert ["pkgs/beta"] == packages(text + build.format("alpha") + build.format("beta"))
    every = text.replace("name: dist-beta", "pattern: dist-*")
    assert ["pkgs/alpha", "pkgs/beta"] == packages(every + build.format("alpha") + build.format("beta"))


@pytest.mark.parametrize(
    ("tag", "package"),
    [("alpha-tool-v*", "pkgs/alpha"), ("beta_tool/v*", "pkgs/beta"), ("alpha-tool==*", "pkgs/alpha"), ("gamma@*", "gamma")],
)
def test_the_tag_names_it(tag: str, package: str) -> None:
    """How the tags begin that start the workflow; the example is a tag of that very package."""
    (found,) = told(steps(ACTION, on=f"{{push: {{tags: ['{tag}']}}}}"))
    assert package == found.package
    assert found.project is None or found.ref.startswith(f"refs/tags/{tag.partition('*')[0]}")


def test_a_name_is_the_last_hint_and_said_to_be_one() -> None:
    """The job's, else the file's."""
    (found,) = told(steps(ACTION).replace("  out:", "  publish-beta-tool:"))
    assert ("pkgs/beta", "only the name of the job `publish-beta-tool` says so") == (
        found.package,
        found.why[-1].split(": ", 1)[1],
    )
    assert ["gamma"] == packages(steps(ACTION), path=".github/workflows/release-gamma.yml")


def test_declared_publishers_name_folders() -> None:
    """Those of this very file."""
    rows = 'project = "beta-tool"\nowner = "octo"\nrepository = "tool"\npath = "pkgs/beta"\n'
    declared = declaration.parse(f'[[publisher]]\n{rows}workflow = "release.yml"\n'.encode(), "trustpub.toml")
    assert ["pkgs/beta"] == packages(steps(ACTION), declared=declared)
    other = declaration.parse(f'[[publisher]]\n{rows}workflow = "other.yml"\n'.encode(), "trustpub.toml")
    assert [None] == packages(steps(ACTION), declared=other)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (steps(ACTION), "which of the 3 packages of this repository it uploads could not be told from the files"),
        (steps("python -m build $FOLDER", ACTION), "`$FOLDER`"),
        (
            steps(
                "run: uv publish\n        working-directory: ${{ inputs.where }}",
                on="{workflow_dispatch: {inputs: {where: {default: pkgs/alpha}}}}",
            ),
            "depends on `inputs.where`",
        ),
        (steps(ACTION, job="strategy: {matrix: {path: '${{ fromJSON(needs.x.outputs.y) }}'}}"), "could not be told"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(text: str, why: str) -> None:
    """Neither project nor folder; the sentence says what decides."""
    found = told(text)
    assert [(None, None)] * len(found) == [(p.project, p.package) for p in found]
    assert why in found[0].why[-1]


def test_a_choice_of_a_dispatch_is_a_leg_each() -> None:
    """Whoever starts it chooses the package."""
    on = "{workflow_dispatch: {inputs: {where: {type: choice, options: [pkgs/alpha, pkgs/beta]}}}}"
    found = told(steps("cd ${{ inputs.where }} && uv publish", on=on))
    assert [("pkgs/alpha", (("where", "pkgs/alpha"),)), ("pkgs/beta", (("where", "pkgs/beta"),))] == [
        (p.package, p.inputs) for p in found
    ]


def test_one_package_needs_no_evidence() -> None:
    """It is what is uploaded, and no sentence says so; a folder that is named is looked at all the same."""
    root = (Package(".", "tool", "1.0"),)
    (found,) = told(steps("python -m build", ACTION), root)
    assert (".", "tool", False) == (found.package, found.project, any("uploads" in sentence for sentence in found.why))
    assert ["tools/hidden"] == packages(steps("cd tools/hidden && uv publish"), root)


def test_an_unknown_folder_is_another_package_only_where_it_is_a_folder() -> None:
    """The argument of a build may be the archive of the only package; the folder it runs in may hold another one."""
    root = (Package(".", "tool", "1.0"),)
    assert ["."] == packages(steps("python -m build ${{ steps.x.outputs.file }}", ACTION), root)
    assert ["."] == packages(
        steps(f"uses: pypa/cibuildwheel@v2{WITH}{{package-dir: '${{{{ steps.x.outputs.file }}}}'}}", ACTION), root
    )
    (found,) = told(steps("run: python -m build\n        working-directory: ${{ steps.x.outputs.folder }}", ACTION), root)
    assert (None, "which package it uploads depends on `steps.x.outputs.folder`") == (found.package, found.why[-1])


def test_the_folder_of_an_artifact_holds_the_only_package() -> None:
    """Where a download puts its files says nothing of another package."""
    root = (Package(".", "tool", "1.0"),)
    (found,) = told(steps(f"{ACTION}{WITH}{{packages-dir: '${{{{ steps.x.outputs.download-path }}}}'}}"), root)
    assert ("tool", ".") == (found.project, found.package)


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("""sed -i 's/name="[^"]*"/name="tool-test"/' pyproject.toml""", "tool-test"),
        ("""sed -i '/#marker/{n;s/name *= *"[^"]*"/name = "tool-test"/;}' ./pyproject.toml""", "tool-test"),
        ("""sed -i "s|name = .*|name = \\"tool.x\\"|" setup.cfg""", "tool.x"),
        ("""sed -i "s/name=.*/name=$NAME/" pyproject.toml""", None),
        ("""sed -i 's/__name__ = .*/__name__ = "other"/' pyproject.toml""", "tool"),
        ("""sed -i 's/name = .*/name = "other"/' docs/pyproject.toml""", "tool"),
        ("""sed -i 's/version = .*/version = "2"/' pyproject.toml""", "tool"),
        ("echo name pyproject.toml", "tool"),
    ],
)
def test_a_name_that_the_job_writes(script: str, name: str | None) -> None:
    """What is uploaded then has that name, or one that cannot be read; a declared publisher stands above both."""
    root = (Package(".", "tool", "1.0"),)
    text = steps(f"run: |\n          {script}\n          python -m build", ACTION)
    (found,) = told(text, root)
    assert (name, ".") == (found.project, found.package)
    assert (name != "tool") is any("the step `" in why and " calls the package " in why for why in found.why)
    assert "tool" == told(steps(ACTION, f"run: |\n          {script}"), root)[0].project


def test_what_the_run_makes_itself_is_no_package_of_the_checkout() -> None:
    """Built in a folder that the checkout does not have: it is not the only package that is uploaded."""
    only = (Package(".", "tool", "1.0"),)
    base = facts()._replace(packages=Packages(only, {".": only[0]}.get))
    text = steps("mkdir made && cd made && uv init && uv build", f"{ACTION}{WITH}{{packages-dir: made/dist}}")
    (found,) = predict({PATH: workflow(text)}, base)
    assert (None, None, "which package it uploads depends on `made`") == (found.project, found.package, found.why[-1])
    for line in (
        "pip wheel made -w dist",
        "uv build --python-preference only-managed --new-option made",
        "maturin build -m made/Cargo.toml",
    ):
        (other,) = predict({PATH: workflow(steps(line, ACTION))}, base)
        assert "tool" == other.project


BUILDER = (
    "on: {workflow_call: {inputs: {where: {type: string}}}}\n"
    "jobs:\n  b:\n    steps:\n      - run: python -m build ${{ inputs.where }}\n"
    "      - uses: actions/upload-artifact@v4\n        with: {name: dist}\n"
)


def test_a_called_workflow_builds_what_its_inputs_say() -> None:
    """In this repository its steps are read; of another repository's only inputs that name a package count."""
    call = "  build:\n    uses: {}\n    with: {{where: pkgs/beta, package-name: alpha-tool}}\n"
    text = steps(f"uses: actions/download-artifact@v4{WITH}{{name: dist}}", ACTION, job="needs: build")
    path = ".github/workflows/build.yml"
    known = facts()._replace(project=None, package=None, packages=Packages(KNOWN))
    here = {PATH: workflow(text + call.format(f"./{path}")), path: workflow(BUILDER, path)}
    assert ["pkgs/beta"] == [prediction.package for prediction in predict(here, known)]
    there = {PATH: workflow(text + call.format("octo/other/.github/workflows/build.yml@v1"))}
    assert ["pkgs/alpha"] == [prediction.package for prediction in predict(there, known)]


@pytest.mark.parametrize(
    ("path", "expected"), [("a/./b//c/", "a/b/c"), ("./", "."), ("a/../b", "b"), ("../x", "../x"), ("a\\b", "a/b"), ("/a", "a")]
)
def test_paths_are_written_in_one_way(path: str, expected: str) -> None:
    """Without dots and doubled slashes; what leaves the root stays outside."""
    assert expected == normal(path)


def test_arguments() -> None:
    """Options with values of their own are no folders."""
    assert "pkg" == positional(["--wheel", "-o", "dist", "pkg", "other"])
    assert "." == positional(["--outdir=dist"])
    assert ["a", "b", ""] == [option(["-C", "a"], "-C"), option(["--directory=b"], "--directory"), option(["x"], "-C")]


def test_what_builds_nothing() -> None:
    """Words that only look like a build."""
    job = workflow(
        steps(
            "echo build",
            "uv pip install cibuildwheel==3.0",
            "pip install build",
            "docker build .",
            "python -m pip install build",
            "make build",
        )
    ).jobs["out"]
    assert [] == list(builds(workflow(steps(ACTION)), job, World({})))
