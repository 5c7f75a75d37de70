"""The fake GitHub's runs: jobs, logs behind a redirect to another host, messages beside a job, and starts by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from trustpub.parties.github import fake_shapes as shapes
from trustpub.parties.github.fake_state import Job, Run, Workflow
from trustpub.parties.github.fake_wire import Answer, Call, Refusal, checked_keys, not_found, page, route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.fake_state import Repository, World
    from trustpub.parties.github.fake_wire import JSON, Object

REPOSITORY = "/repos/{owner}/{repo}"
LINK_LIVES = 60
"""Seconds that the address of a log can be used."""
MOST_INPUTS = 25


@route("GET", REPOSITORY + "/actions/runs", wants="actions=read", anyone=True)
def runs(call: Call) -> Answer:
    """List the runs, newest first."""
    return _list(call, call.repository.runs)


@route("GET", REPOSITORY + "/actions/workflows/{workflow_id}/runs", wants="actions=read", anyone=True)
def runs_of_workflow(call: Call) -> Answer:
    """List the runs of one workflow, named by its file or its number."""
    path = _workflow(call).path
    return _list(call, {number: each for number, each in call.repository.runs.items() if each.path == path})


@route("GET", REPOSITORY + "/actions/runs/{run_id}", wants="actions=read", anyone=True)
def run(call: Call) -> Answer:
    """Read one run."""
    return Answer(200, _run(call, _one_run(call)))


@route("GET", REPOSITORY + "/actions/runs/{run_id}/jobs", wants="actions=read", anyone=True)
def jobs(call: Call) -> Answer:
    """List a run's jobs: of its last attempt, or with `filter=all` of every one."""
    each, every = _one_run(call), call.query.get("filter", "latest") == "all"
    found = [job for job in call.repository.jobs.values() if job.run == each.id and (every or job.attempt == each.attempt)]
    return page(call, [_job(call, job) for job in found], under="jobs")


@route("GET", REPOSITORY + "/actions/jobs/{job_id}", wants="actions=read", anyone=True)
def job(call: Call) -> Answer:
    """Read one job."""
    return Answer(200, _job(call, _one_job(call, "job_id")))


@route("GET", REPOSITORY + "/actions/jobs/{job_id}/logs", wants="actions=read", anyone=True)
def log(call: Call) -> Answer:
    """Lead to a job's log (302): 410 when it is kept no more, 404 when there never was one. Strangers get none, not even here."""
    each = _one_job(call, "job_id")
    if call.token is None:
        raise Refusal(403, "Must have admin rights to Repository.")
    if each.log_gone:
        raise Refusal(410, "Server Error")
    if each.log is None:
        raise not_found()
    until = int(call.world.clock()) + LINK_LIVES
    return Answer(302, None, {"location": f"{call.world.storage}/actions-results/{each.id}/{until}/job-logs.txt?sig=fake"})


def stored_log(world: World, url: str, *, authorized: bool) -> tuple[int, bytes]:
    """Answer for the host of the logs: status and text. It refuses whoever shows a token that is not its own, and old links."""
    parts = urlsplit(url).path.split("/")
    if len(parts) != 5 or parts[1] != "actions-results" or not (parts[2].isdigit() and parts[3].isdigit()):
        return 404, b""
    if authorized or world.clock() > int(parts[3]):
        return 403, b"AuthenticationFailed"
    for repository in world.repositories.values():
        found = repository.jobs.get(int(parts[2]))
        if found is not None and found.log is not None:
            return 200, found.log.encode()
    return 404, b""


