"""What a run leaves behind: one number a draw for each metric, and nothing as large as the ledgers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sibsim.context import Array, Draw
from sibsim.draws.streams import REPLICATE
from sibsim.figures import describe, describe_constant
from sibsim.metrics import Estimate, estimate_shortfall, estimate_value_at_risk
from sibsim.parties import HEADLINE, MEAN, PUBLIC_PURSE, Key, public_bodies
from sibsim.scenario import Scenario
from sibsim.settlement import Entry
from sibsim.summary import summarise
from sibsim.timeline import n_dates

__all__ = ["LAYERS", "Results", "Run", "Store", "Transfer"]

LOOKED_AT = 64
"""Draws by which it is seen that two rows of numbers differ, before all are compared."""
LAYERS = {"measurement": (0, 2), "people": (1, 1)}
"""Passes that tell the layers of chance apart: (copy of people's luck, copy of measurement's luck)."""


@dataclass
class Store:
    """Per-draw numbers by key, filled block by block in order.

    A number that is the same in every draw is kept once. A key that a block does not mention is 0 there.
    """

    n_draws: int
    _filled: int = 0
    _values: dict[Key, float | Array] = field(default_factory=dict)
    _means: dict[Key, Array] = field(default_factory=dict)
    _last_parts: dict[Key, list[str]] = field(default_factory=dict)
    """Last parts of the keys of means, by what stands before them."""

    def extend(self, block: Mapping[Key, Draw], n: int) -> None:
        """Add the next ``n`` draws."""
        if not n:
            return
        begins, ends = self._filled, self._filled + n
        for key in [k for k in self._values if k not in block]:
            self._put(key, 0.0, begins, ends)
        for key, value in block.items():
            if key[0] == MEAN:
                means = self._means_of(key)
                each = np.broadcast_to(np.asarray(value, dtype=float), (n,)).reshape(-1, REPLICATE)
                means[begins // REPLICATE : ends // REPLICATE] = each.mean(axis=1)
                continue
            if key not in self._values:
                self._values[key] = 0.0 if begins else _constant(value, float("nan"))
            self._put(key, value, begins, ends)
        self._filled = ends

    def _put(self, key: Key, value: Draw, begins: int, ends: int) -> None:
        stored = self._values[key]
        if not isinstance(stored, np.ndarray):
            if _same(_constant(value, None), stored):
                return
            stored = np.full(self.n_draws, stored)
            self._values[key] = stored
        np.add(value, 0.0, out=stored[begins:ends])  # no number is minus 0, or it would hang on the blocks

    def _means_of(self, key: Key) -> Array:
        """The means that are kept of a key; of a new one, zeros."""
        means = self._means.get(key)
        if means is None:
            means = self._means[key] = np.zeros(self.n_draws // REPLICATE)
            self._last_parts.setdefault(key[:-1], []).append(key[-1])
        return means

    def join(self, other: Store) -> None:
        """Add the draws of another store, which is full, after those that are here."""
        begins = self._filled
        self.extend(other._values, other.n_draws)
        for key, means in other._means.items():
            kept = self._means_of(key)
            kept[begins // REPLICATE : self._filled // REPLICATE] = means

    def unpacked(self) -> tuple[dict[Key, float | Array], dict[Key, Array]]:
        """What is kept, by key: numbers by draw, or one number where they are all the same; means by replicate."""
        return dict(self._values), dict(self._means)

    @classmethod
    def packed(cls, n_draws: int, values: Mapping[Key, float | Array], means: Mapping[Key, Array]) -> Store:
        """A store that is full, of what `unpacked` gives."""
        store = cls(n_draws, n_draws, dict(values))
        for key, row in means.items():
            store._means_of(key)[:] = row
        return store

    @property
    def keys(self) -> list[Key]:
        """Every key, sorted: the order does not depend on which block came across it first."""
        return sorted([*self._values, *self._means])

    def last_parts(self, prefix: Key) -> list[str]:
        """What stands last in the keys that begin so, of those of which only means are kept; in no order."""
        return self._last_parts.get(prefix, [])

    def __contains__(self, key: Key) -> bool:
        return key in self._values or key in self._means

    def constant(self, key: Key) -> float | None:
        """The number, if it is the same in every draw; None if it is not."""
        value = self._values.get(key, 0.0)
        return None if isinstance(value, np.ndarray) else value

    def array(self, key: Key) -> Array:
        """One number a draw, shape (n_draws,); 0 where the run never mentioned it."""
        value = self._values.get(key, 0.0)
        return value if isinstance(value, np.ndarray) else np.full(self.n_draws, float(value))

    def replicate_means(self, key: Key) -> Array:
        """Mean of each replicate, shape (n_replicates,)."""
        if key[0] == MEAN:
            return self._means.get(key, np.zeros(self.n_draws // REPLICATE))
        value = self._values.get(key, 0.0)
        if isinstance(value, np.ndarray):
            return np.asarray(value.reshape(-1, REPLICATE).mean(axis=1))
        return np.full(self.n_draws // REPLICATE, value)


def _constant(value: Draw, default: float | None) -> float:
    """The value itself when it is the same in every draw, else a default."""
    array = np.asarray(value, dtype=float)
    first = float(array.flat[0]) + 0.0
    is_same = array.ndim == 0 or bool(np.all(array == first)) or bool(np.all(np.isnan(array)))
    return first if is_same else default  # type: ignore[return-value]


def _same(a: float | None, b: float) -> bool:
    return a is not None and (a == b or (np.isnan(a) and np.isnan(b)))


def _are_alike(one: Array, other: Array) -> bool:
    """Whether two rows of numbers are the same to the last bit; most differ within the first few."""
    bits, others = one.view(np.int64), other.view(np.int64)
    return np.array_equal(bits[:REPLICATE], others[:REPLICATE]) and np.array_equal(bits, others)


@dataclass(frozen=True)
class Transfer:
    """Money of one kind from one party to another: a line of the audit ledger.

    Parameters
    ----------
    label : str
        The payment, cost, tranche or guarantee of the file.
    kind : str
        payment, cost, shortfall, draw, repayment, surplus or guarantee.
    source, target : str
        Ids of the parties.
    amounts : (n_dates, n_draws) array
        Money, at least 0.
    """

    label: str
    kind: str
    source: str
    target: str
    amounts: Array


def _dense(entry: Entry, n_dates: int, n: int, index: Array) -> Transfer:
    amounts = np.zeros((n_dates, len(index)))
    for column, amount in entry.amounts.items():
        amounts[column] = np.broadcast_to(np.asarray(amount, dtype=float), (n,))[index]
    return Transfer(entry.label, entry.kind, entry.source, entry.target, amounts)


@dataclass(frozen=True)
class Run:
    """What was asked for."""

    scenario: Scenario
    n_replicates: int
    seed: int
    sampling: str
    headline: tuple[str, ...] = HEADLINE


class Results:
    """The outcome of a run.

    Parameters
    ----------
    run : Run
    store : Store
        Per-draw numbers.
    layers : dict of layer to Store
        The headline metrics with fresh measurement, and with fresh people and measurement.
    again : callable
        Recomputes chosen replicates in full.
    """

    def __init__(self, run: Run, store: Store, layers: Mapping[str, Store], again: Callable[[range], Any]) -> None:
        self.run = run
        self.store = store
        self.layers = layers
        self._again = again
        self._described: dict[tuple[Key, str, bool], dict[str, Any]] = {}
        self._worked_out: dict[bytes, list[tuple[Array, bool, dict[str, Any]]]] = {}
        """Numbers that are described already, whether with a histogram, and their descriptions."""
        self._tails: dict[Key, tuple[Estimate, Estimate]] = {}

    @property
    def scenario(self) -> Scenario:
        return self.run.scenario

    @property
    def n_draws(self) -> int:
        return self.store.n_draws

    def resolve(self, key: Key) -> Key:
        """The key under which a number is kept: one public body is the whole purse, one tranche its investor."""
        bodies = public_bodies(self.scenario)
        if key[0] == PUBLIC_PURSE and key not in self.store and len(bodies) == 1:
            return (bodies[0], *key[1:])
        if key[0] == MEAN and key[1] == PUBLIC_PURSE and key not in self.store and len(bodies) == 1:
            return (MEAN, bodies[0], *key[2:])
        if len(key) == 3 and key not in self.store:
            return (key[0], key[2])
        return key

    def metric(self, party: str, name: str, tranche: str | None = None) -> Array:
        """One metric of a party (or of one of its tranches) in each draw, shape (n_draws,).

        Raises
        ------
        KeyError
            The party has no such metric.
        """
        key = self.resolve((party, name) if tranche is None else (party, tranche, name))
        if key not in self.store:
            raise KeyError(f"{party} has no metric {name!r}")
        return self.store.array(key)

    def describe(self, key: Key, unit: str, *, has_histogram: bool = False) -> dict[str, Any]:
        """The distribution of one number with its Monte Carlo errors; see `sibsim.figures.describe`."""
        key = self.resolve(key)
        asked = (key, unit, has_histogram)
        if asked not in self._described:
            constant = self.store.constant(key)
            if constant is None:
                self._described[asked] = self._describe(self.store.array(key), unit, has_histogram)
            else:
                self._described[asked] = describe_constant(constant, unit, self.n_draws)
        return dict(self._described[asked])

    def _describe(self, values: Array, unit: str, has_histogram: bool) -> dict[str, Any]:
        """The same; once for what is the same number in every draw, as where one party pays and another receives."""
        alike = self._worked_out.setdefault(values[:LOOKED_AT].tobytes(), [])
        for known, with_histogram, found in alike:
            if with_histogram >= has_histogram and _are_alike(values, known):
                kept = {name: figure for name, figure in found.items() if has_histogram or name != "histogram"}
                return {**kept, "unit": unit}
        found = describe(values, unit, has_histogram=has_histogram)
        alike.append((values, has_histogram, found))
        return found

    def tail(self, key: Key) -> tuple[Estimate, Estimate]:
        """The value at risk and the expected shortfall, at 95 %, of what is lost by a number: its negative."""
        key = self.resolve(key)
        if key not in self._tails:
            loss = -self.store.array(key)
            self._tails[key] = estimate_value_at_risk(loss), estimate_shortfall(loss)
        return self._tails[key]

    def clipped(self) -> dict[str, float]:
        """By place in the file: share of the futures in which a value had to be brought back into its range."""
        keys = [k for k in self.store.keys if k[0] == "#clipped"]
        return {k[1]: float(np.mean(self.store.array(k))) for k in keys}

    def transfers(self, draws: slice = slice(0, 1)) -> list[Transfer]:
        """The audit ledger of chosen draws, recomputed: who paid whom how much on which date.

        Parameters
        ----------
        draws : slice
            Which draws, e.g. ``slice(0, 100)``.

        Returns
        -------
        list of Transfer
            ``amounts`` of shape (n_dates, number of draws).
        """
        chosen = range(self.n_draws)[draws]
        if not chosen:
            return []
        first, last = min(chosen) // REPLICATE, max(chosen) // REPLICATE
        world = self._again(range(first, last + 1))
        n, offset = (last + 1 - first) * REPLICATE, first * REPLICATE
        index = np.array(chosen) - offset
        return [_dense(entry, self.n_dates, n, index) for entry in world.settlement.ledger]

    @property
    def n_dates(self) -> int:
        return n_dates(self.scenario)

    def per_draw(self) -> dict[str, Array]:
        """Every figure that differs between futures, by column name: the content of ``--format csv``."""
        from sibsim.per_draw import per_draw

        return per_draw(self)

    def summary(self) -> dict[str, Any]:
        """Everything the reports show: the content of ``--format json``."""
        return summarise(self)
