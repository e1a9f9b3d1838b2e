"""What every part of a spec is made of: closed, frozen models, and values as TOML holds them."""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictStr

MISSING = "missing"
"""How an example writes a missing cell: TOML has no null."""


def _as_tuple(value: Any) -> Any:  # noqa: ANN401 (whatever TOML holds; pydantic checks it after this)
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value


Texts = Annotated[tuple[StrictStr, ...], BeforeValidator(_as_tuple)]


def _as_value(value: Any) -> Any:  # noqa: ANN401 (as above)
    texts = all(isinstance(item, str) for item in cast("list[Any]", value)) if isinstance(value, list) else False
    if not (texts or isinstance(value, (bool, int, str))):
        raise ValueError("a parameter's value is true or false, a whole number, a text or a list of texts")
    return _as_tuple(value)


RawValue = Annotated[Any, BeforeValidator(_as_value)]
"""A parameter's value as TOML holds it: a union of types would report one fault once for each type it is not."""


class SpecModel(BaseModel):
    """Frozen, and closed: a key that is not in the schema is a fault, not a comment."""

    model_config = ConfigDict(extra="forbid", frozen=True)