@route("GET", REPOSITORY + "/check-runs/{check_run_id}/annotations", wants="checks=read", anyone=True)
def job_annotations(call: Call) -> Answer:
    """List the messages beside a job."""
    blob = f"{shapes.HTML}/{call.repository.slug}/blob"
    found: list[JSON] = [
        {
            "path": ".github",
            "blob_href": f"{blob}/{_run_of(call, _one_job(call, 'check_run_id')).sha}/.github",
            "start_line": 1,
            "start_column": None,
            "end_line": 1,
            "end_column": None,
            "annotation_level": each.level,
            "title": each.title,
            "message": each.message,
            "raw_details": None,
        }
        for each in _one_job(call, "check_run_id").annotations
    ]
    return page(call, found)


@route("GET", REPOSITORY + "/commits/{ref}/check-runs", wants="checks=read", anyone=True)
def check_runs(call: Call) -> Answer:
    """List the check runs of a commit, which are its jobs."""
    found = [each for each in call.repository.jobs.values() if _run_of(call, each).sha == call.values["ref"]]
    return page(call, [_check_run(call, each) for each in found], under="check_runs")


@route("POST", REPOSITORY + "/actions/workflows/{workflow_id}/dispatches", wants="actions=write", role="write")
def dispatch(call: Call) -> Answer:
    """Start a workflow by hand: 204, or 200 with the run when `return_run_details` asks for it."""
    each, body, repository = _workflow(call), call.body(), call.repository
    checked_keys(body, {"ref": (str,), "inputs": (dict,), "return_run_details": (bool,)}, ["ref"])
    if each.inputs is None:
        raise Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    inputs = cast("Mapping[str, JSON]", body.get("inputs", {}))
    strange = [name for name in inputs if name not in each.inputs]
    if strange or len(inputs) > MOST_INPUTS:
        raise Refusal(422, f"Unexpected inputs provided: {strange}")
    name = str(body["ref"]).removeprefix("refs/heads/").removeprefix("refs/tags/")
    tag = repository.tags.get(name)
    sha = tag.commit if tag else repository.branches.get(name)
    if sha is None:
        raise Refusal(422, f"No ref found for: {body['ref']}")
    world = call.world
    made = Run(
        world.number(),
        len(repository.runs) + 1,
        each.path,
        "workflow_dispatch",
        name,
        sha,
        "queued",
        None,
        call.login,
        world.now(),
    )
    repository.runs[made.id] = made
    if body.get("return_run_details") is not True:
        return Answer(204)
    shape = _run(call, made)
    return Answer(200, {"workflow_run_id": made.id, "run_url": shape["url"], "html_url": shape["html_url"]})


def _list(call: Call, held: Mapping[int, Run]) -> Answer:
    wanted = call.query

    def fits(each: Run) -> bool:
        return (
            wanted.get("event", each.event) == each.event
            and wanted.get("branch", each.branch) == each.branch
            and wanted.get("head_sha", each.sha) == each.sha
            and wanted.get("actor", each.actor) == each.actor
            and wanted.get("status", each.status) in {each.status, each.conclusion}
        )

    newest = sorted((each for each in held.values() if fits(each)), key=lambda each: (each.created_at, each.id), reverse=True)
    return page(call, [_run(call, each) for each in newest], under="workflow_runs")


def _workflow(call: Call) -> Workflow:
    wanted = call.values["workflow_id"]
    for each in call.repository.workflows.values():
        if wanted in {str(each.id), each.path.rpartition("/")[2]}:
            return each
    raise not_found()


def _one_run(call: Call) -> Run:
    found = call.repository.runs.get(call.number("run_id"))
    if found is None:
        raise not_found()
    return found


def _one_job(call: Call, name: str) -> Job:
    found = call.repository.jobs.get(call.number(name))
    if found is None:
        raise not_found()
    return found


def _run_of(call: Call, each: Job) -> Run:
    return call.repository.runs[each.run]


