"""Results to one dictionary: everything a report may show, and the content of ``--format json``."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim import assumptions, metrics
from sibsim.asked import most_from
from sibsim.context import Array
from sibsim.figures import layer_shares, probability, single
from sibsim.happenings import event_summaries
from sibsim.parties import HEADLINE, MEAN, PUBLIC_PURSE, Key, public_bodies, roles, together
from sibsim.payouts import claims, cohort_summaries, contract_summary, is_share_of_all, payment_summaries
from sibsim.rates import irr
from sibsim.reserves import all_whole, cash_reserve, guarantee_calls
from sibsim.scenario import OUTSIDE
from sibsim.timeline import column_date, payment_readings, report_dates, step_name
from sibsim.waits import queue_summaries
from sibsim.yearly import break_even_year, yearly

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["FORMAT", "lender_summary", "party_summaries", "summarise"]

FORMAT = "sibsim.results/1"
PUBLIC = (
    "outcome_payments",
    "outcome_payments_pv",
    "own_costs",
    "own_costs_pv",
    "money_received",
    "largest_year",
    "cashable_benefit_pv",
    "capacity_benefit_pv",
    "societal_benefit_pv",
    "net_budget_effect_pv",
)
GAINS = ("cashable_benefit_pv", "capacity_benefit_pv", "societal_benefit_pv", "money_received")
"""All there is to say of everybody else, who has no budget."""
DRIVEN = ("net_budget_effect_pv", "irr", "margin")
"""Figures whose hanging on each input is told."""
MINOR_ROLES = {"guarantor": "called", "grantor": "drawn", "supplier": "margin", "recipient": "margin"}
"""The figure of those who neither pay under the contract nor lend nor deliver."""
LENDER = {
    "irr": "per year",
    "moic": "multiple",
    "npv": "",
    "drawn": "",
    "received": "",
    "net_gain": "",
    "payback_years": "years",
    "weighted_average_life": "years",
    "peak_capital": "",
}
"""Metrics of who lends, with their units; an empty unit is the scenario's currency."""


def summarise(results: Results) -> dict[str, Any]:
    """The summary of a run; see ``docs/output.md`` for its shape."""
    from sibsim import __version__

    run, scenario = results.run, results.scenario
    return {
        "format": FORMAT,
        "sibsim": __version__,
        "seed": run.seed,
        "draws": results.n_draws,
        "replicates": run.n_replicates,
        "sampling": run.sampling,
        "scenario": _scenario(results),
        "parties": party_summaries(results),
        "yearly": yearly(results),
        "drivers": assumptions.drivers(results, [k for k in _headline(results) if k[1] in DRIVEN]),
        "variance_by_layer": _layers(results),
        "outcomes": {o.name: _outcome(results, o.name) for o in scenario.outcomes},
        "measures": {m.name: _measure(results, m.name) for m in scenario.measures},
        "events": event_summaries(results),
        **queue_summaries(results),
        **_came(results),
        "inputs": assumptions.inputs(results),
        "assumed": assumptions.assumed(results),
        "contract": contract_summary(results),
        "claims": claims(scenario),
        "payments": payment_summaries(results),
        **cohort_summaries(results),
        "warnings": [*scenario.warnings, *_warnings(results)],
    }


def _scenario(results: Results) -> dict[str, Any]:
    s = results.scenario
    rate = s.discount_rate
    end = column_date(s.start, s.step_months, results.n_dates - 1)
    discount = results.store.constant(("#input", rate.name)) if hasattr(rate, "name") else getattr(rate, "value", None)
    return {
        "name": s.name,
        "title": s.title,
        "file": s.file,
        "sha256": s.sha256,
        "currency": s.currency,
        "price_year": s.price_year,
        "option": " + ".join(s.options) or None,
        "start": s.start.isoformat(),
        "end": end.isoformat(),
        "step": step_name(s),
        "discount_rate": discount,
        "budget_year": date(2000, s.budget_year, 1).strftime("%B"),
        "n_dates": results.n_dates,
        "lattice_dimensions": {i.name: i.dimension for i in s.inputs if i.dimension is not None},
    }


