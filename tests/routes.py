"""Makes applications fast to build in tests: what an application makes of the same routes and files is kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.routing import Rule
from whitenoise import WhiteNoise

from host.web.assets import VENDOR


@contextmanager
def shared_routes() -> Iterator[None]:
    """Let all applications use one compiled function for each address, and one list of the built files.

    Each test has an application of its own, and would compile each address and look at each file again.
    """
    compile_builder, add_files = Rule._compile_builder, WhiteNoise.add_files
    builders: dict[Any, Callable[..., tuple[str, str]]] = {}
    listings: dict[tuple[str, str | None], dict[str, Any]] = {}

    def builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:  # they are compiled in
            return compile_builder(self, append_unknown)
        key = (tuple(self._trace), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(self, append_unknown)
        return builders[key]

    def add(self: WhiteNoise, root: str, prefix: str | None = None) -> None:
        if not root.startswith(str(VENDOR)):
            add_files(self, root, prefix)
            return
        if (root, prefix) not in listings:
            alone = WhiteNoise(self.application)
            vars(alone).update(vars(self), files={})
            add_files(alone, root, prefix)
            listings[root, prefix] = alone.files
        self.files.update(listings[root, prefix])

    Rule._compile_builder, WhiteNoise.add_files = builder, add  # type: ignore[method-assign]
    yield
    Rule._compile_builder, WhiteNoise.add_files = compile_builder, add_files  # type: ignore[method-assign]
