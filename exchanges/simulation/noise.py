"""Random numbers of a position instead of a sequence: the k-th number of a stream costs the same for every k.

Only additions, multiplications, divisions and square roots are used, which IEEE 754 rounds the same everywhere, and integers:
equal seeds give equal numbers on every machine and with every version of every library.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from core.candle_checks import Floats

Words = NDArray[np.uint64]
Positions = NDArray[np.int64]

# The generator is SplitMix64 (Steele, Lea, Flood 2014): a counter times an odd constant, mixed; each position is one step.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_LOW_16 = np.uint64(0xFFFF)
_UNIT = 2.0**-53

# ln 2 in two parts: the first has few bits, so that its multiples are exact.
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_INV_LN2 = 1.44269504088896338700


class Stream:
    """An endless line of random numbers, found by position (any int64); ``names`` tell it from all other streams."""

    def __init__(self, *names: object) -> None:
        """Name the stream, e.g. ``Stream(seed, symbol, "minute")``."""
        text = "\x1f".join(str(name) for name in names)
        self._start = np.frombuffer(hashlib.sha256(text.encode()).digest()[:8], dtype="<u8").astype(np.uint64)

    def words(self, positions: Positions) -> Words:
        """Return 64 random bits for each position; any shape."""
        z = positions.astype(np.uint64)
        z *= _GAMMA
        z += self._start
        z ^= z >> np.uint64(30)
        z *= _MIX_1
        z ^= z >> np.uint64(27)
        z *= _MIX_2
        z ^= z >> np.uint64(31)
        return z

    def uniform(self, positions: Positions) -> Floats:
        """Return numbers in (0, 1)."""
        return as_uniform(self.words(positions))

    def normal(self, positions: Positions) -> Floats:
        """Return numbers of mean 0 and variance 1, almost normal."""
        return as_normal(self.words(positions))


def as_uniform(words: Words) -> Floats:
    """Return numbers in (0, 1) from the upper 53 bits of each word."""
    uniform = (words >> np.uint64(11)).astype(np.float64)
    uniform += 0.5
    uniform *= _UNIT
    return uniform


def as_normal(words: Words) -> Floats:
    """Return numbers of mean 0 and variance 1: the sum of the four 16-bit parts of each word (kurtosis 2.7, at most 3.5 in size)."""
    total = (words & _LOW_16) + ((words >> np.uint64(16)) & _LOW_16) + ((words >> np.uint64(32)) & _LOW_16) + (words >> np.uint64(48))
    normal: Floats = total.astype(np.float64)
    normal -= 2 * 65_535.0
    normal *= 1.0 / 37_837.0  # sqrt(4 * (2**32 - 1) / 12)
    return normal


def as_tail(words: Words) -> Floats:
    """Return scales of mean square 1 whose chance to exceed x falls as x**-4: a normal number times one is as fat-tailed as Student's t(4).

    At most 45, so that no single minute empties the market.
    """
    uniform = (words >> np.uint64(40)).astype(np.float64)
    uniform += 1.0
    uniform *= 2.0**-24
    scales: Floats = 1.0 / np.sqrt(2.0 * np.sqrt(uniform))
    return scales


def exp(x: Floats) -> Floats:
    """Return e**x to 1e-15 relative, bit for bit the same on every machine (library versions and processors differ in the last bit)."""
    power = np.rint(x * _INV_LN2)
    rest = (x - power * _LN2_HIGH) - power * _LN2_LOW
    value = np.full_like(rest, 1.0 / 6_227_020_800.0)
    for factorial in _INVERSE_FACTORIALS:
        value *= rest
        value += factorial
    scaled: Floats = np.ldexp(value, power.astype(np.int32))
    return scaled


def _inverse_factorials() -> tuple[float, ...]:
    """Return 1/12!, 1/11!, ... 1/0!, the coefficients of the exponential series after 1/13!."""
    values, factorial = [1.0], 1
    for n in range(1, 13):
        factorial *= n
        values.append(1.0 / factorial)
    return tuple(reversed(values))


_INVERSE_FACTORIALS = _inverse_factorials()