# ------------------------------------------------------------------------------------------------ parties
def party_summaries(results: Results) -> dict[str, Any]:
    """Every party with its roles, figures and chances."""
    scenario = results.scenario
    found: dict[str, Any] = {}
    for party, does in roles(scenario).items():
        figures: dict[str, Any] = {}
        chances: dict[str, Any] = {}
        one: dict[str, Any] = {"name": scenario.party(party).name, "roles": does}
        if "payer" in does:
            one["pays_at_most"] = most_from(results, party)
        if party == OUTSIDE:
            figures |= {name: _money(results, (party, name)) for name in GAINS}
        elif {"payer", "beneficiary"} & set(does):
            _public(results, party, figures, chances)
        elif results.store.constant((party, "own_costs")) != 0.0:
            figures["own_costs"] = _money(results, (party, "own_costs"))
            figures["own_costs_pv"] = _money(results, (party, "own_costs_pv"))
        if "investor" in does:
            lender, odds = dict[str, Any](), dict[str, Any]()
            lender_summary(results, (party,), lender, odds)
            chances |= odds
            figures = lender | figures  # of a payer that lends, its budget; the loan is under its tranches
            one["tranches"] = _tranches(results, party, {"metrics": lender, "probabilities": odds})
        if "provider" in does or scenario.party(party).cash is not None:
            _cash(results, party, figures, chances)
        if (party, "runs_out") in results.store:
            one["cash"] = cash_reserve(results, party)
        if "guarantor" in does:
            one["guarantee"] = guarantee_calls(results, party)
        for role, metric in MINOR_ROLES.items():
            if role in does and metric not in figures:
                figures[metric] = _money(results, (party, metric), has_histogram=metric == "called")
        if (party, "received") in results.store and "received" not in figures:
            figures["received"] = _money(results, (party, "received"))
        found[party] = {**one, "metrics": figures, "probabilities": chances}
    if public_bodies(scenario):
        figures, chances = {}, {}
        _public(results, PUBLIC_PURSE, figures, chances)
        name = together(scenario)
        purse = {"name": name, "roles": [PUBLIC_PURSE], "metrics": figures, "probabilities": chances}
        found[PUBLIC_PURSE] = purse | {"all_whole": all_whole(results)}
    return found


def _array(results: Results, key: Key) -> Array:
    return results.store.array(results.resolve(key))


def _money(results: Results, key: Key, unit: str = "", *, has_histogram: bool = False) -> dict[str, Any]:
    return results.describe(key, unit or results.scenario.currency, has_histogram=has_histogram)


def _public(results: Results, party: str, figures: dict[str, Any], chances: dict[str, Any]) -> None:
    """A payer or a body that saves."""
    money = results.scenario.currency
    for name in PUBLIC:
        figures[name] = _money(results, (party, name), has_histogram=name in HEADLINE)
    at_risk, shortfall = results.tail((party, "net_budget_effect_pv"))
    figures["value_at_risk_95"] = single(at_risk, money)
    figures["expected_shortfall_95"] = single(shortfall, money)
    benefit, outlay = (_array(results, (party, m)) for m in ("cashable_benefit_pv", "net_outlay_pv"))
    figures["benefit_cost_ratio"] = single(_ratio(benefit, outlay), "ratio")
    figures["savings_multiple_to_break_even"] = single(_ratio(outlay, benefit), "multiple")
    figures["break_even_year"] = {"unit": "year", "value": break_even_year(results, party), "mc_error": None}
    paid = _array(results, (party, "net_outlay"))
    gross, causal = _outcomes_bought(results)
    is_payer = "payer" in roles(results.scenario).get(party, ["payer"])
    for name, units in (("cost_per_outcome", gross), ("cost_per_causal_outcome", causal)):
        if units is not None and is_payer:
            figures[name] = single(_ratio(paid, units), f"{money} per outcome")
    idle = results.resolve((party, "payment_without_effect"))
    if party == PUBLIC_PURSE and idle not in results.store:
        payers = [p for p in public_bodies(results.scenario) if (p, "payment_without_effect") in results.store]
        if payers:
            total = sum((_array(results, (p, "payment_without_effect")) for p in payers), np.zeros(results.n_draws))
            figures["payment_without_effect"] = single(metrics.estimate_mean(total), money)
    elif idle in results.store:
        figures["payment_without_effect"] = single(metrics.estimate_mean(results.store.array(idle)), money)
    chances["net_budget_effect_positive"] = probability(_array(results, (party, "net_budget_effect_positive")))
    if is_payer and results.scenario.payments:
        for name in ("paid_without_effect", "not_paid_despite_effect", "cap_binds"):
            key = ("#contract", name) if party == PUBLIC_PURSE else ("#contract", name, party)
            if key in results.store:
                chances[name] = probability(results.store.array(key))


