"""ExecutionConfig: the account and what trading costs."""

from typing import Annotated

from pydantic import Field

from config.base import Settings

Fee = Annotated[float, Field(ge=0, lt=0.1)]


class ExecutionConfig(Settings):
    """The account and its costs.

    ``initial_capital`` in the quote currency; ``maker_fee``, ``taker_fee`` fractions of the notional (0.0004 = 0.04 %);
    ``slippage`` the fraction by which every taker price is worsened; ``leverage`` caps the notional of an entry at that multiple of
    the equity; ``risk_free_rate`` an annual fraction subtracted from returns in every ratio.
    """

    initial_capital: Annotated[float, Field(gt=0, le=1e15)] = 100_000.0
    maker_fee: Fee = 0.0002
    taker_fee: Fee = 0.0004
    slippage: Fee = 0.0002
    leverage: Annotated[float, Field(gt=0, le=1000)] = 1.0
    risk_free_rate: Annotated[float, Field(ge=-1, le=1)] = 0.0
