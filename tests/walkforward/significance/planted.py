"""Returns of trials whose groups are known."""

import numpy as np
from numpy.typing import NDArray


def grouped(sizes: list[int], noise: float, seed: int, days: int = 365) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return float64[days, sum(sizes)] returns in groups that share a course but for ``noise``, in mixed order, and their groups."""
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.repeat(np.arange(len(sizes)), sizes))
    courses = generator.normal(size=(days, len(sizes)))
    return courses[:, labels] + noise * generator.normal(size=(days, len(labels))), labels


def same_groups(first: NDArray[np.int64], second: NDArray[np.int64]) -> bool:
    """Return whether two labellings name the same groups, whatever they call them."""
    return len(set(zip(first.tolist(), second.tolist(), strict=True))) == len(set(first.tolist())) == len(set(second.tolist()))
