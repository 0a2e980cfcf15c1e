"""Checks of finance: draws within the amount, caps that can bind, limits and rules that something hangs on."""

from __future__ import annotations

from sibsim.loading.place import Context
from sibsim.scenario import ACCOUNT, STOP_INTAKE, Number, OverTime, Scenario, Tranche, Value
from sibsim.timeline import column_date, report_columns

__all__ = ["FINANCE_CHECKS", "FUND_FINANCE_CHECKS"]


def _fixed(value: Value, column: int) -> float | None:
    """A value at a column, if it has no chance and is in the file's currency."""
    if isinstance(value, OverTime) and value.events:
        return None
    now = value.at(column) if isinstance(value, OverTime) else value
    return now.value if isinstance(now, Number) and not now.currency else None


def _draws(scenario: Scenario, context: Context) -> None:
    """What is drawn on dates stays within the amount of the day."""
    for tranche in scenario.finance.tranches if scenario.finance else ():
        path = f"finance.tranches.{tranche.name}"
        if tranche.drawn == "upfront" and tranche.after is None and isinstance(tranche.amount, OverTime):
            context.warn(f"{path}.amount", "it is all drawn at `start`: what the amount is later has no effect")
        if isinstance(tranche.drawn, str):
            continue
        so_far = 0.0
        for column, value in tranche.drawn:
            amount, most = _fixed(value, column), _fixed(tranche.amount, column)
            if amount is None or most is None:
                break
            so_far += amount
            if so_far > most * (1 + 1e-9):
                day = column_date(scenario.start, scenario.step_months, column)
                what = f"{so_far:,.0f} by {day:%Y-%m}".replace(",", " ")
                most_says = f"{most:,.0f}".replace(",", " ")
                context.problem(
                    f"{path}.drawn", f"the draws add up to {what}, more than the amount of {most_says}; raise `amount`"
                )
                break


def _grants(scenario: Scenario, context: Context) -> None:
    for tranche in scenario.finance.tranches if scenario.finance else ():
        if tranche.kind == "grant" and _is_capped(tranche):
            context.warn(f"finance.tranches.{tranche.name}.cap", "has no effect: a grant is never repaid")


def _is_capped(tranche: Tranche) -> bool:
    return tranche.cap.irr is not None or tranche.cap.multiple is not None


def _recycling(scenario: Scenario, context: Context) -> None:
    """Receipts can pay costs only where the account has both."""
    finance = scenario.finance
    if finance is None or context.problems:
        return
    has_costs = any(cost.by == ACCOUNT for cost in scenario.costs)
    has_receipts = any(payment.to == ACCOUNT for payment in scenario.payments)
    if finance.recycle is not None and not (has_costs and has_receipts):
        what = "no payment goes to the account" if has_costs else "the account pays no costs"
        context.warn("finance.recycle", f"has no effect: {what}")
    is_per_person = any(cost.by == ACCOUNT and cost.per != "contract" for cost in scenario.costs)
    if finance.shortfall == STOP_INTAKE and not is_per_person:
        context.problem(
            "finance.shortfall", "'stop intake' needs a cost per person that the account pays; name a party instead"
        )


def _limits(scenario: Scenario, context: Context) -> None:
    paying = {who for payment in scenario.payments for who, _ in payment.by}
    for party in scenario.parties:
        if party.pays_at_most is not None and party.id not in paying and "contract" not in context.problem_sections:
            context.warn(f"parties.{party.id}.pays_at_most", "has no effect: this party pays nothing under `contract`")


def _earmarked(scenario: Scenario, context: Context) -> None:
    """A tranche from which costs are paid is drawn as needed, for them alone."""
    tranches = {t.name: t for t in scenario.finance.tranches} if scenario.finance else {}
    for cost in scenario.costs:
        tranche = tranches.get(cost.paid_from or "")
        if tranche is not None and tranche.drawn != "as needed":
            context.problem(
                f"costs.{cost.name}.paid_from",
                f"'{tranche.name}' is drawn on dates of its own, whatever costs fall due; leave out its 'drawn'",
            )


def _maturities(scenario: Scenario, context: Context) -> None:
    """Only a loan that lives from the account has principal that the account could keep."""
    straight = {payment.to for payment in scenario.payments}
    for tranche in scenario.finance.tranches if scenario.finance else ():
        path = f"finance.tranches.{tranche.name}.matures"
        if tranche.matures is None:
            continue
        if tranche.kind == "grant":
            context.problem(path, "a grant is never repaid and does not mature; leave this out")
        elif tranche.name in straight:
            context.problem(
                path,
                f"'{tranche.name}' is paid straight by a payment and gets nothing from the account; say by the dates "
                "of that payment when its principal comes back",
            )


def _asked_too_early(scenario: Scenario, context: Context) -> None:
    """Conditions of tranches on what is reported only after their last draw."""
    measures = {m.name: m for m in scenario.measures}
    for tranche in scenario.finance.tranches if scenario.finance else ():
        if tranche.if_ is None or (tranche.drawn == "as needed") or tranche.after is not None:
            continue
        last = 0 if isinstance(tranche.drawn, str) else max(column for column, _ in tranche.drawn)
        for test in (test for tests in tranche.if_.alternatives for test in tests):
            if test.left in measures:
                first = min(c for columns in report_columns(scenario, measures[test.left]).values() for c in columns)
                if first > last:
                    day = column_date(scenario.start, scenario.step_months, first)
                    context.warn(
                        f"finance.tranches.{tranche.name}.if",
                        f"'{test.left}' is first reported in {day:%Y-%m}, after the last draw: it is never drawn",
                    )


FUND_FINANCE_CHECKS = (_draws, _grants, _earmarked, _maturities)
"""Those that hold of a portfolio too."""
FINANCE_CHECKS = (_draws, _grants, _recycling, _limits, _earmarked, _maturities, _asked_too_early)
