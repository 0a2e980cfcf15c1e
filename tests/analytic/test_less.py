"""A payment less what others have paid: an interim payment by one estimate, the final one by another."""

from __future__ import annotations

import pytest

from sibsim.loading.maximum import most_paid
from sibsim.replay.settled import settled
from tests.analytic.test_payments import SERIES, payments
from tests.identities.test_settle_is_simulate import check_same
from tests.patterns.hand import settle, simulate
from tests.support import HEAD, deal, run, scenario

ROCA = """sibsim: 1
title: Interim by the trial, final by a blend
currency: USD
start: 2014-01
step: year
parties: {payer: State, provider: Charity}
measures:
  trial: {as: relative_improvement, covers: to date, reported: [2019-01, 2021-01]}
  differences: {as: relative_improvement, covers: to date, reported: 2021-01}
  blend: {weighted: {trial: 80 %, differences: 20 %}}
contract:
  payments:
    interim: {measure: trial, line: [[otherwise, 0], [5 %, 2 m], [25 %, 10 m]], at: 2019-01}
    final: {measure: blend, line: [[otherwise, 0], [5 %, 2 m], [25 %, 10 m]], at: 2021-01, less: interim MORE}
"""
CAME = "trial: {2019-01: 10 %, 2021-01: 5 %}, differences: DIFF"


@pytest.mark.key("payments.less")
@pytest.mark.parametrize(
    ("differences", "more", "final"),
    [
        # 10 % pays 2 m + 5 / 20 x 8 m = 4 m; 80 % of 5 % and 20 % of 25 % are 9 %: 3.6 m, so that 0.4 m go back
        ("25 %", "", -0.4e6),
        # and 20 % of 55 % are 15 %: 6 m, of which 2 m are left to pay, and a cap on these comes after
        ("55 %", "", 2e6),
        ("55 %", ", cap: 1.5 m", 1.5e6),
        ("25 %", ", cap: 1.5 m", -0.4e6),
        # what is due to date is at least the floor, and rounded, before what was paid is taken off
        ("25 %", ", floor: 3.9 m", -0.1e6),
        ("25 %", ", round: 1 m", 0.0),
        # where the condition fails nothing is due, and nothing goes back
        ("25 %", ", if: {trial: at least 6 %}", 0.0),
    ],
)
def test_pattern_B9a_the_final_payment_is_less_the_interim_one(differences: str, more: str, final: float) -> None:
    money = settle(ROCA.replace(" MORE", more), CAME.replace("DIFF", differences))
    assert money.paid("interim") == {"2019-01": pytest.approx(4e6)}
    assert money.total("final") == pytest.approx(final, abs=1e-6)
    assert money.net("payer") == pytest.approx(-4e6 - final)


@pytest.mark.key("payments.less")
def test_what_is_open_keeps_the_final_one_open() -> None:
    text = ROCA.replace(" MORE", "")
    found = settled(scenario(text + "actuals: {measures: {trial: {2021-01: 5 %}, differences: 25 %}}\n"))
    assert {(o.subject, o.waits_for) for o in found.recorder.open} == {("interim", ("trial",)), ("final", ("trial",))}
    assert found.settlement.book.contract.paid == 0.0


# x is 4, 8 and 1: a pays 20, 40 and 5
A = "a: {measure: x, per_unit: 5, at: 2021-01}"


@pytest.mark.key("payments.less", "payments.cumulative")
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # 10 for each is 40, 80, 10 to date; less the 20 of a: 20, 60, -10 to date
        ((A, "p: {measure: x, per_unit: 10, cumulative: true, less: a}"), [20, 40, -70]),
        # it stands after p, so that the first 20 come off a year later: 40, then 60 and -10 to date
        (("p: {measure: x, per_unit: 10, cumulative: true, less: a}", A), [40, 20, -70]),
        # two of them
        ((A, "b: {amount: 7, at: 2022-01}", "p: {measure: x, per_unit: 10, at: 2022-01, less: [a, b]}"), [0, 53, 0]),
        # on each date anew
        ((A, "p: {measure: x, per_unit: 10, at: [2021-01, 2022-01], less: a}"), [20, 60, 0]),
        # an amount
        ((A, "p: {amount: 15, at: 2022-01, less: a}"), [0, -5, 0]),
        # less what was paid, not what was due
        (("a: {measure: x, per_unit: 5, cap: 12, at: 2021-01}", "p: {amount: 15, at: 2022-01, less: a}"), [0, 3, 0]),
    ],
)
def test_less_what_was_paid_so_far(rows: tuple[str, ...], expected: list[float]) -> None:
    amounts = [0.0, 0.0, 0.0]
    for move in run(deal(measures=SERIES, contract=payments(*rows))).transfers(slice(0, 1)):
        if move.label == "p":
            sign = 1.0 if move.kind == "payment" else -1.0
            amounts = [so_far + sign * float(paid) for so_far, paid in zip(amounts, move.amounts[1:4, 0], strict=True)]
    assert amounts == pytest.approx(expected, abs=1e-9)


