"""WalkForwardConfig: the geometry of the windows."""

from typing import Annotated

from pydantic import Field, model_validator

from config.base import Settings

Days = Annotated[float, Field(gt=0, le=36_525)]


class WalkForwardConfig(Settings):
    """Windows of ``is_length_days`` in sample and ``oos_length_days`` out of sample, moved on by ``stride_days``.

    ``embargo_bars`` are left out between both parts; ``anchored`` keeps the first start for all windows; windows with fewer than
    ``min_trades_per_window`` out-of-sample trades are reported but not scored.
    """

    is_length_days: Days = 60.0
    oos_length_days: Days = 20.0
    stride_days: Days = 20.0
    min_trades_per_window: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    embargo_bars: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    anchored: bool = False

    @model_validator(mode="after")
    def _no_overlap(self) -> "WalkForwardConfig":
        if self.stride_days < self.oos_length_days:
            raise ValueError(
                f"stride_days = {self.stride_days:g} must be at least oos_length_days = {self.oos_length_days:g}: "
                "overlapping out-of-sample windows would count the same days twice"
            )
        return self
