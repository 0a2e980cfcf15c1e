"""The flow of people over all futures, in figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sibsim.context import Array
from sibsim.draws.streams import REPLICATE
from sibsim.flowing.counts import MOVES
from sibsim.flowing.queued import QUEUED, Waits
from sibsim.flowing.time import Period, periods_of, span
from sibsim.metrics import Estimate, estimate_mean, estimate_quantiles, estimate_ratio
from sibsim.results import Store
from sibsim.scenario import Cohort, Scenario
from sibsim.timeline import day_of, step_name

__all__ = ["ALL", "FORMAT", "Flowing", "key_of"]

FORMAT = "sibsim.flow/1"
ALL = "all"
"""The key of all cohorts together."""
QUANTILES = {"p05": 0.05, "p50": 0.50, "p95": 0.95}
NOTHING = {"value": None, "mc_error": None}


def key_of(cohort: str) -> str:
    """The key of a cohort by its name."""
    return f"cohort {cohort}"


@dataclass
class Flowing:
    """The flow of people over all futures.

    Parameters
    ----------
    scenario : Scenario
    n_replicates, seed : int
    store : Store
        Per draw, by (cohort, what, number of the period), or without a number over all time; the means by column.
    waits : dict of str to list of Waits
        By cohort with a queue and by replicate, how long those who start had waited.
    """

    scenario: Scenario
    n_replicates: int
    seed: int
    store: Store
    waits: dict[str, list[Waits]] = field(default_factory=dict)

    @property
    def n_draws(self) -> int:
        return self.n_replicates * REPLICATE

    @cached_property
    def periods(self) -> list[Period]:
        return periods_of(self.scenario)

    @property
    def cohorts(self) -> list[str]:
        """Keys of what is told apart: all people together, then each cohort where they are several."""
        names = [cohort.name for cohort in self.scenario.cohorts]
        return [ALL, *(key_of(name) for name in names)] if len(names) > 1 else [ALL]

    def people(self, what: str, period: int | None = None, cohort: str | None = None) -> Array:
        """One number a future: ``started``, ``in_service`` and so on, in a period or over all time; of one cohort."""
        return self.store.array(self._key(ALL if cohort is None else key_of(cohort), what, period))

    def summary(self) -> dict[str, Any]:
        """All that is told, as plain numbers, words and lists: the content of ``--format json``."""
        from sibsim import __version__

        s, step = self.scenario, step_name(self.scenario)
        return {
            "format": FORMAT,
            "sibsim": __version__,
            "seed": self.seed,
            "draws": self.n_draws,
            "replicates": self.n_replicates,
            "scenario": {
                "name": s.name,
                "title": s.title,
                "file": s.file,
                "sha256": s.sha256,
                "option": " + ".join(s.options) or None,
                "start": day_of(s, 0),
                "step": step,
            },
            "by": step if all(len(p.columns) == 1 for p in self.periods) else "year",
            "totals": [self._total(key) for key in self.cohorts],
            "periods": [self._period(key, i) for key in self.cohorts for i in self._periods_of(key)],
            "columns": list(self._columns()),
            "warnings": list(s.warnings),
        }

    # ------------------------------------------------------------------------------------------ whose, and when
    def _key(self, key: str, what: str, period: int | None) -> tuple[str, ...]:
        return (key, what) if period is None else (key, what, str(period))

    def _name(self, key: str) -> str | None:
        return None if key == ALL else key.removeprefix("cohort ")

    def _of(self, key: str) -> list[Cohort]:
        return [c for c in self.scenario.cohorts if key in (ALL, key_of(c.name))]

    def _has_queue(self, key: str) -> bool:
        return any(cohort.queue is not None for cohort in self._of(key))

    def _periods_of(self, key: str) -> Iterator[int]:
        """The periods in which a cohort is there."""
        spans = [span(self.scenario, cohort) for cohort in self._of(key)]
        for i, period in enumerate(self.periods):
            if any(one[0] <= period.columns[-1] and period.columns[0] <= one[-1] for one in spans):
                yield i

    # ------------------------------------------------------------------------------------------ rows
    def _period(self, key: str, i: int) -> dict[str, Any]:
        period = self.periods[i]
        return {
            "cohort": self._name(key),
            "from": day_of(self.scenario, period.columns[0]),
            "until": day_of(self.scenario, period.columns[-1] + 1),
            "months": period.months,
            **{what: self._spread(self._key(key, what, i)) for what in (*MOVES, "in_service")},
            "queue": self._queue(key, i) if self._has_queue(key) else None,
        }

    def _total(self, key: str) -> dict[str, Any]:
        figures = ("never_started", "person_months", "busiest")
        return {
            "cohort": self._name(key),
            **{what: self._spread((key, what)) for what in (*MOVES, *figures)},
            **{what: self._dates((key, what)) for what in ("first_start", "last_start")},
            "queue": self._queue_total(key) if self._has_queue(key) else None,
        }

    def _queue(self, key: str, i: int | None) -> dict[str, Any]:
        """The figures of a queue in a period, or over all time."""

        def ratio(top: str, bottom: str) -> dict[str, Any]:
            both = (self.store.array(self._key(key, what, i)) for what in (top, bottom))
            return _single(estimate_ratio(*both))

        spread = QUEUED if i is None else (*QUEUED, "waiting")
        return {
            **{what: self._spread(self._key(key, what, i)) for what in spread},
            "wait": ratio("waited", "queue_started"),
            "share_waits": ratio("waiters", "queue_started"),
            "share_gave_up": ratio("gave_up_of", "wanted"),
            "use_of_places": ratio("served_months", "place_months"),
        }

    def _queue_total(self, key: str) -> dict[str, Any]:
        banks = [cohort.queue.bank for cohort in self._of(key) if cohort.queue is not None]
        return {
            **self._queue(key, None),
            **dict(zip(("wait_p50", "wait_p95"), self._wait_quantiles(key, (0.50, 0.95)), strict=True)),
            "bank": min(banks),
            "replications": self.n_replicates * min(banks),
        }

    def _wait_quantiles(self, key: str, levels: Sequence[float]) -> list[dict[str, Any]]:
        """Quantiles of the waits of all who start, in all futures; the errors from those of each replicate."""
        chosen = [self.waits[key_of(c.name)] for c in self._of(key) if c.queue is not None]
        replicates = [_joined([some[r] for some in chosen]) for r in range(self.n_replicates)]
        found = []
        for level in levels:
            own = np.array([_quantile(one, level) for one in replicates])
            own = own[~np.isnan(own)]
            error = float(own.std(ddof=1)) / math.sqrt(len(own)) if len(own) > 1 else math.nan
            found.append(_single(Estimate(_quantile(_joined(replicates), level), error)))
        return found

    def _columns(self) -> Iterator[dict[str, Any]]:
        """The means of each column, for a chart."""
        has_limits = all(c.queue is not None and c.queue.places is not None for c in self.scenario.cohorts)
        names = {"started": "started", "in_service": "months", "waiting": "queue_months", "places": "place_months"}
        for period in self.periods:
            for column in period.columns:
                row: dict[str, Any] = {"date": day_of(self.scenario, column)}
                for name, what in names.items():
                    key = ("#mean", what, str(column))
                    means = self.store.replicate_means(key)
                    is_told = key in self.store and (name != "places" or (has_limits and means.any()))
                    row[name] = _single(estimate_mean(np.repeat(means, REPLICATE))) if is_told else NOTHING
                yield row

    # ------------------------------------------------------------------------------------------ figures
    def _spread(self, key: tuple[str, ...]) -> dict[str, Any]:
        """Mean, median and the ends of the middle 90 %, each with its error."""
        constant = self.store.constant(key)
        if constant is not None:
            same = dict.fromkeys(QUANTILES, constant)
            return {"mean": constant, "mc_error": 0.0, **same, "mc_errors": dict.fromkeys(QUANTILES, 0.0)}
        values = self.store.array(key)
        levels = dict(zip(QUANTILES, estimate_quantiles(values, tuple(QUANTILES.values())), strict=True))
        mean = estimate_mean(values)
        return {
            "mean": mean.value,
            "mc_error": mean.mc_error,
            **{name: level.value for name, level in levels.items()},
            "mc_errors": {name: level.mc_error for name, level in levels.items()},
        }

    def _dates(self, key: tuple[str, ...]) -> dict[str, Any]:
        """Dates over the futures in which anybody starts, and in how many nobody does."""
        columns = self.store.array(key)
        nobody = np.isnan(columns)
        found: dict[str, Any] = dict.fromkeys(QUANTILES)
        if not nobody.all():
            levels = estimate_quantiles(columns, tuple(QUANTILES.values()))
            found = {q: day_of(self.scenario, int(e.value)) for q, e in zip(QUANTILES, levels, strict=True)}
        seen = columns[~nobody]
        is_same = bool(len(seen)) and bool(np.all(seen == seen[0]))
        return {**found, "is_same": is_same, "nobody": _single(estimate_mean(nobody * 1.0))}


def _single(estimate: Estimate) -> dict[str, float | None]:
    if not math.isfinite(estimate.value):
        return dict(NOTHING)
    return {"value": estimate.value, "mc_error": estimate.mc_error if math.isfinite(estimate.mc_error) else None}


def _joined(several: Sequence[Waits]) -> Waits:
    return Waits(np.concatenate([one.months for one in several]), np.concatenate([one.weights for one in several]))


def _quantile(waits: Waits, level: float) -> float:
    """The wait that a share of those who start does not exceed; NaN where nobody starts."""
    if not len(waits.months):
        return math.nan
    order = np.argsort(waits.months, kind="stable")
    reached = np.cumsum(waits.weights[order])
    return float(waits.months[order][np.searchsorted(reached, level * reached[-1] * (1.0 - 1e-12))])
