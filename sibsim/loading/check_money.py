"""Checks of money: who pays and gets it, what a percent is of, caps and floors that make sense."""

from __future__ import annotations

from sibsim.loading.check_contradictions import comparable
from sibsim.loading.check_costs import costs_covered
from sibsim.loading.place import Context, listed
from sibsim.loading.sure import can_be_less
from sibsim.scenario import (
    ACCOUNT,
    BUILT_IN_MEASURES,
    OUTSIDE,
    Cap,
    Measure,
    Number,
    Payment,
    Row,
    Scenario,
    Value,
)
from sibsim.shapes import SHAPES

__all__ = ["FUND_MONEY_CHECKS", "MONEY_CHECKS", "counts"]


def _is_given(context: Context, path: str) -> bool:
    return path in context.nodes


def _default_parties(scenario: Scenario, context: Context) -> None:
    """Where a key is left out its default must be a party of the file."""
    known = {*context.names_of("party"), ACCOUNT, OUTSIDE, *context.names_of("tranche")}
    wanted: list[tuple[str, str, str]] = []
    for payment in scenario.payments:
        path = f"contract.payments.{payment.name}"
        wanted += [(path, "by", who) for who, _ in payment.by] + [(path, "to", payment.to)]
    for cost in scenario.costs:
        wanted += [(f"costs.{cost.name}", "by", cost.by), (f"costs.{cost.name}", "to", cost.to)]
    wanted += [(f"benefits.{benefit.name}", "to", benefit.to) for benefit in scenario.benefits]
    if scenario.finance:
        wanted += [(f"finance.tranches.{t.name}", "by", t.by) for t in scenario.finance.tranches]
        wanted.append(("finance", "shortfall", scenario.bearer))
        dedicated = {payment.to for payment in scenario.payments}
        is_known = "finance" not in context.problem_sections
        if is_known and scenario.finance.surplus is None and not any(t.name not in dedicated for t in scenario.loans):
            wanted.append(("finance", "surplus", "provider"))
    for path, key, who in wanted:
        if who not in known and not _is_given(context, f"{path}.{key}"):
            here = listed(context.names_of("party") or ["nobody"], "and")
            is_for_loans = key == "surplus" and bool(scenario.loans)
            why = " (loans that a payment names in 'to' do not share in it)" if is_for_loans else ""
            context.problem(
                path, f"missing key '{key}': its default is '{who}'{why}, but `parties` has only {here}", at_key=True
            )


def _payments(scenario: Scenario, context: Context) -> None:
    loans = {t.name for t in scenario.loans}
    grants = {t.name for t in scenario.finance.tranches} - loans if scenario.finance else set()
    for payment in scenario.payments:
        path = f"contract.payments.{payment.name}"
        if payment.to in grants:
            context.problem(f"{path}.to", f"'{payment.to}' is a grant, which is never repaid; pay a loan or a party")
        if any(who in (payment.to, ACCOUNT) for who, _ in payment.by):
            context.problem(f"{path}.by", "who pays cannot be who gets the money; name two different parties")
        if isinstance(payment.of, str) and not loans and "finance" not in context.problem_sections:
            context.problem(
                f"{path}.of", f"there are no loans, so nothing is {payment.of}; give 'of' as money, or add `finance`"
            )
        _check_return_cap(scenario, context, payment.cap, f"{path}.cap")
        for key in ("irr", "multiple"):
            if getattr(payment.cap, key) is not None and loans and payment.to not in (ACCOUNT, *loans):
                message = f"limits what the loans get, and this payment goes to '{payment.to}'; limit it in money"
                context.problem(f"{path}.cap.{key}", message, at_key=True)
        _check_readings(scenario, context, payment)
        _check_caps(scenario, context, payment)
    _check_return_cap(scenario, context, scenario.contract_cap, "contract.cap")


