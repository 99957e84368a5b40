"""Pages of long lists."""

from pydantic import Field

from dashboard.api.schemas.base import Answer, Question, Whole

MAX_PAGE = 10_000_000
MAX_SIZE = 1000


class PageQuery(Question):
    """Which page of a list is wanted; a page behind the last one is empty."""

    page: Whole = Field(default=1, ge=1, le=MAX_PAGE, description="The page, from 1.")
    size: Whole = Field(default=50, ge=1, le=MAX_SIZE, description="How many items a page has.")


class Page(Answer):
    """One page of a list; the models of pages add ``items``."""

    total: int = Field(ge=0, description="How many items there are on all pages.")
    page: int = Field(ge=1)
    size: int = Field(ge=1)
