"""Makes applications fast to build in tests: what an application makes of the same routes and files is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.routing import Rule
from whitenoise import WhiteNoise

from host.web.assets import VENDOR

COMPILED = ("_parts", "_trace", "_converters")


@contextmanager
def shared_routes() -> Iterator[None]:
    """Let all applications use what was compiled of an address once, and one list of the built files.

    Each test has an application of its own, and would compile each address and look at each file again.
    """
    compile_rule, add_files = Rule.compile, WhiteNoise.add_files
    rules: dict[Any, Rule] = {}
    listings: dict[tuple[str, str | None], dict[str, Any]] = {}

    def compile_once(self: Rule) -> None:
        assert self.map is not None
        if self.defaults or self.subdomain or self.map.host_matching:
            compile_rule(self)
            return
        key = (self.rule, self.strict_slashes, self.merge_slashes, frozenset(self.map.converters.items()))
        if key not in rules:
            compile_rule(self)
            rules[key] = self
            return
        for name in COMPILED:
            setattr(self, name, getattr(rules[key], name))
        self.arguments |= rules[key].arguments
        self._build = rules[key]._build.__func__.__get__(self)  # type: ignore[attr-defined]
        self._build_unknown = rules[key]._build_unknown.__func__.__get__(self)  # type: ignore[attr-defined]

    def add_once(self: WhiteNoise, root: str, prefix: str | None = None) -> None:
        if not root.startswith(str(VENDOR)):
            add_files(self, root, prefix)
            return
        if (root, prefix) not in listings:
            alone = WhiteNoise(self.application)
            vars(alone).update(vars(self), files={})
            add_files(alone, root, prefix)
            listings[root, prefix] = alone.files
        self.files.update(listings[root, prefix])

    Rule.compile, WhiteNoise.add_files = compile_once, add_once  # type: ignore[method-assign]
    yield
    Rule.compile, WhiteNoise.add_files = compile_rule, add_files  # type: ignore[method-assign]
