"""The inputs of a run, for the report: what each is, where it comes from, and how much hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sibsim import metrics
from sibsim.distributions.base import show

if TYPE_CHECKING:
    from sibsim.results import Results
    from sibsim.scenario import Input

__all__ = ["assumed", "drivers", "inputs", "is_uncertain"]


def inputs(results: Results) -> list[dict[str, Any]]:
    """Every input: its distribution, mean, sd and unit, and where it comes from."""
    return [
        {
            "name": i.name,
            **_spread(results, i),
            "unit": i.unit,
            "source": i.evidence.source,
            "status": i.evidence.status,
            "note": i.evidence.note,
            "is_uncertain": is_uncertain(i),
        }
        for i in results.scenario.inputs
    ]


def is_uncertain(one: Input) -> bool:
    """Whether an input is not the same in every future."""
    return one.distribution.support[0] < one.distribution.support[1] and one.distribution.sd > 0


def assumed(results: Results) -> list[str]:
    """Inputs without a source; one made of other figures alone needs none."""
    worked_out = {i.name for i in results.scenario.inputs if i.formula is not None and i.evidence.status == "derived"}
    return [i.name for i in results.scenario.inputs if i.evidence.source is None and i.name not in worked_out]


def _spread(results: Results, one: Input) -> dict[str, Any]:
    """What an input is, its mean and sd; of a product or sum as found in the draws, whatever hangs on what."""
    law, currency = one.distribution, f" {one.currency}" if one.currency else ""
    key = ("#input", one.name)
    if one.formula is None or results.store.constant(key) is not None:
        return {"describe": law.describe() + currency, "mean": law.mean, "sd": law.sd}
    drawn = results.describe(key, one.unit)
    low, middle, high = (show(float(metrics.quantile(results.store.array(key), a))) for a in (0.025, 0.5, 0.975))
    text = f"{law.label}, median {middle}, 95 % in {low} to {high}{currency}"
    return {"describe": text, "mean": drawn["mean"], "sd": drawn["sd"]}


def drivers(results: Results, keys: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    """Rank correlation of every input that is drawn with some figures."""
    store = results.store
    drawn = [i.name for i in results.scenario.inputs if i.formula is None]
    names = [name for name in drawn if store.constant(("#input", name)) is None]
    ranks = metrics.rank_correlations(
        {name: store.array(("#input", name)) for name in names}, {".".join(k): store.array(k) for k in keys}
    )
    return [
        {"input": name, "metric": ".".join(key), "rank_correlation": ranks[name, ".".join(key)]}
        for key in keys
        for name in names
    ]