COHORTS = (
    HEAD
    + """
participants: {cohorts: {c1: {size: 100}, c2: {size: 300}}}
outcomes: {result: {type: score, each: cohort, better: more, over: 1 year, with: 10}}
measures:
  first: {of: result, as: average, for_each: cohort}
  later: {of: result, as: average, for_each: cohort, reported: 2023-01}
  all: {of: result, as: average, reported: 2023-01}
contract: {payments: {a: {measure: first, per_unit: 5}, PAYMENT}}
""".replace("  all:", "  pooled:")
)


@pytest.mark.key("payments.less")
def test_of_payments_for_each_cohort_what_was_paid_for_that_cohort() -> None:
    """c1 was paid 60 and c2 20; 7 for each of 8 and 10 are 56 and 70: 4 back for c1 and 50 more for c2."""
    came = "first: {c1: 12, c2: 4}, later: {c1: 8, c2: 10}"
    text = COHORTS.replace("PAYMENT", "p: {measure: later, per_unit: 7, less: a}")
    assert settle(text, came + ", pooled: 9").total("p") == pytest.approx(46)
    capped = text.replace("less: a", "less: a, cap: {per_cohort: 30}")
    assert settle(capped, came + ", pooled: 9").total("p") == pytest.approx(30 - 4)
    pooled = COHORTS.replace("PAYMENT", "p: {measure: pooled, per_unit: 12, less: a}")
    assert settle(pooled, came + ", pooled: 9").total("p") == pytest.approx(12 * 9 - 80)


@pytest.mark.key("payments.less")
def test_bounds_are_told_only_where_a_cap_makes_them_firm() -> None:
    text = deal(measures=SERIES, contract=payments(A, "p: {measure: x, per_unit: 10, at: 2022-01, less: a}"))
    assert run(text).summary()["contract"]["highest"] is None
    capped = deal(
        measures=SERIES, contract=payments(A, "p: {measure: x, per_unit: 10, at: 2022-01, less: a}", cap="70")
    )
    assert run(capped).summary()["contract"]["highest"] == 70.0
    assert run(capped).summary()["payments"]["p"]["goes_back"]


@pytest.mark.key("payments.less")
def test_the_most_of_both_is_that_of_the_larger() -> None:
    rows = "a: {measure: x, steps: [[1, 30]], at: 2021-01}", "p: {measure: x, steps: [[1, MOST]], at: 2022-01, less: a}"
    for most, whole in (("50", 50.0), ("20", 30.0)):
        text = deal(measures=SERIES, contract=payments(rows[0], rows[1].replace("MOST", most)))
        assert most_paid(scenario(text)) == whole


@pytest.mark.key("payments.less")
@pytest.mark.parametrize(
    ("more", "warning"),
    [
        (", by: other", "what goes back goes to those who pay 'final', and others pay interim"),
        (", to: other", "what goes back comes from where 'final' goes, 'other', and interim went elsewhere"),
        (", at: [2019-01, 2021-01]", "on each date all that interim paid is taken off again"),
        ("", ""),
    ],
)
def test_what_may_not_be_meant_is_warned_of(more: str, warning: str) -> None:
    text = ROCA.replace(" MORE", more).replace("provider: Charity", "provider: Charity, other: Another")
    text = text.replace("at: 2021-01, less", "less") if "at:" in more else text
    warnings = [w for w in scenario(text).warnings if "final.less" in w]
    assert len(warnings) == bool(warning)
    assert all(warning in w for w in warnings)


def test_a_simulation_and_its_settlement_agree() -> None:
    risky = COHORTS.replace("with: 10", "with: {normal: {mean: 10, sd: 4}, status: assumed}").replace(
        "reported: 2023-01}", "error: 3, reported: 2023-01}"
    )
    check_same(scenario(risky.replace("PAYMENT", "p: {measure: later, per_unit: 7, less: a}")), (3, 300))
    check_same(scenario(risky.replace("PAYMENT", "p: {measure: pooled, per_unit: 7, less: a, cap: 90}")), (3, 300))
    assert simulate(COHORTS.replace("PAYMENT", "p: {measure: later, per_unit: 7, less: a}")).total("p") == 40.0
