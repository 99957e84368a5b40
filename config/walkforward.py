"""WalkForwardConfig: the geometry of the windows."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.base import Settings

Days = Annotated[float, Field(gt=0, le=36_525)]


class WalkForwardConfig(Settings):
    """Windows of ``is_length_days`` in sample and ``oos_length_days`` out of sample, moved on by ``stride_days``.

    ``embargo_bars`` are left out between both parts. ``scheme``: ``rolling`` windows move on as a whole, ``anchored`` ones all begin with
    the data and grow; ``anchored: true`` says the same as ``scheme: anchored``. Windows with fewer than ``min_trades_per_window``
    out-of-sample trades are reported but not scored; a scored window with a profit factor below ``min_profit_factor_per_window`` counts
    as one without a profit (0 = any profit will do).
    """

    is_length_days: Days = 60.0
    oos_length_days: Days = 20.0
    stride_days: Days = 20.0
    min_trades_per_window: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    embargo_bars: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    scheme: Literal["rolling", "anchored"] = "rolling"
    anchored: bool = False
    min_profit_factor_per_window: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0

    @property
    def from_the_start(self) -> bool:
        """Whether every window's in-sample part begins with the data."""
        return self.anchored or self.scheme == "anchored"

    @model_validator(mode="after")
    def _no_overlap(self) -> "WalkForwardConfig":
        if self.stride_days < self.oos_length_days:
            raise ValueError(
                f"stride_days = {self.stride_days:g} must be at least oos_length_days = {self.oos_length_days:g}: "
                "overlapping out-of-sample windows would count the same days twice"
            )
        return self
