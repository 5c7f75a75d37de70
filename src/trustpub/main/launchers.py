"""What commands may start: each launcher imports its composition root only when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.rehearse import Troupe


class Launchers:
    """Hands composition roots to the command line without the command line importing them."""

    def serve(self, settings: ServerSettings, ready: Callable[[str], None]) -> int:
        """Run the index until it is told to stop; `ready` gets its address once it listens."""
        import gc

        # Imports make hundreds of thousands of objects that all stay: looking through them again and again for garbage is a third
        # of the whole start. `serve` switches the collector on again once it is ready.
        gc.disable()
        from trustpub.main.serve import serve

        return serve(settings, ready)

    def troupe(self) -> Troupe:
        """The stages and the real clients of a rehearsal."""
        from trustpub.main.stage import troupe

        return troupe()

    def outside(self) -> Outside:
        """The world outside, for commands that ask GitHub or an index."""
        from trustpub.main.outside import outside

        return outside()
