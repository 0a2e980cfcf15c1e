"""The figures of a portfolio as one dictionary: what every report of it shows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim import assumptions, metrics
from sibsim.context import Array
from sibsim.draws.lattice import LATTICE
from sibsim.figures import describe, probability, with_error
from sibsim.portfolio.figures import ALL, FUNDING
from sibsim.portfolio.fund import FUND
from sibsim.portfolio.held import Held
from sibsim.portfolio.risk import exceedance, pool_size
from sibsim.portfolio.together import concentration, correlation, diversified, joint_failures, worst
from sibsim.portfolio.years import years
from sibsim.scenario import Number
from sibsim.summary import lender_summary, party_summaries
from sibsim.timeline import column_date, step_name

if TYPE_CHECKING:
    from sibsim.portfolio.run import PortfolioResults

__all__ = ["FORMAT", "summarise"]

FORMAT = "sibsim.portfolio/1"
MOST_NAMED = 6
"""Holdings and lenders that a warning names before it says how many more there are."""


def summarise(results: PortfolioResults, chance: float) -> dict[str, Any]:
    """The summary of a portfolio; see ``docs/output.md`` for its shape.

    Parameters
    ----------
    results : PortfolioResults
    chance : float
        The chance of loss that is wanted, for the size of a pool.
    """
    from sibsim import __version__

    asked, held = results.asked, Held(results)
    return {
        "format": FORMAT,
        "sibsim": __version__,
        "seed": asked.seed,
        "draws": results.n_draws,
        "replicates": asked.n_replicates,
        "sampling": asked.sampling,
        "portfolio": _portfolio(results),
        "parties": _parties(results),
        "contracts": _contracts(results),
        "holdings": held.all(),
        "losses": {
            "net_loss": _losses(results, results.store.array((ALL, "net_loss"))),
            "lost": _losses(results, results.store.array((ALL, "lost_by_contract"))),
        },
        "diversification": diversified(held),
        "concentration": concentration(held),
        "joint_failures": joint_failures(results),
        "worst": worst(held),
        "correlation": correlation(results),
        "pool": _pool(results, chance),
        "funding": _funding(results),
        "yearly": years(results),
        "inputs": assumptions.inputs(results.results),
        "assumed": assumptions.assumed(results.results),
        "warnings": [*results.portfolio.fund.warnings, *_warnings(results)],
    }


def _portfolio(results: PortfolioResults) -> dict[str, Any]:
    fund, portfolio = results.portfolio.fund, results.portfolio
    rate = fund.discount_rate
    end = column_date(fund.start, fund.step_months, results.results.n_dates - 1)
    return {
        "name": fund.name,
        "title": fund.title,
        "file": fund.file,
        "sha256": fund.sha256,
        "currency": fund.currency,
        "price_year": fund.price_year,
        "option": " + ".join(fund.options) or None,
        "start": fund.start.isoformat(),
        "end": end.isoformat(),
        "step": step_name(fund),
        "budget_year": date(2000, fund.budget_year, 1).strftime("%B"),
        "discount_rate": rate.value if isinstance(rate, Number) else None,
        "n_dates": results.results.n_dates,
        "contracts": len(portfolio.copies),
        "lattice_dimensions": {name: k for k, name in enumerate(portfolio.factors) if k < len(LATTICE)},
        "factors_at": dict(results.asked.factors_at),
    }


def _parties(results: PortfolioResults) -> dict[str, Any]:
    """Those who back the fund or are paid by it: nobody delivers a service to the fund itself."""
    found = party_summaries(results.results)
    has_provider = any(party.id == "provider" for party in results.portfolio.fund.parties)
    bearer = results.portfolio.fund.bearer
    for party, one in found.items():
        if party == bearer and not one["roles"]:
            one["roles"] = ["cost bearer"]
        if not has_provider and "provider" in one["roles"]:
            one["roles"] = ["supplier" if role == "provider" else role for role in one["roles"]]
            one["metrics"].pop("lowest_cash", None)
    return found


def _contracts(results: PortfolioResults) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    chances: dict[str, Any] = {}
    lender_summary(results.results, (ALL,), figures, chances)
    return {"metrics": figures, "probabilities": chances}


def _losses(results: PortfolioResults, loss: Array) -> dict[str, Any]:
    d = describe(loss, results.portfolio.fund.currency)
    size = max(float(np.abs(loss).max()), 1.0)
    found: dict[str, Any] = {"unit": d["unit"], "mean": d["mean"], "sd": d["sd"], "mc_error": d["mc_error"]}
    for level in (95, 99):
        found[f"value_at_risk_{level}"] = with_error(metrics.estimate_value_at_risk(loss, level / 100))
        found[f"expected_shortfall_{level}"] = with_error(metrics.estimate_shortfall(loss, level / 100))
    found["probability"] = probability((loss > 1e-9 * size) * 1.0)
    found["exceedance"] = [{"one_in": n, "loss": with_error(one)} for n, one in exceedance(loss)]
    return found


def _pool(results: PortfolioResults, chance: float) -> dict[str, Any]:
    """How large a first loss, or a pool of guarantees, must be."""
    committed = metrics.estimate_mean(results.store.array((FUNDING, "committed"))).value
    found: dict[str, Any] = {"chance": chance}
    for name, key in (("net_loss", "net_loss"), ("lost", "lost_by_contract")):
        size = pool_size(results.store.array((ALL, key)), chance)
        found[name] = {
            "size": with_error(size),
            "share_of_committed": size.value / committed if committed > 0 else None,
        }
    return found


def _funding(results: PortfolioResults) -> dict[str, Any]:
    """What is committed to contracts, what can be drawn for it, and whether money lacked."""
    finance, store = results.portfolio.fund.finance, results.store
    short = store.array((FUNDING, "shortfall"))
    amounts = [t.amount for t in finance.tranches] if finance is not None else []
    sure = [a.value for a in amounts if isinstance(a, Number) and not a.currency]
    return {
        "committed": with_error(metrics.estimate_mean(store.array((FUNDING, "committed")))),
        "available": sum(sure) if finance is not None and len(sure) == len(amounts) else None,
        "shortfall": probability((short > 1e-6) * 1.0),
        "shortfall_amount": with_error(metrics.estimate_mean(short)),
        "left_over": with_error(metrics.estimate_mean(store.array((FUNDING, "left_over")))),
    }


def _warnings(results: PortfolioResults) -> list[str]:
    found = []
    short = results.store.array((FUNDING, "shortfall"))
    if np.any(short > 1e-6):
        share = 100.0 * float(np.mean(short > 1e-6))
        found.append(
            f"in {share:.3g} of 100 futures the fund has not the money for all that its contracts and costs ask for; "
            "what lacks is paid by who is named in 'shortfall', yet all that comes back of it is counted as the fund's"
        )
    left_over = results.store.array((FUNDING, "left_over"))
    if np.any(left_over > 1e-6):
        share, mean = 100.0 * float(np.mean(left_over > 1e-6)), float(np.mean(left_over))
        found.append(
            f"in {share:.3g} of 100 futures money is left that no lender may have by its cap, on average {mean:,.0f} "
            f"{results.portfolio.fund.currency}, and it goes to nobody that lends or is named: say in "
            "'finance.surplus' who gets what is left"
        )
    for place, part in sorted(results.results.clipped().items()):
        if part > 0.0:
            found.append(f"{place}: in {100 * part:.3g} % of the futures a value had to be brought into its range")
    not_unique = float(np.mean(results.store.array((ALL, "not_unique"))))
    if not_unique > 0.0:
        found.append(
            f"in {100 * not_unique:.3g} % of the futures the contracts' flows change their sign more than once, so "
            "that the IRR of all together may not be the only one (shown: the smallest that is not negative)"
        )
    return found + _several_rates(results)


def _several_rates(results: PortfolioResults) -> list[str]:
    """Holdings and lenders whose flows change their sign more than once, as those of all contracts may."""
    portfolio, store, of = results.portfolio, results.store, dict[str, float]()
    names = {party.id: party.name for party in portfolio.fund.parties} | {FUND: "the fund"}
    for key in store.keys:
        share = float(np.mean(store.array(key))) if key[-1] == "not_unique" and key[0] != ALL else 0.0
        if share > 0.0:
            who = f"'{key[1]}'" if len(key) > 2 else names.get(key[0], key[0])
            of[who] = max(share, of.get(who, 0.0))
    if portfolio.fund.finance is None and not portfolio.fund.costs:
        of.pop(names[FUND], None)  # what it gets is what contracts give
    if not of:
        return []
    told = [f"{who} ({100 * share:.3g} %)" for who, share in sorted(of.items(), key=lambda one: (-one[1], one[0]))]
    left = len(told) - MOST_NAMED
    told[MOST_NAMED:] = [f"{left} more"] if left > 0 else []
    return [
        f"the IRR may not be the only one (shown: the smallest that is not negative) of {', '.join(told)}: in so "
        "many of the futures what each lends and gets changes its sign more than once"
    ]