def _run(call: Call, each: Run) -> Object:
    repository: Repository = call.repository
    url = f"{call.base}/repos/{repository.slug}/actions/runs/{each.id}"
    workflow = repository.workflows[each.path]
    actor = call.world.owner(each.actor) or repository.owner
    person = {"name": actor.login, "email": "nobody@example.com"}
    return {
        "id": each.id,
        "name": each.path.rpartition("/")[2],
        "node_id": shapes.node("WFR", each.id),
        "display_title": "Publish",
        "check_suite_id": each.id + 1,
        "head_branch": each.branch,
        "head_sha": each.sha,
        "path": each.path,
        "run_number": each.number,
        "run_attempt": each.attempt,
        "referenced_workflows": [
            {"path": path, "sha": each.sha, "ref": f"refs/heads/{repository.default_branch}"} for path in each.referenced
        ],
        "event": each.event,
        "status": each.status,
        "conclusion": each.conclusion,
        "workflow_id": workflow.id,
        "url": url,
        "html_url": f"{shapes.HTML}/{repository.slug}/actions/runs/{each.id}",
        "pull_requests": [],
        "created_at": each.created_at,
        "updated_at": each.created_at,
        "run_started_at": each.created_at,
        "actor": shapes.simple_user(actor, call.base),
        "triggering_actor": shapes.simple_user(actor, call.base),
        **{f"{name}_url": f"{url}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "check_suite_url": f"{call.base}/repos/{repository.slug}/check-suites/{each.id + 1}",
        "previous_attempt_url": None if each.attempt == 1 else f"{url}/attempts/{each.attempt - 1}",
        "workflow_url": f"{call.base}/repos/{repository.slug}/actions/workflows/{workflow.id}",
        "head_commit": {
            "id": each.sha,
            "tree_id": each.sha,
            "message": "Publish",
            "timestamp": each.created_at,
            "author": person,
            "committer": person,
        },
        "repository": shapes.repository(repository, call.base),
        "head_repository": shapes.repository(repository, call.base),
    }


def _job(call: Call, each: Job) -> Object:
    repository, of = call.repository, _run_of(call, each)
    api, page = f"{call.base}/repos/{repository.slug}", f"{shapes.HTML}/{repository.slug}"
    done = of.created_at if each.status == "completed" else None
    steps: list[JSON] = [
        {
            "name": name,
            "status": "completed",
            "conclusion": conclusion,
            "number": number,
            "started_at": of.created_at,
            "completed_at": done,
        }
        for number, (name, conclusion) in enumerate(each.steps, 1)
    ]
    return {
        "id": each.id,
        "run_id": of.id,
        "workflow_name": of.path.rpartition("/")[2],
        "head_branch": of.branch,
        "run_url": f"{api}/actions/runs/{of.id}",
        "run_attempt": each.attempt,
        "node_id": shapes.node("CR", each.id),
        "head_sha": of.sha,
        "url": f"{api}/actions/jobs/{each.id}",
        "html_url": f"{page}/actions/runs/{of.id}/job/{each.id}",
        "status": each.status,
        "conclusion": each.conclusion,
        "created_at": of.created_at,
        "started_at": of.created_at,
        "completed_at": done,
        "name": each.name,
        "steps": steps,
        "check_run_url": f"{api}/check-runs/{each.id}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1 if each.started else 0,
        "runner_name": "GitHub Actions 1" if each.started else "",
        "runner_group_id": 0,
        "runner_group_name": "GitHub Actions" if each.started else "",
    }


def _check_run(call: Call, each: Job) -> Object:
    of, shape = _run_of(call, each), _job(call, each)
    url = cast("str", shape["check_run_url"])
    kept = ("id", "head_sha", "html_url", "status", "conclusion", "started_at", "completed_at", "name")
    said = len(each.annotations)
    return {
        **{key: shape[key] for key in kept},
        "node_id": shapes.node("CR", each.id),
        "external_id": str(each.id),
        "url": url,
        "details_url": shape["html_url"],
        "output": {
            "title": None,
            "summary": None,
            "text": None,
            "annotations_count": said,
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": of.id + 1},
        "app": None,
        "pull_requests": [],
    }
