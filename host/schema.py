"""Base class and field types of the settings models: strict, immutable, secrets masked."""

import math
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, SecretStr

Scalar: TypeAlias = str | int | float | bool | None

SECRET_IS_SET = {"secret": "set"}  # replaces a secret in everything that leaves the host


class Section(BaseModel):
    """A part of the settings file; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


def _scalar(value: object) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    kind = "an object" if isinstance(value, dict) else "a list"
    raise ValueError(f"found {kind}; allowed: a text, a number, true, false or null")


def _number(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    shown = repr(value) if isinstance(value, str | int | float) or value is None else "an object or a list"
    raise ValueError(f"found {shown}; allowed: a number")


def _masked(secret: SecretStr) -> Any:
    return SECRET_IS_SET if secret.get_secret_value() else ""


ScalarField = Annotated[Scalar, PlainValidator(_scalar)]
Number = Annotated[int | float, PlainValidator(_number)]
Secret = Annotated[SecretStr, PlainSerializer(_masked)]

NO_SECRET = SecretStr("")
