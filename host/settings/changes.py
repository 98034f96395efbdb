"""Lists what an import has changed: paths, and values that can't be secret or personal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from host.gate import writing
from host.schema import Section
from host.settings.problems import joined

QUEUE_PATH = " / "


def plain(value: Any) -> Any:
    """Return settings as dicts and lists; secrets stay `SecretStr`, so that they can be compared."""
    if isinstance(value, Section):
        fields = type(value).model_fields
        return {fields[name].alias or name: plain(each) for name, each in value}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def people(users: Sequence[Mapping[str, Any]], queues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the file's users by e-mail and its queues by path, so that positions in lists don't matter."""
    by_path: dict[str, Any] = {}
    _by_path(queues, "", by_path)
    return {"users": {user["email"]: dict(user) for user in users}, "queues": by_path}


def between(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yield a line for each difference: `crm.timeout_s: 5 -> 8`, `crm.auth.token: changed`."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _at(before, after, key, joined(path, key))
    elif _are_alike(before, after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from between(*pair, joined(path, index))
    elif _is_shown(before) and _is_shown(after):
        yield f"{path}: {writing.text(before)} -> {writing.text(after)}"
    else:
        yield f"{path}: changed"


def _at(before: Mapping[str, Any], after: Mapping[str, Any], key: str, path: str) -> Iterator[str]:
    if key not in before:
        yield f"{path}: added"
    elif key not in after:
        yield f"{path}: removed"
    else:
        yield from between(before[key], after[key], path)


def _are_alike(before: Any, after: Any) -> bool:
    return isinstance(before, list) and isinstance(after, list) and len(before) == len(after)


def _is_shown(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float)


def _by_path(queues: Sequence[Mapping[str, Any]], above: str, found: dict[str, Any]) -> None:
    for queue in queues:
        path = f"{above}{queue['name']}"
        found[path] = {key: value for key, value in queue.items() if key not in {"name", "queues"}}
        _by_path(queue["queues"], path + QUEUE_PATH, found)
