"""Warnings of a file that can be run but should be looked at: when they come, and when they stay away."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading.maximum import most_paid
from tests.support import HEAD, deal, scenario

RELAPSE = "{relapse: {type: event, better: fewer, over: 1 year, without: 40 %, effect: {ratio: 0.9}}}"
REPORTED = "{x: {of: relapse, as: relative_improvement, comparison: {rct: 100}}}"
STEPS = "{p: {measure: x, steps: [[10 %, 4 m], [20 %, 6 m]]}}"
LOAN = "{tranches: {loan: {amount: 9 m}}}"


def warned(text: str, says: str) -> bool:
    return any(says in warning for warning in scenario(text).warnings)


def file(head: str = HEAD, **sections: str) -> str:
    base = {"participants": "{size: 50}", "outcomes": RELAPSE, "measures": REPORTED}
    return deal(head, **(base | sections))


# --------------------------------------------------------------------------------------------- the most that is paid
@pytest.mark.parametrize(
    ("payments", "most"),
    [
        (STEPS, 6e6),
        ("{p: {measure: x, line: [[otherwise, 1 m], [10 %, 1 m], [20 %, 3 m]]}}", 3e6),
        ("{p: {measure: x, per_point: 10 k}}", 100 * 10e3),  # no improvement is above 100 %
        ("{p: {measure: x, per_point: 10 k, band: [5 %, 25 %]}}", 20 * 10e3),
        ("{p: {measure: x, per_point: 10 k, cap: 0.3 m}}", 0.3e6),
        ("{p: {measure: cases, per_unit: 20 k}}", 50 * 20e3),
        ("{p: {amount: 2 m, at: [2020-01, 2021-01]}, q: {amount: 1 m, over: 2 years}}", 5e6),
        ("{p: {amount: 2 m, at: 2021-01, cap: {per_year: 1.5 m}}}", 2e6),
        ("{p: {amount: price, at: 2021-01}}", 3e6),  # the highest it can be
        ("{p: {amount: open, at: 2021-01}}", 2e6),  # no highest: its mean
        ("{p: {amount: 50 %, of: drawn, at: 2021-01}}", 4.5e6),
        ("{p: {amount: 50 %, of: 8 m, at: 2021-01}}", 4e6),
        ("{p: {amount: 1 m, at: 2021-01}, q: {measure: p, per_unit: 0.5}}", 1.5e6),
        ("{p: {amount: 1 m, at: 2021-01, index: 10 %}}", 1.1e6),
        ("{p: {amount: 1 m, at: 2021-01, cap: {multiple: 0.05}}}", 0.45e6),
    ],
)
def test_the_most_a_contract_pays(payments: str, most: float) -> None:
    text = file(
        inputs="{price: {uniform: {low: 1 m, high: 3 m}}, open: {lognormal: {mean: 2 m, sd: 1 m}}}",
        measures=REPORTED[:-1] + ", cases: {of: relapse, as: total, reported: 2021-01}}",
        contract=f"{{payments: {payments}}}",
        finance=LOAN,
    )
    assert most_paid(scenario(text)) == pytest.approx(most)


def test_money_in_another_currency_is_worth_its_highest_rate() -> None:
    head = HEAD.rstrip() + "\nexchange_rates: {EUR: {2020-01: 10, 2021-01: 11}}\n"
    steps = "{p: {measure: x, steps: [[10 %, 10 EUR], [20 %, 20 EUR]]}}"
    assert most_paid(scenario(file(head, contract=f"{{payments: {steps}}}", finance=LOAN))) == pytest.approx(220)
    capped = file(head, contract=f"{{payments: {steps}, cap: 15 EUR}}", finance=LOAN)
    assert most_paid(scenario(capped)) == pytest.approx(165)
    short = file(head, costs="{c: {amount: 30 EUR}}", finance="{tranches: {loan: {amount: 100}}}")
    assert warned(short, "the account's costs are 200 SEK above")


def test_a_cap_on_the_loans_return_limits_what_they_get_and_not_what_others_get() -> None:
    """1.2 x 100 to the loan and 500 to the provider; where receipts pay costs, those of 90 too."""
    text = file(
        contract="{payments: {p: {amount: 900, at: 2021-01}, q: {amount: 500, at: 2021-01, to: provider}},"
        " cap: {multiple: 1.2}}",
        costs="{c: {amount: 90}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    assert most_paid(scenario(text)) == pytest.approx(120 + 500)
    recycled = text.replace("{amount: 100}}", "{amount: 100}}, recycle: all")
    assert most_paid(scenario(recycled)) == pytest.approx(120 + 90 + 500)


def test_the_cap_over_all_payments_is_the_most() -> None:
    text = file(contract=f"{{payments: {STEPS}, cap: 5 m}}", finance=LOAN)
    assert most_paid(scenario(text)) == 5e6


THRESHOLD = "Sweden's threshold for procuring social services is"


@pytest.mark.parametrize(
    ("head", "contract", "says"),
    [
        (HEAD, "{payments: {p: {measure: x, steps: [[10 %, 8 m]]}}}", f"is 8 000 000 SEK; {THRESHOLD} 7 701 675 SEK"),
        (HEAD.replace("2020-01", "2018-01"), "{payments: {p: {amount: 8 m, at: 2019-01, to: provider}}}", "7 113 450"),
        (HEAD.replace("2020-01", "2026-01"), "{payments: {p: {amount: 9 m, at: 2027-01, to: provider}}}", "8 109 450"),
        (HEAD, "{payments: {p: {measure: y, per_unit: 9 k}}}", "has no limit in the file"),
    ],
)
def test_a_contract_above_the_threshold_of_public_procurement(head: str, contract: str, says: str) -> None:
    measures = REPORTED[:-1] + ", y: {of: mood, as: improvement, comparison: {rct: 100}}}"
    outcomes = RELAPSE[:-1] + ", mood: {type: score, better: more, over: 1 year, effect: {difference: 1}, sd: 5}}"
    text = file(head, measures=measures, outcomes=outcomes, contract=contract, finance=LOAN)
    assert warned(text, says)
    assert warned(text, "Whether it applies is for a lawyer to say")


@pytest.mark.parametrize(
    ("head", "contract"),
    [
        (HEAD, "{payments: {p: {measure: x, steps: [[10 %, 7.7 m]]}}}"),
        (HEAD, f"{{payments: {STEPS}, cap: 5 m}}"),
        (HEAD.replace("SEK", "EUR"), "{payments: {p: {measure: x, steps: [[10 %, 80 m]]}}}"),
        (HEAD, "none"),
    ],
)
def test_below_the_threshold_or_abroad_nothing_is_said(head: str, contract: str) -> None:
    assert not warned(file(head, contract=contract, finance=LOAN), "threshold for procuring")


# --------------------------------------------------------------------------------------------- caps, costs
def test_a_cap_over_all_below_a_step_or_a_floor() -> None:
    says, floor = "the cap is below the largest step of 'p'", "the floor is above the cap over all payments"
    context = pytest.raises(ScenarioError, match=floor)
    for cap, is_low in (("5.9 m", True), ("6 m", False), ("none", False)):
        assert warned(file(contract=f"{{payments: {STEPS}, cap: {cap}}}", finance=LOAN), says) == is_low
    for cap, is_low in (("0.9 m", True), ("1 m", False)):
        payments = "{p: {measure: x, per_point: 10 k, floor: 1 m}}"
        with context if is_low else nullcontext():
            assert not warned(file(contract=f"{{payments: {payments}, cap: {cap}}}", finance=LOAN), floor)


@pytest.mark.parametrize(("amount", "is_above"), [("6.1 m", True), ("6 m", False)])
def test_costs_above_all_that_a_provider_can_receive(amount: str, is_above: bool) -> None:
    text = file(contract=f"{{payments: {STEPS}}}", costs=f"{{team: {{amount: {amount}}}}}")
    assert warned(text, "the costs of 'provider' are 100 000 SEK above all it can receive") == is_above
    rich = text.replace("provider: D", "provider: {name: D, cash: 0.1 m}")
    assert not warned(rich, "above all it can receive")


def test_costs_above_all_that_can_be_drawn() -> None:
    says = "the account's costs are 1 000 000 SEK above all money that can be drawn"
    text = file(contract=f"{{payments: {STEPS}}}", costs="{team: {amount: 10 m}}", finance=LOAN)
    assert warned(text, says)
    assert not warned(text.replace("10 m", "9 m"), says)


@pytest.mark.parametrize(
    ("cost", "above"),
    [
        # 100 people at a mean of 95 000 are 9.5 m, and the loan is 9 m
        ("{amount: price, per: starter}", "on average 500 000"),
        # half drop out at an even hazard: 1 / (2 ln 2) = 0.7213 of it is paid, 6.852 m
        ("{amount: price, per: starter, over: 6 months}", ""),
        # months in service are as many: 100 x 6 x 0.7213 = 432.8, at 95 000 / 4 they are 10.279 m
        ("{amount: {product: [price, 25 %]}, per: person_month}", "on average 1 279"),
        ("{amount: price, per: completer}", ""),
        ("{amount: {product: [price, 200 %]}, per: completer}", "on average 500 000"),
    ],
)
def test_uncertain_costs_above_all_that_can_be_drawn(cost: str, above: str) -> None:
    text = file(
        inputs="{price: {uniform: {low: 90 k, high: 100 k}}}",
        participants="{size: 100, duration: 6 months, dropout: 50 %}",
        contract=f"{{payments: {STEPS}}}",
        costs=f"{{team: {cost}}}",
        finance=LOAN,
    )
    says = f"the account's costs are {above}" if above else "the account's costs are"
    assert warned(text, says) == bool(above)
    assert warned(text, "'provider', who is to be paid, goes without the rest (shortfall)") == bool(above)


@pytest.mark.parametrize(
    ("effect", "says"),
    [
        ("{ratio: 22 %}", "22 % on average is 78 % less of 'relapse'; if 22 % less was meant, write 78 %"),
        ("{hazard_ratio: cut}", "30 % on average is 70 % less"),
        ("{ratio: 0.22}", ""),
        ("{ratio: 60 %}", ""),
        ("{difference: -22 %}", ""),
    ],
)
def test_a_reduction_written_as_a_ratio(effect: str, says: str) -> None:
    text = file(inputs="{cut: {beta: {mean: 30 %, sd: 5 %}}}", outcomes=RELAPSE.replace("{ratio: 0.9}", effect))
    assert warned(text, "a ratio says what is left") == bool(says)
    assert not says or warned(text, says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "{cut: 0.9}",
            "{cut: 48.000}",
            "48.000 is read as 48, with a decimal point; if thousands are meant, write 48 000",
        ),
        ("{cut: 0.9}", "{cut: 48.25}", ""),
        ("{ratio: 0.9}", "{ratio: 1.100}", ""),
    ],
)
def test_three_decimals_that_may_be_thousands_are_read_as_decimals(old: str, new: str, says: str) -> None:
    """Told where it may be money; a ratio of 1.100 is none."""
    text = file(inputs="{cut: 0.9}", outcomes=RELAPSE).replace(old, new)
    assert new in text
    assert warned(text, "with a decimal point") == bool(says)
    assert not says or warned(text, says)


@pytest.mark.parametrize(
    ("measure", "pays", "cap", "is_low"),
    [
        ("x", "per_point: 150 k", "6.5", True),
        ("x", "per_point: 150 k", "6.5 m", False),
        ("cases", "per_unit: 95 k", "95 000", False),
        ("cases", "per_unit: 95 k", "94 999", True),
        ("x", "per_unit: 5 m", "4 m", False),
    ],
)
def test_a_cap_below_what_one_unit_pays(measure: str, pays: str, cap: str, is_low: bool) -> None:
    measures = REPORTED[:-1] + ", cases: {of: relapse, as: total, reported: 2021-01}}"
    contract = f"{{payments: {{p: {{measure: {measure}, {pays}}}}}, cap: {cap}}}"
    text = file(measures=measures, contract=contract, finance=LOAN)
    assert warned(text, "less than 'p' pays for one") == is_low


@pytest.mark.parametrize(("at", "is_told"), [("2024-01", False), ("2051-01", True), ("[2021-01, 2026-01]", True)])
def test_a_cost_after_the_horizon(at: str, is_told: bool) -> None:
    text = file(costs=f"{{evaluation: {{amount: 1 m, at: {at}, by: payer, to: outside}}}}")
    text = text.replace("step: year", "step: year\nhorizon: 5 years")
    assert warned(text, "costs.evaluation: falls due in 20") == is_told


@pytest.mark.parametrize(("cost", "is_told"), [("at: 2026-01", True), ("at: 2025-01", False), ("over: 6 years", False)])
def test_costs_far_ahead_without_an_index(cost: str, is_told: bool) -> None:
    text = file(costs=f"{{team: {{amount: 1 m, {cost}}}}}")
    says = "does not rise with prices (no 'index'): costs.team"
    assert warned(text, says) == is_told
    for said in ("2 %", "0 %"):  # what is said is meant
        assert not warned(text.replace("1 m,", f"1 m, index: {said},"), says)


# --------------------------------------------------------------------------------------------- inputs, effects
@pytest.mark.parametrize(("sd", "is_told"), [("3 m", True), ("2 m", False)])
def test_a_mean_that_few_futures_make(sd: str, is_told: bool) -> None:
    contract = "{payments: {p: {amount: cost, at: 2021-01, to: provider}}}"
    text = file(inputs=f"{{cost: {{lognormal: {{mean: 1 m, sd: {sd}}}}}}}", contract=contract)
    assert warned(text, "inputs.cost: its sd is 3.0 times its mean") == is_told


@pytest.mark.parametrize(
    ("better", "effect", "is_told"),
    [
        ("fewer", "{ratio: 1.1}", True),
        ("fewer", "{ratio: 0.9}", False),
        ("fewer", "{ratio: 1}", False),
        ("more", "{ratio: 0.9}", True),
        ("more", "{difference: 5 %}", False),
        ("fewer", "{difference: 5 %}", True),
        ("more", "{hazard_ratio: 0.8}", True),
    ],
)
def test_an_effect_that_harms(better: str, effect: str, is_told: bool) -> None:
    text = file(
        outcomes=f"{{relapse: {{type: event, better: {better}, over: 1 year, without: 40 %, effect: {effect}}}}}"
    )
    assert warned(text, "on average this makes things worse") == is_told


@pytest.mark.parametrize(("missing", "is_told"), [("60 %", True), ("50 %", False), ("0 %", False)])
def test_most_people_are_not_found(missing: str, is_told: bool) -> None:
    measures = REPORTED.replace("as:", f"missing: {missing}, as:")
    assert warned(file(measures=measures), "only 40 % of the people are found") == is_told


@pytest.mark.parametrize(("start", "is_told"), [("2022-01", True), ("2021-01", False)])
def test_a_condition_on_every_cohort_that_comes_too_late_for_one(start: str, is_told: bool) -> None:
    text = file(
        participants=f"{{cohorts: {{a: {{size: 20}}, b: {{size: 20, start: {start}}}}}}}",
        measures=REPORTED.replace("as:", "for_each: cohort, as:"),
        contract="{payments: {p: {amount: 1 m, at: 2022-01, if: {x: above 0 %}, to: provider}}}",
    )
    assert warned(text, "'x' is first reported for 'b' in 2023-01, after the last payment") == is_told


@pytest.mark.parametrize(
    ("benefit", "is_told"),
    [("worth: 1 k", True), ("worth: 1 k, per: year", False), ("worth: 1 k, from: 2 years", False)],
)
def test_how_long_an_event_lasts_where_no_benefit_asks(benefit: str, is_told: bool) -> None:
    outcomes = RELAPSE.replace("without", "lasts: {half_life: 2 years}, without")
    text = file(
        HEAD + "horizon: 5 years\n",
        outcomes=outcomes,
        benefits=f"{{care: {{of: relapse, kind: cashable, {benefit}}}}}",
    )
    assert warned(text, "outcomes.relapse.lasts: has no effect") == is_told


@pytest.mark.parametrize(
    ("sections", "is_told"),
    [
        ({"costs": "{team: {amount: 1 m}}"}, True),
        ({"costs": "{team: {amount: 1 k, per: starter}}"}, True),
        ({"costs": "{team: {amount: 1 k, per: starter, over: 1 year}}"}, False),
        ({"costs": "{team: {amount: 1 k, per: person_month}}"}, False),
        ({"measures": REPORTED.replace("as:", "people: completers, as:")}, False),
        ({"outcomes": RELAPSE.replace("{ratio: 0.9}", "{ratio: 0.9, among: completers}")}, False),
    ],
)
def test_drop_outs_of_whom_nothing_hangs(sections: dict[str, str], is_told: bool) -> None:
    people = "{size: 50, duration: 1 year, dropout: 20 %}"
    assert warned(file(participants=people, **sections), "participants.dropout: has no effect") == is_told
