"""Parser of the parameter functions; the grammar is in functions.lark.

The parser does not recurse, so deeply nested brackets cannot exhaust the stack.
"""

import difflib
import re
from functools import lru_cache
from importlib import resources
from typing import Any, NoReturn

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken

from host.crm.templates.catalogue import Place
from host.crm.templates.functions import FUNCTIONS, Function, FunctionCall, JsonArgument
from host.crm.templates.template import Template, check_all, parse
from host.crm.templates.template import check as check_template
from host.errors import FunctionSyntaxError
from host.gate import strict
from host.gate.strict import UnfitError

TEXT_MAX = 20_000
DEPTH_MAX = 20
_STARTS_LIKE_ONE = re.compile(rf"=(?:[A-Za-z_]\w*\(|(?:{'|'.join(FUNCTIONS)})\s+\()", re.IGNORECASE)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ESCAPED = re.compile(r"\\([\\\"'])")
_LITERAL_HINT = "(for a text that starts with = write ==)"


class _RefusedError(Exception):
    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


class _Builder(Transformer[Token, Any]):
    """Builds calls from the parse tree, bottom up while the parser reads."""

    def start(self, children: list[Any]) -> FunctionCall:
        call: FunctionCall = next(child for child in children if isinstance(child, FunctionCall))
        return call

    def function(self, children: list[Any]) -> FunctionCall:
        opening, *arguments = _without(children, "COMMA", "CLOSE")
        return _make_call(opening, arguments)

    def json_text(self, children: list[Any]) -> FunctionCall:
        opening, *values = _without(children, "COMMA", "CLOSE", "_WS")
        return _make_call(opening, [JsonArgument(_json(value), read) for value in values])

    json_list = json_text

    def argument(self, children: list[Any]) -> Template | FunctionCall:
        content = next(iter(_without(children, "_WS")), "")
        if isinstance(content, Token):
            return parse(_ESCAPED.sub(r"\1", content[1:-1]))
        if isinstance(content, FunctionCall):
            return content
        text = str(content).strip()
        return parse(text[1:] if text.startswith("==") else text)

    def text(self, children: list[Any]) -> str:
        return "".join(children)

    def object(self, children: list[Any]) -> dict[str, Any]:
        return dict(_without(children, "COMMA", "OPEN_CURLY", "CLOSE_CURLY", "_WS"))

    def pair(self, children: list[Any]) -> tuple[str, Any]:
        key, value = _without(children, "COLON", "_WS")
        return _json(key), _json(value)

    def array(self, children: list[Any]) -> list[Any]:
        return [_json(value) for value in _without(children, "COMMA", "OPEN_SQUARE", "CLOSE_SQUARE", "_WS")]

    def json_value(self, children: list[Any]) -> Any:
        return next(iter(_without(children, "_WS")))


Value = Template | FunctionCall


def read(text: str) -> Value:
    """Read a parameter's text: a function when it starts with `=NAME(`, else a template; `==` is a literal `=`.

    Raises:
        FunctionSyntaxError: It starts like a function but is malformed; the message gives the column.
    """
    if text.startswith("=="):
        return parse(text[1:])
    return parse_function(text) if is_function(text) else parse(text)


def is_function(text: str) -> bool:
    """Tell whether a parameter's text starts like a function."""
    return bool(_STARTS_LIKE_ONE.match(text))


def check(text: str, place: Place) -> None:
    """Check a parameter, header or template string.

    Raises:
        FunctionSyntaxError: As `read`.
        TemplateError: A variable is unknown or not available there; the message names the nearest one.
    """
    value = read(text)
    if isinstance(value, Template):
        check_template(text, place)
    else:
        check_all(value.references, place)


@lru_cache(maxsize=4096)
def parse_function(text: str) -> FunctionCall:
    """Read a text that starts like a function.

    Raises:
        FunctionSyntaxError: The text is malformed. The message gives the column and what is expected there.
    """
    if len(text) > TEXT_MAX:
        raise FunctionSyntaxError(f"longer than {TEXT_MAX} characters", text[:80], TEXT_MAX)
    try:
        call: FunctionCall = _PARSER.parse(text)  # type: ignore[assignment]  # the builder turns the tree into a call
    except _RefusedError as error:
        raise FunctionSyntaxError(error.reason, text, error.column) from error
    except UnexpectedInput as error:
        raise FunctionSyntaxError(*_explain(error, text)) from error
    return call


