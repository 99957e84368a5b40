"""The one form of every refusal."""

from typing import Literal

from pydantic import BaseModel, Field

ErrorCode = Literal[
    "invalid", "signed_out", "forbidden", "not_found", "not_ready", "method", "not_acceptable", "timeout", "conflict", "locked",
    "too_large", "address_too_long", "media_type", "damaged", "unusable", "failed_dependency", "rate_limited", "refused",
    "internal", "storage", "venue", "busy",
]  # fmt: skip


class FieldProblem(BaseModel):
    """One of several mistakes in what was sent."""

    field: str | None = Field(description="The path of the setting, null where it belongs to none.")
    message: str


class ErrorDetail(BaseModel):
    """What went wrong: a word for programs, a sentence for people, and the field to blame where there is one."""

    code: ErrorCode
    message: str
    field: str | None = Field(default=None, description="The parameter or the path into the body, such as strategy.ema_fast.")
    details: list[FieldProblem] | None = Field(default=None, description="Every mistake, where there may be several.")


class ErrorAnswer(BaseModel):
    """The body of every answer that is an error."""

    error: ErrorDetail
