"""One stream of random numbers for each named chance.

A stream belongs to (seed, layer, name, replicate): an input, a group of people or an evaluation keeps its luck whatever
else is in the file, whichever replicates are worked on together, and on however many processors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["REPLICATE", "SMALLEST_UNIFORM", "Layer", "Streams"]

REPLICATE = 1024
"""Draws in a replicate, the unit of randomness."""

SMALLEST_UNIFORM = 2.0**-53
"""No uniform comes nearer to 0 or 1 than this, so that every quantile function is finite."""

ORDER = "order.of.points"
"""No input can have this name, which holds dots and is no path of a value."""

Layer = Literal["inputs", "people", "measurement"]


@dataclass(frozen=True)
class Streams:
    """The random numbers of some replicates of a run.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more.
    replicates : sequence of int
        Which replicates, e.g. ``range(8)``; each is 1,024 draws. One that comes twice has the same luck both times.
    people_copy, measurement_copy : int
        Another number gives that layer fresh luck and leaves the others as they are.
    salt : str
        Whose luck it is, where several contracts are drawn together: another word, other luck. The points of their
        lattices are then shuffled, each contract's by itself, so that two contracts hang together in nothing.

    Examples
    --------
    >>> both, second = Streams(1, range(2)), Streams(1, range(1, 2))
    >>> both.n_draws
    2048
    >>> bool((both.uniform("people", "relapse", 3)[:, 1024:] == second.uniform("people", "relapse", 3)).all())
    True
    """

    seed: int
    replicates: Sequence[int]
    people_copy: int = 0
    measurement_copy: int = 0
    salt: str = ""

    @property
    def n_draws(self) -> int:
        """Number of draws of these replicates."""
        return len(self.replicates) * REPLICATE

    def uniform(self, layer: Layer, name: str, rows: int = 1) -> FloatArray:
        """Uniform random numbers strictly between 0 and 1.

        Parameters
        ----------
        layer : {'inputs', 'people', 'measurement'}
            What kind of chance it is.
        name : str
            Which chance, by its name in the file: never by its place in a list.
        rows : int
            How many a draw. Asking for more rows leaves the first ones as they were.

        Returns
        -------
        ndarray, shape (rows, n_draws)
        """
        out = np.empty((rows, self.n_draws))
        made: dict[int, FloatArray] = {}
        for i, replicate in enumerate(self.replicates):
            mine = out[:, i * REPLICATE : (i + 1) * REPLICATE]
            if replicate in made:
                mine[...] = made[replicate]
            else:
                mine[...] = self._generator(layer, name, replicate).random((rows, REPLICATE))
                made[replicate] = mine
        return np.maximum(out, SMALLEST_UNIFORM, out=out)

    def shift(self, name: str, replicate: int) -> float:
        """The random shift of an input's lattice in one replicate, in [0, 1)."""
        return float(self._generator("lattice", name, replicate).random())

    def shifts(self, name: str) -> FloatArray:
        """The random shift of an input's lattice in each replicate, in [0, 1), shape (n_replicates,)."""
        return np.array([self.shift(name, replicate) for replicate in self.replicates])

    def order(self, replicate: int) -> NDArray[np.intp]:
        """The order in which the points of the lattice are taken in one replicate, shape (1024,)."""
        return self._generator("lattice", ORDER, replicate).permutation(REPLICATE)

    @cached_property
    def orders(self) -> dict[int, NDArray[np.intp]]:
        """By replicate: `order` in it, worked out once for all inputs."""
        return {replicate: self.order(replicate) for replicate in dict.fromkeys(self.replicates)}

    def of_each(self, made: Callable[[int], FloatArray]) -> FloatArray:
        """What is made for each replicate, one after the other, shape (n_draws,); of one that comes twice, once."""
        known = {replicate: made(replicate) for replicate in dict.fromkeys(self.replicates)}
        return np.concatenate([known[replicate] for replicate in self.replicates])

    def generator(self, layer: Layer, name: str, replicate: int) -> np.random.Generator:
        """The generator of one named chance in one replicate, for who draws as much as it takes."""
        return self._generator(layer, name, replicate)

    def _generator(self, layer: str, name: str, replicate: int) -> np.random.Generator:
        """The generator of one chance in one replicate."""
        copy = {"people": self.people_copy, "measurement": self.measurement_copy}.get(layer, 0)
        words = _words(layer, f"{self.salt}\n{name}" if self.salt else name)
        sequence = np.random.SeedSequence(self.seed, spawn_key=(*words, copy, replicate))
        return np.random.Generator(np.random.PCG64DXSM(sequence))


@lru_cache(maxsize=256)
def _words(layer: str, name: str) -> tuple[int, ...]:
    """The name of a chance as four numbers."""
    digest = blake2b(f"{layer}\n{name}".encode(), digest_size=16).digest()
    return tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
