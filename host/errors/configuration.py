"""Errors of settings and of what commands are given."""

from collections.abc import Mapping

from host.errors.base import HostError


class ConfigError(HostError):
    """A setting, or an argument of a command, cannot be used as it is."""

    code = "config"
    http_status = 422


class TemplateError(ConfigError):
    """A template names a variable that does not exist."""

    code = "template"


class FunctionSyntaxError(ConfigError):
    """A parameter function cannot be read.

    Args:
        reason: What is wrong.
        text: The whole parameter value.
        column: Where the error is, counted from 0.
    """

    code = "function_syntax"

    def __init__(self, reason: str, text: str, column: int) -> None:
        super().__init__(f"{reason}, at character {column + 1} of {text!r}")
        self.reason = reason
        self.text = text
        self.column = column


class EndpointOrderError(ConfigError):
    """A later CRM endpoint is set without the earlier one that it needs."""

    code = "endpoint_order"


class SettingsError(ConfigError):
    """A settings file is refused as a whole.

    Args:
        problems: Path in the file to what is wrong there.
    """

    code = "settings"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {reason}" for path, reason in problems.items()))
        self.problems = problems

    @property
    def fields(self) -> Mapping[str, str]:
        """Path to reason."""
        return self.problems