def _outcomes_bought(results: Results) -> tuple[Array | None, Array | None]:
    """Outcomes there were (for fewer-is-better: that were avoided) and those the programme caused."""
    scenario = results.scenario
    paid_for = [scenario.outcomes_of(name) for p in scenario.payments for name in payment_readings(scenario, p)]
    of_outcomes = [name for names in paid_for for name in names] or [o.name for o in scenario.outcomes]
    if not of_outcomes:
        return None, None
    outcome = scenario.outcome(of_outcomes[0])
    if is_share_of_all(scenario, outcome):
        return None, None
    if len(set(of_outcomes)) > 1:  # a price for two things at once is the price of neither
        return np.full(results.n_draws, np.nan), np.full(results.n_draws, np.nan)
    store = results.store
    happened = store.array(("#outcome", outcome.name, "happened"))
    without = store.array(("#outcome", outcome.name, "expected_without"))
    causal = store.array(("#outcome", outcome.name, "effect")) if outcome.is_causal else None
    if outcome.better == "more":
        return happened, causal
    return (without - happened if outcome.is_causal else None), causal


def lender_summary(results: Results, key: Key, figures: dict[str, Any], chances: dict[str, Any]) -> None:
    """The figures and chances of one who lends, an investor or one of its tranches, put into two dictionaries."""
    money = results.scenario.currency
    for name, unit in LENDER.items():
        figures[name] = _money(results, (*key, name), unit, has_histogram=name in ("irr", "moic", "net_gain"))
    at_risk, shortfall = results.tail((*key, "net_gain"))
    figures["value_at_risk_95"] = single(at_risk, money)
    figures["expected_shortfall_95"] = single(shortfall, money)
    lost, is_lost = _array(results, (*key, "lost")), _array(results, (*key, "loss"))
    figures["expected_loss"] = single(metrics.estimate_mean(lost), money)
    figures["loss_given_loss"] = single(metrics.estimate_ratio(lost, is_lost), money)
    figures["irr_of_expected_flows"] = _irr_of_expected(results, key)
    for name in ("loss", "total_loss", "below_hurdle"):
        chances[name] = probability(_array(results, (*key, name)))


def _tranches(results: Results, party: str, whole: dict[str, Any]) -> dict[str, Any]:
    """Each tranche of an investor; ``whole`` is the investor itself: what it is where it has one and nothing else."""
    found: dict[str, Any] = {}
    for tranche in results.scenario.loans:
        if tranche.by == party and (party, tranche.name, "irr") not in results.store:
            found[tranche.name] = deepcopy(whole)
        elif tranche.by == party:
            figures: dict[str, Any] = {}
            chances: dict[str, Any] = {}
            lender_summary(results, (party, tranche.name), figures, chances)
            found[tranche.name] = {"metrics": figures, "probabilities": chances}
    return found


def _irr_of_expected(results: Results, key: Key) -> dict[str, Any]:
    """IRR of the mean flows: never the mean of IRRs."""
    store, step = results.store, results.scenario.step_years
    prefix: Key = (MEAN, *key, "flow")
    if len(key) == 2 and not store.last_parts(prefix):
        prefix = (MEAN, key[0], "flow")
    columns = sorted(int(last) for last in store.last_parts(prefix))
    if not columns:
        return {"unit": "per year", "value": None, "mc_error": None}
    flows = np.array([store.replicate_means((*prefix, str(c))) for c in columns])
    years = np.array([c * step for c in columns])
    value = float(irr(flows.mean(axis=1), years))
    each = np.asarray(irr(flows, years))
    error = float(each.std(ddof=1) / np.sqrt(len(each)))
    known = np.isfinite(value)
    return {"unit": "per year", "value": value if known else None, "mc_error": error if known else None}


def _cash(results: Results, party: str, figures: dict[str, Any], chances: dict[str, Any]) -> None:
    for name in ("margin", "lowest_cash"):
        figures[name] = _money(results, (party, name), has_histogram=True)
    if (party, "runs_out") in results.store:
        chances["runs_out"] = probability(_array(results, (party, "runs_out")))


def _mean(values: Array) -> float:
    return float(np.mean(values))


def _ratio(numerator: Array, denominator: Array) -> metrics.Estimate:
    """A ratio of means, never a mean of ratios.

    Not applicable where what it is divided by is not clearly above 0, by three of its own Monte Carlo errors: dividing
    by noise would print a large number that means nothing.
    """
    under = metrics.estimate_mean(denominator)  # not a number where there is nothing to divide by
    if not under.value > 3.0 * under.mc_error:
        return metrics.Estimate(float("nan"), float("nan"))
    return metrics.estimate_ratio(numerator, denominator)


