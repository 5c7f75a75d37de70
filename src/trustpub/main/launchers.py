"""What commands may start: each launcher imports its composition root only when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.errors import Broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.usecases.rehearse import Troupe


class Launchers:
    """Hands composition roots to the command line without the command line importing them."""

    def serve(self, settings: ServerSettings, ready: Callable[[str], None]) -> int:
        """Run the index until it is told to stop; `ready` gets its address once it listens."""
        import gc

        # Imports make hundreds of thousands of objects that all stay: looking through them again and again for garbage is a third
        # of the whole start. `serve` switches the collector on again once it is ready.
        gc.disable()
        try:
            from trustpub.main.serve import serve
        except ModuleNotFoundError as problem:
            if (problem.name or "").startswith("trustpub"):
                raise
            step = 'Install it: pip install "trustpub[server]"'
            raise Broken(f"not installed: `{problem.name}`", why="an index needs it", next_step=step) from problem
        return serve(settings, ready)

    def troupe(self) -> Troupe:
        """The stages and the real clients of a rehearsal; errors.Broken when the parts of a server are not installed."""
        try:
            from trustpub.main.stage import troupe
        except ModuleNotFoundError as problem:
            if (problem.name or "").startswith("trustpub"):
                raise
            step = 'Install it: pip install "trustpub[rehearse]"'
            raise Broken(f"not installed: `{problem.name}`", why="a rehearsal runs a whole index", next_step=step) from problem
        return troupe()