def _check_return_cap(scenario: Scenario, context: Context, cap: Cap, path: str) -> None:
    """A cap on the loans' return needs loans."""
    if scenario.loans or "finance" in context.problem_sections:
        return
    if cap.multiple is not None:
        context.problem(f"{path}.multiple", "a multiple of what was drawn needs a loan in `finance`")
    if cap.irr is not None:
        context.problem(f"{path}.irr", "a yearly rate on what was drawn needs a loan in `finance`")


def _check_readings(scenario: Scenario, context: Context, payment: Payment) -> None:
    """Thresholds are in the unit of what is measured."""
    measure = {m.name: m for m in scenario.measures}.get(payment.measure or "")
    if measure is None:
        return
    path = f"contract.payments.{payment.name}"
    rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
    readings: dict[str, Value | None] = {f"{payment.shape}.{i}.1": row.at for i, row in enumerate(rows, 1)}
    readings |= {f"band.{i}": end for i, end in enumerate(payment.band or (), 1)}
    for key, value in readings.items():
        if not isinstance(value, Number):
            continue
        if value.unit == "money" and measure.unit != "money":
            context.problem(f"{path}.{key}", f"'{measure.name}' is a {measure.unit}, not money")
        elif value.unit == "percent" and measure.unit == "money" and payment.of is None:
            context.problem(f"{path}.{key}", f"'{measure.name}' is money: a percent of it needs 'of'")
        elif value.unit == "percent" and measure.name in counts(scenario):
            context.problem(f"{path}.{key}", f"'{measure.name}' is a number of people or events, not a percent")
        elif _is_bare(measure, value):
            context.problem(f"{path}.{key}", _bare(measure, value))
    if payment.shape == "per_unit" and measure.unit == "percent":
        context.warn(
            f"{path}.per_unit",
            f"'{measure.name}' is a percent: per_unit pays this for 100 %; per_point pays for each percentage point",
        )
    if payment.shape == "per_point" and measure.name in counts(scenario):
        context.problem(f"{path}.per_point", f"'{measure.name}' is a number of people or events; write per_unit")
    elif payment.shape == "per_point" and measure.unit != "percent":
        context.warn(
            f"{path}.per_point",
            f"pays for percentage points: 1.5 of '{measure.name}' counts as 150 of them; per_unit pays for each 1",
        )
    is_once = payment.at_event is not None or (payment.at is not None and len(payment.at) < 2)
    is_once = is_once or payment.is_cumulative or payment.is_per_year or len(measure.reported or ()) < 2
    if is_once or not SHAPES[payment.shape].needs_x or _is_state(scenario, measure):
        return
    if measure.covers == "to date":
        context.warn(
            path, f"'{measure.name}' covers everything to date at each report, so the same results are paid for again"
        )
        return
    of_scores = any(o.name in measure.outcomes and o.type == "score" for o in scenario.outcomes)
    if of_scores and measure.follow_up is None and measure.as_ in ("total", "total_improvement"):
        context.warn(
            path,
            f"'{measure.name}' is of a score, which stands in full at each report, so the same points are paid for "
            "again; with a 'follow_up' each person's count once",
        )


def _is_state(scenario: Scenario, measure: Measure) -> bool:
    """Whether a report to date says how things stand and adds nothing up: one number per cohort, such as a condition
    that is met, or its mean."""
    outcomes = [o for o in scenario.outcomes if o.name in measure.outcomes]
    stands = measure.as_ not in ("total", "total_improvement") or all(o.type in ("event", "score") for o in outcomes)
    return stands and bool(outcomes) and all(o.each == "cohort" for o in outcomes)


def _is_bare(measure: Measure, value: Value) -> bool:
    """Whether a plain number over 1 stands where a measure is a percent: 10 for 10 %."""
    is_plain = isinstance(value, Number) and value.unit == "number"
    return measure.unit == "percent" and is_plain and abs(value.value) > 1.0  # type: ignore[union-attr]


