"""Looking things up in a results summary: what is not there is "not applicable", never an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sibsim.report.layout import plain
from sibsim.report.numbers import is_number

__all__ = [
    "OUTSIDE",
    "PUBLIC_PURSE",
    "Party",
    "Summary",
    "figure",
    "has_amounts",
    "has_no_hurdle",
    "is_constant",
    "name_of",
    "number",
    "lowest",
    "parties",
    "parties_that_are",
    "public_bodies",
    "works",
    "years_of",
    "replicates",
]

Summary = Mapping[str, Any]
Party = Mapping[str, Any]
PUBLIC_PURSE = "public_purse"
OUTSIDE = "outside"
"""Everybody else."""


def replicates(summary: Summary) -> int:
    """Replicates behind every Monte Carlo error."""
    return int(summary["replicates"])


def public_bodies(summary: Summary) -> list[str]:
    """Ids of the bodies whose money by year is given: those that pay or save, and neither lend nor deliver."""
    return list(summary["yearly"][0]["parties"]) if summary["yearly"] else []


def parties(summary: Summary) -> Iterator[tuple[str, Party]]:
    """Every party, in the order of the file; the public purse last, and only if it is more than one body's."""
    everyone = summary["parties"]
    yield from ((id, p) for id, p in everyone.items() if id != PUBLIC_PURSE)
    if PUBLIC_PURSE in everyone and len(public_bodies(summary)) > 1:
        yield PUBLIC_PURSE, everyone[PUBLIC_PURSE]


def parties_that_are(summary: Summary, role: str) -> list[tuple[str, Party]]:
    """Parties with a role; the public purse is no one's role."""
    return [(id, p) for id, p in parties(summary) if role in p["roles"] and id != PUBLIC_PURSE]


def name_of(party: Party) -> str:
    """The party's name on one line."""
    return plain(party["name"])


def figure(holder: Party, metric: str) -> Mapping[str, Any] | None:
    """A metric of a party or tranche: a distribution or a single value; None if it has none."""
    found = holder["metrics"].get(metric)
    return found if isinstance(found, Mapping) else None


def number(holder: Party, metric: str, key: str = "mean") -> float | None:
    """One figure of a metric; a single value stands for its own mean. None where there is no number.

    >>> number({"metrics": {"moic": {"mean": 1.02}, "irr_of_expected_flows": {"value": None}}}, "moic")
    1.02
    """
    found = figure(holder, metric)
    if found is None:
        return None
    value = found.get(key, found.get("value") if key == "mean" else None)
    return float(value) if is_number(value) else None


def has_no_hurdle(metrics: Mapping[str, Any]) -> bool:
    """Whether a lender's money is not discounted (no hurdle, or one of 0 %): its present value is its net gain.

    >>> gain = {"mean": 5.0, "sd": 2.0, "mc_error": 0.1}
    >>> has_no_hurdle({"net_gain": gain, "npv": gain}), has_no_hurdle({"net_gain": gain, "npv": {**gain, "mean": 4.0}})
    (True, False)
    """
    if "npv" not in metrics or "net_gain" not in metrics:
        return False
    keys = ("mean", "sd", "p05", "p25", "p50", "p75", "p95", "value")
    pairs = [(metrics["npv"].get(key), metrics["net_gain"].get(key)) for key in keys]
    size = max((abs(one) for pair in pairs for one in pair if is_number(one)), default=0.0)
    return all(
        one == other or (is_number(one) and is_number(other) and abs(one - other) <= 1e-9 * size)
        for one, other in pairs
    )


def is_constant(found: Mapping[str, Any] | None) -> bool:
    """Whether a metric is the same in every future."""
    if found is None or not is_number(found.get("sd")) or not is_number(found.get("mean")):
        return False
    return float(found["sd"]) <= 1e-9 * max(abs(float(found["mean"])), 1e-9) and not found.get("undefined")


def lowest(found: Mapping[str, Any] | None) -> float | None:
    """The least a metric was in any future: where its histogram begins; a constant is its own least."""
    if found is None:
        return None
    value = found["histogram"]["low"] if found.get("histogram") else found.get("mean") if is_constant(found) else None
    return float(value) if value is not None and is_number(value) else None


def years_of(summary: Summary, id: str) -> list[tuple[int, Mapping[str, Any]]]:
    """A party's money by year; for the public purse that of all public bodies."""
    if id == PUBLIC_PURSE:
        return [(row["year"], row) for row in summary["yearly"]]
    return [(row["year"], row["parties"][id]) for row in summary["yearly"] if id in row["parties"]]


def works(summary: Summary) -> bool | None:
    """Whether any outcome has an effect in any future; None when the file claims none."""
    claims = [o for o in summary["outcomes"].values() if o["is_causal"]]
    return any(not o["effect_is_zero"] for o in claims) if claims else None


def has_amounts(holder: Party, metric: str) -> bool:
    """Whether a metric is there and is not zero throughout."""
    found = figure(holder, metric)
    if found is None:
        return False
    keys = ("mean", "sd", "p05", "p95", "value")
    return any(is_number(found.get(key)) and found[key] != 0 for key in keys)
