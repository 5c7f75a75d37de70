"""The uploads of a job, step by step: what earlier steps leave for later ones, and the steps inside composite actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.contexts import raw_environment
from trustpub.workflows.model import word
from trustpub.workflows.publishing import may_upload, read_step
from trustpub.workflows.upload import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.actions import Action
    from trustpub.workflows.files import Files
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.scene import Scene
    from trustpub.workflows.upload import Upload

MOST_ACTIONS = 10
"""How deep composite actions may use each other: GitHub's own limit."""
_LOCAL = lazy_pattern(r"[.$]/([^@]*)")


class ActionCall(NamedTuple):
    """A step that uses a composite action of the same repository: the action's folder, the action, and the step."""

    path: str
    action: Action
    step: Step


class Found(NamedTuple):
    """One upload of a job. `actions` lead to `step`, which is inside the last of them, with that action's inputs put in."""

    step: Step
    upload: Upload
    actions: tuple[ActionCall, ...]


class Missed(NamedTuple):
    """What a step of a job runs that may publish, but could not be read. `step` is the workflow's own."""

    step: Step
    unread: Unread


def job_uploads(
    workflow: Workflow, job: Job, files: Files, kept: dict[tuple[str, str], object] | None = None
) -> Iterator[Found | Missed]:
    """Yield the uploads of a job in order. Most jobs have no step that is worth a closer look: they cost next to nothing.

    `kept` holds what was read of the checkout's files, for other jobs of the same checkout.
    """
    if any(map(may_upload, job.steps)):
        walk = _Walk(workflow, job, files)
        walk.scene.kept = kept if kept is not None else {}
        yield from walk.steps(job.steps, (), {})


class JobUploads:
    """The uploads of every job of a checkout, each job read once: they are asked for three times in a check."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kept: dict[tuple[str, str], object] = {}
        self._read: dict[tuple[str, str], tuple[Found | Missed, ...]] = {}

    def of(self, workflow: Workflow, job: Job) -> tuple[Found | Missed, ...]:
        """Return the uploads of a job in order, and what may be one but could not be read."""
        key = (workflow.path, job.id)
        if key not in self._read:
            self._read[key] = tuple(job_uploads(workflow, job, self._files, self._kept))
        return self._read[key]


class _Walk:
    def __init__(self, workflow: Workflow, job: Job, files: Files) -> None:
        from trustpub.workflows.scene import Scene

        self.environment = raw_environment((workflow.env, job.env))
        defaults = {**workflow.defaults, **job.defaults}
        self.folder = word(defaults.get("working-directory"))
        self.shell = word(defaults.get("shell"))
        self.scene: Scene = Scene(files)

    def steps(
        self, steps: tuple[Step, ...], actions: tuple[ActionCall, ...], outer: Mapping[str, str]
    ) -> Iterator[Found | Missed]:

        for step in steps:
            action = local_action(step, self.scene) if step.uses is not None else None
            if action is not None and action[1].using == "composite":
                yield from self.inside(step, action, actions, outer)
                continue
            folder = word(step.working_directory) or (self.folder if not actions else "")
            self.scene.folder = (self.scene.inside("").located(folder) or folder) if folder else ""
            self.scene.action = actions[-1].path if actions else ""
            self.scene.shell = word(step.shell) or self.shell
            read = as_image(step, action[1]) if action is not None else step
            yield from self.of_step(step, read, actions, outer)

    def of_step(
        self, step: Step, read: Step, actions: tuple[ActionCall, ...], outer: Mapping[str, str]
    ) -> Iterator[Found | Missed]:
        """Read one step; `run` is read with the action's inputs put in, and told by where it is written."""
        environment = {**self.environment, **outer}
        bound = None
        if actions and step.run is not None:
            from trustpub.workflows.binding import bind, inputs_of

            bound = bind(word(step.run), inputs_of(actions[-1].action, actions[-1].step))
            read = step._replace(run=step.run._replace(value=bound.text))
        for one in read_step(read, environment, self.scene):
            if isinstance(one, Unread):
                yield Missed(actions[0].step, one._replace(offset=0)) if actions else Missed(step, one)
            else:
                yield Found(step, one._replace(offset=bound.original(one.offset)) if bound is not None else one, actions)

    def inside(
        self, step: Step, called: tuple[str, Action], actions: tuple[ActionCall, ...], outer: Mapping[str, str]
    ) -> Iterator[Found | Missed]:
        """Step into a composite action: its steps see the variables of the step that uses it."""
        path, action = called
        if len(actions) >= MOST_ACTIONS or not any(map(may_upload, action.steps)) or not self.scene.may_go_on():
            return
        from trustpub.workflows.binding import bind_step, inputs_of

        inputs = inputs_of(action, step)
        own = {**outer, **{name: word(node) for name, node in step.env.items()}}
        steps = tuple(bind_step(inner, inputs) for inner in action.steps)
        yield from self.steps(steps, (*actions, ActionCall(path, action, step)), own)


def local_action(step: Step, scene: Scene) -> tuple[str, Action] | None:
    """Read the action of the same repository that a step uses, with its folder; None when it is none."""
    from trustpub.workflows.scene import joined

    match = _LOCAL.fullmatch(word(step.uses).strip())
    if match is None:
        return None
    folder = joined(match[1])
    key = ("action", folder)
    if key not in scene.kept:
        scene.kept[key] = _read_action(folder, scene.files)
    action = cast("Action | None", scene.kept[key])
    return (folder, action) if action is not None else None


def _read_action(folder: str, files: Files) -> Action | None:
    from trustpub.errors import BrokenFile
    from trustpub.workflows.actions import read_action
    from trustpub.workflows.scene import joined
    from trustpub.workflows.source import parse

    for name in ("action.yml", "action.yaml"):
        data = files.read(joined(folder, name))
        if data is not None:
            try:
                return read_action(parse(data, joined(folder, name)))
            except BrokenFile:
                return None
    return None


def as_image(step: Step, action: Action) -> Step:
    """Write a step that uses a container action as one that uses its image, with every input: the publish action's may be it."""
    from trustpub.workflows.source import Map, Scalar

    runs = action.node.get("runs")
    image = runs.get("image") if isinstance(runs, Map) else None
    if step.uses is None or not isinstance(image, Scalar) or not image.value.startswith("docker://"):
        return step
    from trustpub.workflows.binding import inputs_of

    inputs = {name: step.uses._replace(value=text) for name, text in inputs_of(action, step).items()}
    return step._replace(uses=step.uses._replace(value=image.value), with_=inputs)