def _bare(measure: Measure, value: Value) -> str:
    number = value.value if isinstance(value, Number) else 0.0
    return f"{number:g} is {number * 100:g} %; '{measure.name}' is a percent, write {number:g} %"


def _conditions(scenario: Scenario, context: Context) -> None:
    """What a condition compares with is in the unit of what it compares."""
    measures = {m.name: m for m in scenario.measures}
    asked = [(f"contract.payments.{p.name}.if", p.if_) for p in scenario.payments]
    asked += [(f"events.{e.name}.if", e.if_) for e in scenario.events]
    tranches = scenario.finance.tranches if scenario.finance is not None else ()
    asked += [(f"finance.tranches.{t.name}.if", t.if_) for t in tranches]
    asked += [(f"measures.{m.name}.goals", goal) for m in scenario.measures for goal in m.goals]
    for path, condition in asked:
        for test in (t for tests in (condition.alternatives if condition else ()) for t in tests):
            right, measure = test.right, measures.get(test.left)
            if not isinstance(right, Number):
                continue
            if measure is None and right.unit == "percent":
                context.problem(path, f"'{test.left}' is money paid so far; compare it with money, not with a percent")
            elif measure is not None and right.unit == "percent" and test.left in counts(scenario):
                context.problem(path, f"'{test.left}' is a number of people or events, not a percent")
            elif measure is not None and _is_bare(measure, right):
                context.problem(path, _bare(measure, right))
    for measure in scenario.measures:
        if _is_bare(measure, measure.error):
            context.problem(f"measures.{measure.name}.error", _bare(measure, measure.error))


def counts(scenario: Scenario) -> set[str]:
    """Measures that count people, events or goals."""
    events = {o.name for o in scenario.outcomes if o.type == "event"} | set(BUILT_IN_MEASURES)
    totals = {m.name for m in scenario.measures if m.as_ in ("total", "total_improvement") and m.of in events}
    return totals | {m.name for m in scenario.measures if m.goals}


def _check_caps(scenario: Scenario, context: Context, payment: Payment) -> None:
    """A cap that stops the best result, where nothing else makes what is paid for it smaller."""
    path = f"contract.payments.{payment.name}"
    rows: tuple[Row, ...] = payment.parameter if isinstance(payment.parameter, tuple) else ()
    if payment.shape == "prices" or can_be_less(scenario, payment):
        return
    for key, cap in (("total", payment.cap.total), ("per_year", payment.cap.per_year)):
        found = [comparable(cap, row.pays, payment.of) for row in rows]
        is_late = key == "per_year" and payment.is_cumulative  # what a year's cap cut may be due the year after
        if not is_late and any(one is not None and one[0] < one[1] - 1e-9 for one in found):
            context.warn(
                f"{path}.cap",
                f"the cap ({key.replace('_', ' ')}) is below the largest step, which is never paid in full",
            )


def _pays_itself(scenario: Scenario, context: Context) -> None:
    for cost in scenario.costs:
        if cost.by == cost.to:
            context.problem(
                f"costs.{cost.name}",
                f"'{cost.by}' cannot pay itself; for a party's own cost write 'by: {cost.by}, to: outside'",
            )


def _guarantees(scenario: Scenario, context: Context) -> None:
    if scenario.finance is None:
        return
    paying = {who for payment in scenario.payments for who, _ in payment.by}
    for guarantee in scenario.finance.guarantees:
        for name in guarantee.covers:
            path = f"finance.guarantees.{guarantee.name}.covers"
            if name == guarantee.by:
                context.problem(path, f"'{name}' cannot guarantee its own loss")
            elif (
                context.names.get(name) == "party" and name not in paying and "contract" not in context.problem_sections
            ):
                context.problem(path, f"'{name}' pays nothing under the contract; cover a tranche or a party that pays")


FUND_MONEY_CHECKS = (_default_parties, _pays_itself)
"""Those that hold of a portfolio too."""
MONEY_CHECKS = (_default_parties, _payments, _conditions, _pays_itself, costs_covered, _guarantees)
