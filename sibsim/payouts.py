"""What the contract pays, payment by payment, and whose effect counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.figures import probability, single
from sibsim.metrics import estimate_mean
from sibsim.parties import MEAN, Table
from sibsim.scenario import Number, Outcome, OverTime, Ref, Scenario
from sibsim.settlement import Settlement
from sibsim.timeline import column_date, payment_columns, payment_readings

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = [
    "claims",
    "cohort_summaries",
    "contract_summary",
    "effects_judged",
    "is_share_of_all",
    "payment_summaries",
    "payments_by_cohort",
    "tabulate_payments",
    "without_claim",
]


def tabulate_payments(settlement: Settlement) -> Table:
    """By payment and draw: all it paid, less what it brought back, the most its terms allow, and the mean by year."""
    table: Table = {}
    for name, total in settlement.book.totals.items():
        table["#payment", name, "paid"] = total.path.total
        table["#payment", name, "highest"] = total.highest.total
        for year in total.path.by_year:
            amount = total.path.of_year(year)
            table[MEAN, "#payment", name, str(year)] = amount
            if np.any(np.less(amount, 0.0)):  # what is paid and what comes back may make nothing on average
                table[MEAN, "#payment moves", name, str(year)] = np.abs(amount)
    table.update(_by_cohort(settlement))
    table.update({("#payment", e.label, "back"): 1.0 for e in settlement.ledger if e.kind == "money back"})
    return table


def _by_cohort(settlement: Settlement) -> Table:
    """By cohort and draw: what each payment for each cohort paid for it, and all of them together."""
    table: Table = {}
    for name in payments_by_cohort(settlement.book.context.scenario):
        for cohort, part in settlement.book.totals[name].parts.items():
            if cohort is not None:
                table["#payment", name, "cohort", cohort] = part.path.total
                whole = ("#cohort", cohort, "paid")
                table[whole] = table.get(whole, 0.0) + part.path.total
    return table


def payments_by_cohort(scenario: Scenario) -> list[str]:
    """The payments that pay for each cohort by itself."""
    return [p.name for p in scenario.payments if set(payment_columns(scenario, p)) - {None}]


def cohort_summaries(results: Results) -> dict[str, Any]:
    """By cohort, what all payments for each cohort pay for it, and how much of that each of them; see ``output.md``."""
    scenario, store = results.scenario, results.store
    names = payments_by_cohort(scenario)
    found: dict[str, Any] = {}
    for cohort in scenario.cohorts if names else ():
        keys = {name: ("#payment", name, "cohort", cohort.name) for name in names}
        found[cohort.name] = {
            "paid": results.describe(("#cohort", cohort.name, "paid"), scenario.currency),
            "payments": {
                name: single(estimate_mean(store.array(key)), scenario.currency)
                for name, key in keys.items()
                if key in store
            },
        }
    return {"cohorts": found} if found else {}


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


def effects_judged(scenario: Scenario) -> list[str]:
    """Outcomes whose effect says whether it worked: those that payments are reckoned on, or else hang on by an ``if``.

    Where no payment is reckoned on an outcome with an effect, all that are measured.
    """
    measured = {outcome for measure in scenario.measures for outcome in measure.outcomes}
    causal = [o.name for o in scenario.outcomes if o.is_causal and o.name in measured]
    paid_for: set[str] = set()
    for payment in scenario.payments:
        reckoned = {o for name in payment_readings(scenario, payment) for o in scenario.outcomes_of(name)}
        tests = [t for one in payment.if_.alternatives for t in one] if payment.if_ is not None else []
        asked = {o for test in tests for o in scenario.outcomes_of(test.left)}
        paid_for |= reckoned.intersection(causal) or asked
    return [name for name in causal if name in paid_for] or causal


def claims(scenario: Scenario) -> dict[str, list[str]]:
    """Outcomes whose effect is asked for; of those that money hangs on, the ones without a claim of an effect."""
    return {"effect_of": effects_judged(scenario), "without_claim": without_claim(scenario)}


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
