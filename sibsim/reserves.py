"""Whether the money lasts, and for whom: cash that one who waits must hold, what a guarantee may cost, who loses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.figures import finite
from sibsim.metrics import Estimate, estimate_mean, estimate_quantile, estimate_ratio, estimate_share
from sibsim.parties import Key, public_bodies
from sibsim.timeline import column_date

if TYPE_CHECKING:
    from sibsim.context import Array
    from sibsim.results import Results

__all__ = ["ENOUGH", "all_whole", "cash_reserve", "guarantee_calls"]

ENOUGH = 0.99
"""How sure one who waits for its money wants to be that its cash lasts."""


def cash_reserve(results: Results, party: str) -> dict[str, Any]:
    """How far the cash of a party lasts.

    Returns
    -------
    dict
        ``opening`` (mean); ``needed``: the opening cash that lasts in 99 of 100 futures, the quantile of opening less
        lowest cash; ``short``: how far below zero it falls at worst, mean of the futures in which it does; and
        ``first_short``: the date on which it first does, at 5, 50 and 95 % of these futures (None: in none of them).
    """
    lowest, opening = (_array(results, (party, name)) for name in ("lowest_cash", "opening_cash"))
    is_short = _array(results, (party, "runs_out")) > 0
    begins = _array(results, (party, "first_short"))[is_short]
    dates = None
    if len(begins):
        ordered = np.sort(begins)
        at = [ordered[max(int(np.ceil(len(ordered) * level - 1e-9)), 1) - 1] for level in (0.05, 0.5, 0.95)]
        dates = dict(zip(("early", "middle", "late"), (_day(results, column) for column in at), strict=True))
    return {
        "opening": finite(estimate_mean(opening).value),
        "needed": _with_error(estimate_quantile(opening - lowest, ENOUGH)),
        "short": _with_error(estimate_ratio(np.maximum(-lowest, 0.0) * is_short, is_short * 1.0)),
        "first_short": dates,
    }


def guarantee_calls(results: Results, party: str) -> dict[str, Any]:
    """How often a guarantor is called, how much it then pays, and what that is of the money that it covers.

    Returns
    -------
    dict
        ``chance``, ``when_called`` (mean of the futures in which it is); ``covered``: mean of what the loans that it
        covers have drawn, and ``rate``: mean call / that (None where it covers no loan).
    """
    called = _array(results, (party, "called"))
    is_called = (called > 1e-6) * 1.0
    covered = _covered(results, party)
    return {
        "chance": _chance(is_called > 0),
        "when_called": _with_error(estimate_ratio(called, is_called)),
        "covered": None if covered is None else finite(estimate_mean(covered).value),
        "rate": None if covered is None else _with_error(estimate_ratio(called, covered)),
    }


def all_whole(results: Results) -> dict[str, Any]:
    """The chance that no public body loses: that of none the net budget effect is below 0, by more than rounding."""
    loses = np.zeros(results.n_draws, dtype=bool)
    for body in public_bodies(results.scenario):
        net = _array(results, (body, "net_budget_effect_pv"))
        loses |= net < -1e-9 * np.abs(net).max(initial=0.0)
    return _chance(~loses)


def _chance(happens: NDArray[np.bool_]) -> dict[str, Any]:
    share = estimate_share(happens)
    count = {"count": int(happens.sum()), "draws": len(happens)}
    return {"share": finite(share.value), "mc_error": finite(share.mc_error), **count}


def _covered(results: Results, party: str) -> Array | None:
    """What the loans have drawn that a party guarantees; each once, however many of its guarantees cover it.

    None where it stands behind a payer, too: what it pays is then not of the loans alone.
    """
    finance = results.scenario.finance
    if finance is None:
        return None
    named = {name for g in finance.guarantees if g.by == party for name in g.covers}
    loans = [t for t in results.scenario.loans if t.name in named]
    if len(loans) < len(named):
        return None
    return np.asarray(sum((_array(results, (t.by, t.name, "drawn")) for t in loans), np.zeros(results.n_draws)))


def _array(results: Results, key: Key) -> Array:
    return results.store.array(results.resolve(key))


def _with_error(estimate: Estimate) -> dict[str, Any]:
    number = finite(estimate.value)
    return {"amount": number, "mc_error": None if number is None else finite(estimate.mc_error)}


def _day(results: Results, column: float) -> str:
    scenario = results.scenario
    return column_date(scenario.start, scenario.step_months, int(column)).isoformat()
