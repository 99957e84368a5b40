"""The common ground of the API's models."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Answer(BaseModel):
    """What an answer holds; fields beside those declared are kept, and the schema says that there may be such."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Question(BaseModel):
    """What a request's query or body may hold; anything else is refused by its name."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @classmethod
    @cache
    def _schema(cls) -> dict[str, Any]:
        return super().model_json_schema()

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the schema, kept where no options are given: it is asked for at every request."""
        return super().model_json_schema(*args, **options) if args or options else cls._schema()


def _digits(value: Any) -> Any:
    """Refuse the many spellings of a number that Python knows and that an address does not need."""
    if isinstance(value, str):
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
            raise ValueError("must be a whole number")
        return int(value)
    return value


Whole = Annotated[int, BeforeValidator(_digits)]
Milliseconds = Annotated[Whole, Field(ge=-62_135_596_800_000, le=253_402_300_799_999)]
Order = Literal["asc", "desc"]
Format = Literal["json", "csv"]
Number = float | None
