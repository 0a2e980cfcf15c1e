"""What the contract pays, payment by payment; the most a payer can be asked for; whose effect counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.figures import probability
from sibsim.parties import MEAN, Table
from sibsim.scenario import Number, Outcome, OverTime, Payment, Ref, Scenario, Shares
from sibsim.settlement import Settlement
from sibsim.timeline import column_date, payment_columns, payment_readings

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = [
    "claims",
    "contract_summary",
    "is_share_of_all",
    "most_from",
    "payment_summaries",
    "tabulate_payments",
    "without_claim",
]


def tabulate_payments(settlement: Settlement) -> Table:
    """By payment and draw: all it paid, less what it brought back, the most its terms allow, and the mean by year."""
    table: Table = {}
    for name, total in settlement.book.totals.items():
        table["#payment", name, "paid"] = total.path.total
        table["#payment", name, "highest"] = total.highest.total
        for year, amount in total.path.by_year.items():
            table[MEAN, "#payment", name, str(year)] = amount
            if np.any(np.less(amount, 0.0)):  # what is paid and what comes back may make nothing on average
                table[MEAN, "#payment moves", name, str(year)] = np.abs(amount)
    table.update({("#payment", e.label, "back"): 1.0 for e in settlement.ledger if e.kind == "money back"})
    return table


def payment_summaries(results: Results) -> dict[str, Any]:
    """By payment, who pays whom for what, how much and when; see ``docs/output.md``."""
    scenario, store = results.scenario, results.store
    years: dict[str, list[dict[str, Any]]] = {payment.name: [] for payment in scenario.payments}
    for key in (key for key in store.keys if key[:2] == (MEAN, "#payment")):
        mean = float(np.mean(store.replicate_means(key)))
        if abs(mean) > 1e-6 or (MEAN, "#payment moves", *key[2:]) in store:
            years[key[2]].append({"year": int(key[3]), "mean": mean})
    found: dict[str, Any] = {}
    for payment in scenario.payments:
        key = ("#payment", payment.name, "paid")
        columns = sorted({c for columns in payment_columns(scenario, payment).values() for c in columns})
        of = (o for name in payment_readings(scenario, payment) for o in scenario.outcomes_of(name))
        found[payment.name] = {
            "by": [party for party, _ in payment.by],
            "to": payment.to,
            "outcomes": list(dict.fromkeys(of)),
            "dates": [column_date(scenario.start, scenario.step_months, c).isoformat() for c in columns],
            "paid": results.describe(key, scenario.currency),
            "goes_back": payment.is_cumulative or bool(payment.less) or ("#payment", payment.name, "back") in store,
            "pays": probability((store.array(key) > 1e-6) * 1.0),
            "by_year": sorted(years[payment.name], key=lambda row: int(row["year"])),
        }
    return found


def contract_summary(results: Results) -> dict[str, Any]:
    """The least and the most that the terms allow in all; None where that is uncertain or has no bound."""
    scenario = results.scenario
    bounds = {k: results.store.constant(("#contract", k)) for k in ("lowest", "highest")}
    is_there = bool(scenario.payments)
    if any(payment.less for payment in scenario.payments):  # what is taken off hangs on what came: only a cap is firm
        cap = scenario.contract_cap.total
        is_cap = isinstance(cap, Number) and not cap.currency and bounds["highest"] == cap.value
        bounds = {"lowest": None, "highest": bounds["highest"] if is_cap else None}
    return {k: v if is_there and v is not None and np.isfinite(v) else None for k, v in bounds.items()}


def claims(scenario: Scenario) -> dict[str, list[str]]:
    """Measured outcomes of which the file says what they would be without the programme; paid-for ones without that."""
    measured = {outcome for measure in scenario.measures for outcome in measure.outcomes}
    causal = [o.name for o in scenario.outcomes if o.is_causal and o.name in measured]
    return {"effect_of": causal, "without_claim": without_claim(scenario)}


def without_claim(scenario: Scenario) -> list[str]:
    """Outcomes that money hangs on, of which the file does not say what they would be without the programme."""
    asked = {name for p in scenario.payments for name in payment_readings(scenario, p)}
    tranches = scenario.finance.tranches if scenario.finance is not None else ()
    conditions = [
        *(p.if_ for p in scenario.payments),
        *(e.if_ for e in scenario.events),
        *(t.if_ for t in tranches),
    ]
    asked |= {t.left for one in conditions if one is not None for tests in one.alternatives for t in tests}
    paid_for = {outcome for name in asked for outcome in scenario.outcomes_of(name)}
    return [o.name for o in scenario.outcomes if o.name in paid_for and not o.is_causal]


def is_share_of_all(scenario: Scenario, outcome: Outcome) -> bool:
    """Whether an outcome is one percent for a whole cohort: there is no number of them to have a price."""
    if outcome.type != "score" or outcome.each != "cohort" or outcome.with_ is None:
        return False
    value = outcome.with_.value
    found = value.every if isinstance(value, OverTime) else (value,)
    units = {i.name: i.unit for i in scenario.inputs}
    return any((units.get(one.name) if isinstance(one, Ref) else one.unit) == "percent" for one in found)


# ------------------------------------------------------------------------------------------------ the most
def most_from(results: Results, party: str) -> float | None:
    """The most that a payer can be asked for under the contract; None where that is uncertain or has no end.

    Its shares of what each payment pays at most, its largest share of what the contract pays at most, or its own limit:
    the least of these. What payments bring back is taken off.
    """
    scenario, limit = results.scenario, results.scenario.party(party).pays_at_most
    shares = {p.name: _largest_share(scenario, p, party) for p in scenario.payments}
    highest = contract_summary(results)["highest"]
    limits: list[float] = [] if highest is None else [highest * max(shares.values())]
    each = {name: results.store.constant(("#payment", name, "highest")) for name, share in shares.items() if share}
    known = {name: most for name, most in each.items() if most is not None and np.isfinite(most)}
    is_firm = len(known) == len(each) and not any(p.less for p in scenario.payments)
    limits += [sum(shares[name] * most for name, most in known.items())] if is_firm else []
    if limit is not None:
        values = limit.every if isinstance(limit, OverTime) else (limit,)
        numbers = [v.value for v in values if isinstance(v, Number) and not v.currency]
        limits += [max(numbers)] if len(numbers) == len(values) else []
    paid = results.store.array((party, "outcome_payments"))
    if any(
        (p.by_over_time or p.by_event) and (p.is_cumulative or p.less) for p in scenario.payments
    ):  # asked at one share, given back at another
        return None
    if not limits or float(np.max(paid)) > min(limits) * (1 + 1e-9) + 1e-6:
        return None
    return min(limits)


def _largest_share(scenario: Scenario, payment: Payment, party: str) -> float:
    """A payer's largest share of a payment at any time; 1 where it is not certain."""
    regimes = [shares for _, shares in (*payment.by_over_time, *payment.by_event)] or [payment.by]
    return max((_share(scenario, shares, party) for shares in regimes if party in dict(shares)), default=0.0)


def _share(scenario: Scenario, shares: Shares, party: str) -> float:
    own = dict(shares)[party]
    if isinstance(own, Number):
        return min(own.value, 1.0)
    others = [(who, share) for who, share in shares if who != party]
    if not isinstance(own, str) or any(scenario.party(who).pays_at_most is not None for who, _ in others):
        return 1.0  # what passes another's limit falls on the payer of the rest
    named = [share.value for _, share in others if isinstance(share, Number)]
    return 1.0 - sum(named) if len(named) == len(others) else 1.0
