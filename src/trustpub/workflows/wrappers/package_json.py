"""`npm run NAME` and its like: a script of `package.json`."""

from __future__ import annotations

from trustpub.workflows.scene import joined, string, table
from trustpub.workflows.tools.options import read_options, taking
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, line_of

_TAKING = taking("folder --prefix -C --cwd --dir", "workspace -w --workspace --filter -F")


def behind(call: Wrapping) -> Behind:
    """Return the script that is named, with what runs before and after it."""
    options = read_options(call.found.arguments, _TAKING, {})
    words = [word for word in options.rest if word not in ("run", "run-script")]
    if not words or (call.found.program in ("npm", "bun") and len(words) == len(options.rest)):  # `npm publish` is npm's own
        return ()
    folder = joined(call.scene.folder, options.get("folder"))
    data = call.scene.files.read(joined(folder, "package.json"))
    if data is None:
        return f"there is no `package.json` in `{folder or '.'}`"
    import json

    text = data.decode("utf-8", errors="replace")
    try:
        scripts = table(json.loads(text), "scripts")
    except (ValueError, RecursionError):
        return f"`{joined(folder, 'package.json')}` is no JSON"
    path = joined(folder, "package.json")
    names = [name for name in (f"pre{words[0]}", words[0], f"post{words[0]}") if string(scripts.get(name))]
    return tuple(
        Wrapped(call.found.program, name, path, line_of(text, f'"{name}"'), string(scripts[name]), {}, folder) for name in names
    )
