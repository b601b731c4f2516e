"""A table of seeds x test images, both of them samples: mean squares, standard error and interval of its mean.

Model: d[s, i] = mu + seed_s + image_i + residual_si, all random, one observation a place (Searle, Casella & McCulloch
1992, chapter 4). A mean square estimates: images, n var(seed) + var(residual); seeds likewise; the residual, itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Crossed:
    """The mean of a table of seeds x images and its mean squares, in the unit of the table."""

    mean: float
    ms_seed: float
    ms_image: float
    ms_residual: float
    n_seeds: int
    n_images: int

    @property
    def _total(self) -> float:
        """S n times the variance of the mean; not positive where the estimate fails."""
        return self.ms_seed + self.ms_image - self.ms_residual

    @property
    def se(self) -> float | None:
        """Standard error of the mean, sqrt((MS_seed + MS_image − MS_residual) / (S n)); None where not positive."""
        return float((self._total / (self.n_seeds * self.n_images)) ** 0.5) if self._total > 0 else None

    @property
    def df(self) -> float | None:
        """Degrees of freedom of the standard error. Satterthwaite (1946), doi 10.2307/3002019.

        (sum of a MS)^2 / sum of (a MS)^2 / df with a = 1, 1, −1. A subtracted mean square is allowed while it is small
        beside the sum (Gaylor & Hopper 1969, doi 10.1080/00401706.1969.10490732). Where it is larger than MS_image, so
        that images add nothing, the degrees of freedom are the seeds'.
        """
        if self._total <= 0:
            return None
        if self.ms_image <= self.ms_residual:
            return float(self.n_seeds - 1)
        seeds, images = self.n_seeds - 1, self.n_images - 1
        below = self.ms_seed**2 / seeds + self.ms_image**2 / images + self.ms_residual**2 / (seeds * images)
        return self._total**2 / below

    @property
    def image_share(self) -> float | None:
        """Share of the variance of the mean that comes from images: (MS_image − MS_residual) / (S n) of it.

        Zero where images vary less than their residual; None without a standard error.
        """
        return max(0.0, self.ms_image - self.ms_residual) / self._total if self._total > 0 else None

    @property
    def se_of_images(self) -> float:
        """The standard error that infinitely many seeds would leave on as many images, sqrt(var(image) / n)."""
        return float((max(0.0, self.ms_image - self.ms_residual) / (self.n_seeds * self.n_images)) ** 0.5)

    def interval(self, level: float = 0.95) -> tuple[float, float] | None:
        """Interval of the mean by t with Satterthwaite's degrees of freedom; None without a standard error.

        It is never narrower than that of seeds alone: images that vary less than the residual take nothing from them.
        """
        if self.se is None or self.df is None:
            return None
        of_seeds = (self.ms_seed / (self.n_seeds * self.n_images)) ** 0.5
        half = float(stats.t.ppf(0.5 + level / 2, self.df)) * max(self.se, of_seeds)
        return self.mean - half, self.mean + half


def crossed(table: Array) -> Crossed:
    """Mean and mean squares of a table (S seeds, n images), two at least of each."""
    seeds, images = table.shape
    mean = float(table.mean())
    centred = table - mean
    of_seeds = images * float((centred.mean(axis=1) ** 2).sum())
    of_images = seeds * float((centred.mean(axis=0) ** 2).sum())
    left = max(0.0, float(np.vdot(centred, centred)) - of_seeds - of_images)
    return Crossed(
        mean=mean,
        ms_seed=of_seeds / (seeds - 1),
        ms_image=of_images / (images - 1),
        ms_residual=left / ((seeds - 1) * (images - 1)),
        n_seeds=seeds,
        n_images=images,
    )
