"""Price noise: candles as another feed might have printed them, every price a little off and every bar still a bar."""

import numpy as np

from core.candles import Candles

# The standard deviation of the noise, as a share of a bar's own range.
NOISE = 0.1


def noisy(candles: Candles, seed: int, share: float = NOISE) -> Candles:
    """Return ``candles`` with each price moved by ``share`` of its bar's log range times a standard normal number of its own.

    With ``z`` independent and ``range = ln(high / low)``, a price ``p`` becomes ``p exp(share range z)``; then high and low are the
    largest and the smallest of the four. Times and volumes stay; a bar without a range stays as it is. The noise of a bar depends on the
    seed and the bar's number alone: more bars after it change nothing.
    """
    normal = np.random.Generator(np.random.PCG64(seed)).standard_normal((len(candles), 4))
    moved = np.exp(share * np.log(candles.high / candles.low)[:, None] * normal)
    prices = np.stack([candles.open, candles.high, candles.low, candles.close], axis=1) * moved
    columns = {
        "timestamp": candles.open_ms,
        "open": prices[:, 0],
        "high": prices.max(axis=1),
        "low": prices.min(axis=1),
        "close": prices[:, 3],
        "volume": candles.volume,
    }
    if candles.quote_volume is not None:
        columns["quote_volume"] = candles.quote_volume
    return Candles.from_arrays(candles.market, columns, has_volume=candles.has_volume, synthetic=candles.synthetic)