# ------------------------------------------------------------------------------------------------ the rest
def _came(results: Results) -> dict[str, Any]:
    """What really came, for a file that says so."""
    if results.scenario.actuals is None:
        return {}
    from sibsim.came import came_summary  # it settles the contract: loaded only where there is something to settle

    return {"came": came_summary(results)}


def _headline(results: Results) -> list[Key]:
    """(party, metric) of the figures that drivers and layers are worked out for."""
    scenario = results.scenario
    keys: list[Key] = []
    for party, does in roles(scenario).items():
        if party != OUTSIDE and {"payer", "beneficiary"} & set(does):
            keys += [(party, "outcome_payments"), (party, "net_budget_effect_pv")]
        if "investor" in does:
            keys += [(party, "irr"), (party, "moic"), (party, "net_gain")]
        if "provider" in does:
            keys.append((party, "margin"))
        if "guarantor" in does:
            keys.append((party, "called"))
    return [k for k in keys if k in results.store and results.store.constant(k) is None]


def _layers(results: Results) -> dict[str, Any]:
    shares: dict[str, Any] = {}
    has_people = ("#layer", "people") in results.store
    has_inputs = any(results.store.constant(("#input", i.name)) is None for i in results.scenario.inputs)
    for key in _headline(results):
        fresh = {name: store.array(key) for name, store in results.layers.items()}
        n = len(fresh["people"])
        one = layer_shares(
            results.store.array(key)[:n],
            fresh["measurement"],
            fresh["people"],
            has_inputs=has_inputs,
            has_people=has_people,
        )
        if one is not None:
            shares[".".join(key)] = one
    return shares


def _outcome(results: Results, name: str) -> dict[str, Any]:
    outcome, store = results.scenario.outcome(name), results.store
    wanted = ("people", "expected_without", "expected_with", "happened")
    means = {k: _mean(store.array(("#outcome", name, k))) for k in wanted}
    d = results.describe(("#outcome", name, "effect"), "")
    return {
        "type": outcome.type,
        "better": outcome.better,
        "each": outcome.each,
        "needs": outcome.needs,
        **means,
        "is_causal": outcome.is_causal,
        "effect": {k: d[k] for k in ("mean", "p05", "p50", "p95")},
        "effect_is_zero": outcome.is_causal and store.constant(("#outcome", name, "effect")) == 0.0,
    }


def _measure(results: Results, name: str) -> dict[str, Any]:
    measure, scenario, store = results.scenario.measure(name), results.scenario, results.store
    reports = []
    for i, (column, cohort) in enumerate(report_dates(scenario, measure)):
        d = results.describe(("#measure", name, str(i), "value"), measure.unit)
        mean_of = {k: _mean(store.replicate_means((MEAN, "#measure", name, str(i), k))) for k in ("counted", "people")}
        reports.append(
            {
                "date": column_date(scenario.start, scenario.step_months, column).isoformat(),
                "cohort": cohort,
                **mean_of,
                **{k: d[k] for k in ("mean", "sd", "p05", "p50", "p95")},
                "no_report": d.get("undefined", 0) / results.n_draws,
            }
        )
    quantity: str = "goals" if measure.goals else "weighted" if measure.weighted else measure.as_
    quantity = quantity if measure.short_of is None else "shortfall"
    of = ", ".join(measure.parts or (measure.of, *measure.also_of))
    return {"as": quantity, "of": of, "among": measure.people, "unit": measure.unit, "reports": reports}


def _warnings(results: Results) -> list[str]:
    found = []
    for place, share in results.clipped().items():
        found.append(f"{place}: brought back into its possible range in {100 * share:.2g} % of the futures")
    for key in results.store.keys:
        if key[-1] == "not_unique" and (n := int(results.store.array(key).sum())):
            why = f"the flows change sign more than once in {n:,} futures"
            who = ", ".join(key[:-1])
            found.append(f"{who}: {why}, so the IRR may not be unique (shown: the smallest that is not negative)")
        if key[0] == MEAN and key[-1] == "undefined":
            share = _mean(results.store.replicate_means(key))
            if share > 0:
                where = f"in {100 * share:.2g} % of the futures"
                found.append(f"measure {key[2]}: no cases in the comparison {where}; the quantity stands as 0 there")
    return found
