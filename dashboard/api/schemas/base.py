"""The common ground of the API's models."""

import re
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

_WHOLE = re.compile(r"-?[0-9]{1,19}(\.0{1,3})?")


class Answer(BaseModel):
    """What an answer holds; fields beside those declared are kept, and the schema says that there may be such."""

    model_config = ConfigDict(extra="allow", frozen=True)


class FromAddress(BaseModel):
    """What stands in an address is text: of the spellings of a number that Python knows only the plain one is taken, and 5.0 as in JSON."""

    @field_validator("*", mode="before")
    @classmethod
    def _plain_number(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str) or info.field_name not in cls._whole_fields():
            return value
        if not _WHOLE.fullmatch(value):
            raise ValueError("must be a whole number")
        return int(value.partition(".")[0])

    @classmethod
    @cache
    def _whole_fields(cls) -> frozenset[str]:
        kinds = {name: get_args(field.annotation) or (field.annotation,) for name, field in cls.model_fields.items()}
        return frozenset(name for name, types in kinds.items() if int in types)


class Question(FromAddress):
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


# A whole number; its bounds stand beside it.
Whole = int
Milliseconds = Annotated[int, Field(ge=-62_135_596_800_000, le=253_402_300_799_999)]
Order = Literal["asc", "desc"]
Format = Literal["json", "csv"]
Number = float | None