def _without(children: list[Any], *kinds: str) -> list[Any]:
    return [child for child in children if not (isinstance(child, Token) and child.type in kinds)]


def _json(value: Any) -> Any:
    """Read the JSON of a token; return a value that is parsed already as it is."""
    if not isinstance(value, Token):
        return value
    try:
        return strict.read(value)
    except UnfitError as error:
        raise _RefusedError(str(error), value.start_pos or 0) from None


def _make_call(opening: Token, arguments: list[Any]) -> FunctionCall:
    """Make a call after checking the number of arguments and their depth."""
    function = FUNCTIONS[opening.lstrip("=").rstrip("( \t\r\n").upper()]
    column = opening.start_pos or 0
    given = 0 if arguments == [parse("")] else len(arguments)
    if given < function.at_least or given > (function.at_most or given):
        raise _RefusedError(f"{function.name} takes {_amount(function)}, found {given}", column)
    call = FunctionCall(function, tuple(arguments))
    if call.depth > DEPTH_MAX or _depth_of([a.tree for a in arguments if isinstance(a, JsonArgument)]) > DEPTH_MAX:
        raise _RefusedError(f"nested deeper than {DEPTH_MAX}", column)
    return call


def _amount(function: Function) -> str:
    if function.at_most == function.at_least:
        return f"exactly {function.at_least} argument{'s' if function.at_least > 1 else ''}"
    return f"at least {function.at_least} argument"


def _depth_of(trees: list[Any]) -> int:
    """Return how deep JSON values are nested, without recursion."""
    depth = 0
    while trees and depth <= DEPTH_MAX:
        depth += 1
        inner = [
            list(tree.values()) if isinstance(tree, dict) else tree for tree in trees if isinstance(tree, dict | list)
        ]
        trees = [value for values in inner for value in values]
    return depth


def _refuse_unknown(token: Token) -> NoReturn:
    name = token.strip("=( \t\r\n").upper()
    near = difflib.get_close_matches(name, FUNCTIONS, n=1, cutoff=0.5)
    known = f"nearest: {near[0]}" if near else f"known: {', '.join(FUNCTIONS)}"
    raise _RefusedError(f"unknown function {name}; {known} {_LITERAL_HINT}", token.start_pos or 0)


def _explain(error: UnexpectedInput, text: str) -> tuple[str, str, int]:
    """Return the reason in words, the text, and the column of the error."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        column = _unclosed(text)
        return f"the bracket {text[column]} is not closed", text, column
    column = error.pos_in_stream if error.pos_in_stream is not None else len(text)
    found, open_at = text[column : column + 1], _unclosed(text[:column])
    if found and found in ")]}" and _CLOSING.get(text[open_at]) not in {found, ")"}:
        return f"the bracket {text[open_at]} is not closed", text, open_at
    is_stray = bool(found) and found in ")]}" and _CLOSING.get(text[open_at]) != found
    expected = (error.accepts or error.expected) if isinstance(error, UnexpectedToken) else ()
    return f"{found} closes a bracket that is not open" if is_stray else _reason(found, set(expected)), text, column


def _reason(found: str, expected: set[str]) -> str:
    if expected and expected <= {"$END", "_WS"}:
        return f"nothing may follow the function's closing bracket {_LITERAL_HINT}"
    if found in {'"', "'"} and "QUOTED" in expected:
        return f"the quote {found} is not closed"
    if expected & {"STRING", "OPEN_CURLY"} and "FIRST" not in expected and "CHUNK" not in expected:
        return 'this is not JSON; allowed are objects such as {"key": "{NAME}"}'
    return "a comma or the closing bracket is expected"


def _unclosed(text: str) -> int:
    """Return the position of the innermost bracket that is still open at the end; 0 when there is none."""
    open_at = [0]
    for column, character in enumerate(text):
        if character in _CLOSING:
            open_at.append(column)
        elif len(open_at) > 1 and character == _CLOSING[text[open_at[-1]]]:
            open_at.pop()
    return open_at[-1]


_PARSER = Lark(
    resources.files("host.crm.templates").joinpath("functions.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
    transformer=_Builder(),
    lexer_callbacks={"UNKNOWN": _refuse_unknown},
)
