"""WalkForwardConfig: the geometry of the windows."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.base import Settings

Days = Annotated[float, Field(gt=0, le=36_525)]


class WalkForwardConfig(Settings):
    """Windows of ``is_length_days`` in sample and ``oos_length_days`` out of sample, moved on by ``stride_days``.

    ``embargo_bars`` are left out between both parts. ``scheme``: ``rolling`` windows move on as a whole, ``anchored`` ones all begin with
    the data and grow; ``anchored: true`` says the same as ``scheme: anchored``. ``combinatorial`` takes no lengths: the days are cut into
    ``groups``, every choice of ``tested_groups`` of them is left out of a search, and each of these is tested with what was found; then
    the embargo, in whole days, lies on both sides of what is left out. Windows with fewer than ``min_trades_per_window``
    out-of-sample trades are reported but not scored; a scored window with a profit factor below ``min_profit_factor_per_window`` counts
    as one without a profit (0 = any profit will do).
    """

    is_length_days: Days = 60.0
    oos_length_days: Days = 20.0
    stride_days: Days = 20.0
    min_trades_per_window: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    embargo_bars: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    scheme: Literal["rolling", "anchored", "combinatorial"] = "rolling"
    anchored: bool = False
    min_profit_factor_per_window: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    groups: Annotated[int, Field(ge=3, le=16)] = 6
    tested_groups: Annotated[int, Field(ge=1, le=15)] = 2

    @property
    def from_the_start(self) -> bool:
        """Whether every window's in-sample part begins with the data."""
        return self.anchored or self.scheme == "anchored"

    @model_validator(mode="after")
    def _one_scheme(self) -> "WalkForwardConfig":
        if self.anchored and self.scheme == "combinatorial":
            raise ValueError("anchored = true and scheme = combinatorial contradict each other: leave anchored out")
        if self.tested_groups >= self.groups:
            raise ValueError(f"tested_groups = {self.tested_groups} must be fewer than groups = {self.groups}: a search needs the others")
        return self

    @model_validator(mode="after")
    def _no_overlap(self) -> "WalkForwardConfig":
        if self.stride_days < self.oos_length_days:
            raise ValueError(
                f"stride_days = {self.stride_days:g} must be at least oos_length_days = {self.oos_length_days:g}: "
                "overlapping out-of-sample windows would count the same days twice"
            )
        return self
