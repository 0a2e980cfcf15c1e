"""Figures that hang on a whole run: chances of paying for nothing, budgets, break-even, drivers, edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal

from sibsim.metrics import quantile
from sibsim.payouts import effects_judged
from tests.support import HEAD, LIMIT, deal, flow, run, scenario


def test_paying_for_nothing_and_not_paying_for_something() -> None:
    """Effect N(10 %, 8 %), read with an error of 3 points, paid from 8.5 % on: a corner of a bivariate normal."""
    results = run("step-schedule", n_draws=65_536)
    chances = results.summary()["parties"]["payer"]["probabilities"]
    joint = multivariate_normal([0.10, 0.10], [[0.08**2, 0.08**2], [0.08**2, 0.08**2 + 0.03**2]])
    neither = joint.cdf([0.0, 0.085])  # no effect, and not read as one
    no_effect, not_read = joint.cdf([0.0, 9.0]), joint.cdf([9.0, 0.085])
    for name, truth in (("paid_without_effect", no_effect - neither), ("not_paid_despite_effect", not_read - neither)):
        assert abs(chances[name]["value"] - truth) < LIMIT * math.sqrt(truth * (1 - truth) / 65_536), name


def test_a_programme_that_does_nothing() -> None:
    sets = ["outcomes.diabetes.effect={hazard_ratio: 1}"]
    results = run("hand-check", sets=sets)
    summary = results.summary()
    assert summary["outcomes"]["diabetes"]["effect_is_zero"] is True
    assert np.all(results.store.array(("#outcome", "diabetes", "effect")) == 0.0)
    paying = {"measures": "{cases: {of: case, as: improvement, comparison: {rct: 100}}}"}
    text = deal(
        participants="{size: 50}",
        outcomes="{case: {type: event, better: fewer, over: 1 year, without: {per_year: 0.3},"
        " effect: {hazard_ratio: 1}}}",
        contract="{payments: {p: {measure: cases, per_point: 100}}}",
        **paying,
    )
    idle = run(text)
    assert np.array_equal(idle.metric("payer", "payment_without_effect"), idle.metric("payer", "outcome_payments"))
    chances = idle.summary()["parties"]["payer"]["probabilities"]
    assert chances["paid_without_effect"]["value"] == np.mean(idle.metric("payer", "outcome_payments") > 0)
    assert chances["not_paid_despite_effect"]["value"] == 0


def test_the_budget_of_the_whole_is_not_the_sum_of_the_years() -> None:
    """Two cohorts with their own luck: 95 % of the total is less than both 95 % together."""
    text = deal(
        participants="{cohorts: {c1: {size: 40}, c2: {size: 40, start: 2021-01}}}",
        outcomes="{job: {type: event, better: more, over: 1 year, with: 30 %}}",
        measures="{jobs: {of: job, as: total, follow_up: 1 year, for_each: cohort}}",
        contract="{payments: {p: {measure: jobs, per_unit: 10}}}",
    )
    results = run(text, n_draws=65_536)
    payer = results.summary()["parties"]["payer"]["metrics"]
    years = [row["payments"]["p95"] for row in results.summary()["yearly"]]
    assert years == [0, 10 * binom.ppf(0.95, 40, 0.3), 10 * binom.ppf(0.95, 40, 0.3)]
    assert payer["outcome_payments"]["p95"] == 10 * binom.ppf(0.95, 80, 0.3) < sum(years)
    assert payer["largest_year"]["p50"] == 10 * _median_of_larger(40, 0.3)
    risk = results.metric("payer", "net_budget_effect_pv")
    assert payer["value_at_risk_95"]["value"] == quantile(-risk, 0.95) == 10 * binom.ppf(0.95, 80, 0.3)


def _median_of_larger(n: int, p: float) -> int:
    k = np.arange(n + 1)
    return int(np.argmax(binom.cdf(k, n, p) ** 2 >= 0.5))


def test_a_repayment_in_percent_of_what_was_drawn_holds_the_principal() -> None:
    """80 % to 110 % of 30 m: 24 m at least, 33 m at most, never the coupon alone."""
    text = deal(
        HEAD + "inputs: {change: {normal: {mean: 12 %, sd: 15 %}}}\n",
        outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: change}}",
        contract="{payments: {p: {measure: x, of: drawn, to: bond,"
        " line: [[otherwise, 80 %], [0 %, 80 %], [30 %, 110 %]]}}}",
        costs="{c: {amount: 30 m}}",
        finance="{tranches: {bond: {amount: 30 m, drawn: upfront}}}",
    )
    results = run(text)
    paid, x = results.metric("payer", "outcome_payments"), results.store.array(("#input", "change"))
    assert (paid.min(), paid.max()) == pytest.approx((24e6, 33e6), rel=1e-12)
    assert np.allclose(paid, 30e6 * (0.8 + np.clip(x, 0, 0.3)))
    assert results.summary()["contract"] == pytest.approx({"lowest": 24e6, "highest": 33e6}, rel=1e-12)
    assert np.allclose(results.metric("investor", "irr"), paid / 30e6 - 1, atol=1e-12)


def test_the_year_of_break_even() -> None:
    years = range(2, 7)
    outcomes = ", ".join(
        f"y{k}: {{type: score, each: cohort, better: more, over: {k} years, without: 0, with: 1}}" for k in years
    )
    benefits = ", ".join(f"b{k}: {{of: y{k}, kind: cashable, worth: 40}}" for k in years)
    text = deal(
        HEAD + "horizon: 6 years\n",
        outcomes=f"{{{outcomes}}}",
        measures="none",
        contract="{payments: {p: {amount: 100, at: 2021-01}}}",
        benefits=f"{{{benefits}}}",
    )
    summary = run(text).summary()
    assert [row["balance"]["mean"] for row in summary["yearly"]] == [0, -100, -60, -20, 20, 60, 100]
    assert summary["parties"]["payer"]["metrics"]["break_even_year"]["value"] == 2024
    less = text.replace("worth: 40", "worth: 19")
    assert run(less).summary()["parties"]["payer"]["metrics"]["break_even_year"]["value"] is None


def test_what_drives_a_figure() -> None:
    text = deal(
        HEAD + "inputs: {price: {uniform: {low: 100, high: 300}}, other: {normal: {mean: 0, sd: 1}}}\n",
        contract="{payments: {p: {amount: price, at: 2022-01}}}",
        costs="{c: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    drivers = {(d["input"], d["metric"]): d["rank_correlation"] for d in run(text).summary()["drivers"]}
    assert drivers["price", "payer.net_budget_effect_pv"] == pytest.approx(-1)
    assert drivers["price", "investor.irr"] == pytest.approx(1)
    assert abs(drivers["other", "investor.irr"]) < 0.05


def test_a_loan_never_drawn_has_no_return_and_no_loss() -> None:
    text = deal(
        HEAD + "inputs: {cost: {uniform: {low: 0, high: 60}}}\n",
        contract="{payments: {p: {amount: 100, at: 2021-01}}}",
        costs="{set-up: {amount: cost}}",
        finance="{tranches: {gift: {amount: 30, kind: grant, by: fund}, loan: {amount: 100}}}",
    )
    results = run(text)
    drawn, irr = results.metric("investor", "drawn"), results.metric("investor", "irr")
    assert np.mean(drawn == 0) == pytest.approx(0.5, abs=0.01)
    assert np.array_equal(np.isnan(irr), drawn == 0)
    figure = results.summary()["parties"]["investor"]
    assert figure["metrics"]["irr"]["undefined"] == np.count_nonzero(drawn == 0)
    assert figure["probabilities"]["loss"]["value"] == 0
    assert figure["probabilities"]["total_loss"]["value"] == 0


def test_all_is_lost() -> None:
    text = deal(
        contract="{payments: {p: {measure: x, steps: [[11, 100]]}}}",
        costs="{c: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    investor = run(text).summary()["parties"]["investor"]
    assert investor["metrics"]["irr"]["mean"] == -1
    assert "undefined" not in investor["metrics"]["irr"]
    assert investor["metrics"]["moic"]["mean"] == 0
    assert [investor["probabilities"][p]["value"] for p in ("loss", "total_loss", "below_hurdle")] == [1, 1, 1]
    assert investor["metrics"]["payback_years"]["mean"] is None


def test_an_irr_that_is_not_the_only_one_is_said() -> None:
    text = deal(
        contract="{payments: {p: {amount: 230, at: 2021-01}}}",
        costs="{c: {amount: 100}, d: {amount: 132, at: 2022-01}}",
        finance="{tranches: {loan: {amount: 232}}}",
    )
    results = run(text)
    assert flow(results, "investor") == [-100, 230, -132]
    assert results.metric("investor", "irr")[0] == pytest.approx(0.10, abs=1e-9)
    assert any("unique" in warning for warning in results.summary()["warnings"])


def test_a_hurdle_is_missed_by_a_hair_or_met() -> None:
    for back, missed in ((104.9, 1), (105, 0), (105.1, 0)):
        text = deal(
            contract=f"{{payments: {{p: {{amount: {back}, at: 2021-01}}}}}}",
            costs="{c: {amount: 100}}",
            finance="{tranches: {loan: {amount: 100, hurdle: 5 %}}}",
        )
        results = run(text)
        assert results.metric("investor", "below_hurdle")[0] == missed
        assert results.metric("investor", "npv")[0] == pytest.approx(back / 1.05 - 100, abs=1e-9)


def test_a_condition_alone_is_not_judged_but_a_payment_that_has_nothing_else_is_judged_by_it() -> None:
    """Cost N(1, 10 %) of what it was, school N(0.1, 0.1): paid for a saving if school improved, by cost alone."""
    outcomes = (
        "{cost: {type: money, better: fewer, over: 1 year, without: 1 000, sd: 1, effect: {ratio: cost ratio}},"
        " school: {type: score, better: more, over: 1 year, without: 0, sd: 1, effect: {difference: gain}}}"
    )
    measures = (
        "{saving: {of: cost, as: total_improvement, comparison: {rct: 1 000 000}},"
        " better school: {of: school, as: improvement, comparison: {rct: 1 000 000}}}"
    )
    inputs = "{cost ratio: {normal: {mean: 1, sd: 0.1}}, gain: {normal: {mean: 0.1, sd: 0.1}}}"
    people = {"inputs": inputs, "participants": "{size: 1 000 000}", "outcomes": outcomes, "measures": measures}
    bonus = run(deal(contract="{payments: {p: {measure: saving, share: 1 %, if: {better school: above 0}}}}", **people))
    shown = bonus.summary()
    assert shown["claims"]["effect_of"] == ["cost"]
    saved = bonus.store.array(("#outcome", "cost", "effect")) > 0.0
    improved = bonus.store.array(("#outcome", "school", "effect")) > 0.0
    missed = shown["parties"]["payer"]["probabilities"]["not_paid_despite_effect"]["value"]
    assert missed == pytest.approx(np.mean(saved & ~improved), abs=0.01)  # readings of a million are all but exact
    gift = run(deal(contract="{payments: {p: {amount: 100, at: 2022-01, if: {better school: above 0}}}}", **people))
    assert gift.summary()["claims"]["effect_of"] == ["school"]
    assert run(deal(contract="{payments: {p: {amount: 100, at: 2022-01}}}", **people)).summary()["claims"][
        "effect_of"
    ] == [
        "cost",
        "school",
    ]


def test_what_is_reckoned_on_a_result_without_a_claim_is_judged_by_its_condition() -> None:
    """A fee for attendance, of which the file claims nothing, if school improved: judged by school, not by cost too."""
    outcomes = (
        "{attendance: {type: event, better: more, over: 1 year, with: 50 %},"
        " cost: {type: money, better: fewer, over: 1 year, without: 1 000, sd: 1, effect: {ratio: 0.9}},"
        " school: {type: score, better: more, over: 1 year, without: 0, sd: 1, effect: {difference: 1}}}"
    )
    measures = (
        "{there: {of: attendance, as: total, reported: 2021-01}, saving: {of: cost, as: total, reported: 2021-01},"
        " better school: {of: school, as: improvement, comparison: {rct: 100}}}"
    )
    contract = "{payments: {p: {measure: there, per_unit: 1, if: {better school: above 0}}}}"
    judged = scenario(deal(participants="{size: 10}", outcomes=outcomes, measures=measures, contract=contract))
    assert effects_judged(judged) == ["school"]
