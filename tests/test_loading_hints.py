"""Messages and warnings for what a first reader of the reference wrote otherwise than meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sibsim import cli
from sibsim.errors import ScenarioError
from sibsim.loading import check, load
from sibsim.loading.scalars import explain_number
from tests.support import HEAD, deal, moved, run, scenario

PERCENT = "{result: {type: score, each: cohort, better: more, over: 1 year, without: 0 %, with: 25 %}}"


def refused(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        scenario(text)
    return str(caught.value)


def warnings(text: str) -> str:
    return "\n".join(scenario(text).warnings)


# ------------------------------------------------------------------------------------------------ numbers with words
@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("160 000 per point", "money for each point is, in a payment, per_point: 160 000"),
        (
            "20k for each case",
            "money for each case is, in a payment, per_unit: 20 k, and in a cost a key 'per' beside it",
        ),
        ("30 % of drawn", "write 30 % alone, and 'of: drawn' in the payment"),
        ("8 m and 13 % IRR", "more than one value stands here"),
        ("4.8 m per year", "more than one value stands here"),
        ("1 million kronor", "more than one value stands here"),
        ("$8.6m", "write 8.6 m alone, or with a code"),
        ("£160k", "write 160 k alone"),
        ("€1,5 m", "write 1.5 m alone"),
        ("15 50", "spaces stand only before three digits"),
        ("15 50 %", "spaces stand only before three digits"),
    ],
)
def test_a_number_and_words_around_it(written: str, says: str) -> None:
    assert says in explain_number(written)


def test_steps_with_words_and_a_cap_of_two_limits() -> None:
    pays = "{payments: {p: {measure: x, steps: [[20 %, 160 000 per point]], cap: 8 m and 13 % IRR}}}"
    found = refused(deal(outcomes=PERCENT, contract=pays))
    assert "contract.payments.p.steps.1.2" in found
    assert "per_point: 160 000" in found
    assert "several limits stand by name, e.g. {total: 8 m, irr: 13 %}" in found


# ------------------------------------------------------------------------------------------------ other roads
def test_a_payment_does_not_happen() -> None:
    pays = "{first: {measure: x, per_unit: 1}, late: {measure: x, per_unit: 1, if: {first: %s}}}"
    for word, instead in (("not happened", "'at most 0' if it has paid nothing"), ("happened", "'above 0' if it has")):
        assert instead in refused(deal(contract=f"{{payments: {pays % word}}}"))


def test_the_rest_of_a_payment_without_a_cap() -> None:
    pays = "{payments: {first: {measure: x, per_unit: 1}, rest: {measure: x, per_unit: 1, rest_of: first}}}"
    assert "write 'if: {first: at most 0}' instead" in refused(deal(contract=pays))


def test_results_that_cannot_be_added_up_are_weighed() -> None:
    outcomes = (
        "{a: {type: score, each: cohort, better: more, over: 1 year, with: 10}, "
        "b: {type: score, each: cohort, better: fewer, over: 1 year, with: 4}}"
    )
    assert "{a: 1, b: -1}" in refused(deal(outcomes=outcomes, measures="{x: {of: [a, b], as: average}}"))


@pytest.mark.key("inputs.product")
def test_an_input_that_is_another_one() -> None:
    pays = "{payments: {p: {amount: again, at: 2021-01, to: provider}}}"
    inputs = "{price: {discrete: [[3 m, 50 %], [5 m, 50 %]]}, again: price}"
    assert "write {product: [price, 100 %]}" in refused(deal(inputs=inputs, contract=pays))
    results = run(deal(inputs=inputs.replace("again: price", "again: {product: [price, 100 %]}"), contract=pays))
    assert set(results.metric("payer", "outcome_payments").tolist()) == {3e6, 5e6}  # a unit is kept


def test_who_shares_a_surplus_by_default() -> None:
    head = HEAD.replace("provider: D", "clinic: D")
    found = refused(
        deal(
            head,
            contract="{payments: {p: {measure: x, per_unit: 1, to: loan}}}",
            costs="{c: {amount: 9, to: clinic}}",
            finance="{tranches: {loan: {amount: 9}}, shortfall: payer}",
        )
    )
    assert "its default is 'provider' (loans that a payment names in 'to' do not share in it)" in found


# ------------------------------------------------------------------------------------------------ warnings
LOAN = "{tranches: {loan: {amount: 1 m, drawn: upfront}}}"
EVERY = "at: {every: year, from: %s, until: %s}"


def test_a_yearly_percent_that_begins_late() -> None:
    coupon = "amount: 5 %, of: drawn, per: year, to: loan, "
    early = f"early: {{{coupon}{EVERY % (2021, 2022)}}}"
    late = f"late: {{{coupon}{EVERY % (2024, 2025)}}}"
    file = {"costs": "{c: {amount: 1 m}}", "finance": LOAN}
    both = deal(contract=f"{{payments: {{{early}, {late}}}}}", **file)
    found = warnings(both)
    assert "contract.payments.late: 'per: year' counts from when money was drawn: in 2024-01" in found
    assert "up to 4 years at once, years for which 'early' pays too" in found
    paid = next(months for (label, _, _), months in moved(run(both)).items() if label == "late")
    assert paid == pytest.approx({4: 4 * 50e3, 5: 50e3})  # four years of 5 % of 1 m, then one
    assert "at once" not in warnings(deal(contract=f"{{payments: {{{early}}}}}", **file))
    one_date = f"late: {{{coupon}at: 2024}}"  # all interest in the end is as good a term as any
    assert "at once" not in warnings(deal(contract=f"{{payments: {{{one_date}}}}}", **file))


def test_a_weighted_sum_waits_for_every_part() -> None:
    outcomes = "{result: {type: score, each: cohort, better: more, over: 4 years, with: 10}}"
    measures = (
        "{early: {of: result, as: average, follow_up: 1 year, covers: to date, reported: [2021-01, 2022-01]}, "
        "late: {of: result, as: average, follow_up: 1 year, covers: to date, reported: [%s]}, "
        "both: {weighted: {early: 100 %%, late: 0 %%}}}"
    )
    pays = "{payments: {p: {measure: both, per_unit: 7}}}"
    text = deal(outcomes=outcomes, measures=measures % "2022-01, 2023-01", contract=pays)
    says = "measures.both: nothing is made of the reports in 2021-01: it waits for every part, also one that weighs"
    assert says in warnings(text)
    assert "'late' is first reported in 2022-01" in warnings(text)
    paid = next(months for (label, _, _), months in moved(run(text)).items() if label == "p")
    assert paid == pytest.approx({2: 70, 3: 70})  # nothing in 2021
    assert "nothing is made" not in warnings(
        deal(outcomes=outcomes, measures=measures % "2021-01, 2023-01", contract=pays)
    )


AGAIN = "the same results are paid for again"


@pytest.mark.parametrize(
    ("outcome", "as_", "terms", "is_warned"),
    [
        ("type: count, better: more, over: 3 years, with: 10", "total", "", True),
        ("type: count, better: more, over: 3 years, with: 10", "total", ", at: 2023-01", False),
        ("type: count, better: more, over: 3 years, with: 10", "total", ", cumulative: true", False),
        ("type: event, better: more, over: 3 years, with: 100 %", "total", "", False),
        ("type: score, better: more, over: 1 year, with: 5", "average", "", False),
    ],
)
def test_results_to_date_are_paid_again_only_on_several_dates(
    outcome: str, as_: str, terms: str, is_warned: bool
) -> None:
    text = deal(
        outcomes=f"{{result: {{{outcome}, each: cohort}}}}",
        measures=f"{{x: {{of: result, as: {as_}, covers: to date, reported: [2022-01, 2023-01]}}}}",
        contract=f"{{payments: {{p: {{measure: x, per_unit: 5{terms}}}}}}}",
    )
    assert (AGAIN in warnings(text)) == is_warned


@pytest.mark.parametrize(
    ("report", "terms", "is_warned", "paid"),
    [
        ("as: total", "", True, {1: 5_000, 2: 5_000}),  # 100 people with ten points each, and the same again
        ("as: total, follow_up: 1 year", "", False, {1: 5_000}),
        ("as: total", ", cumulative: true", False, {1: 5_000}),
        ("as: total", ", at: 2022-01", False, {2: 5_000}),
        ("as: average, follow_up: so far", "", False, {1: 50, 2: 50}),
    ],
)
def test_points_that_stand_in_full_at_each_report_are_paid_again(
    report: str, terms: str, is_warned: bool, paid: dict[int, float]
) -> None:
    text = deal(
        participants="{size: 100}",
        outcomes="{result: {type: score, better: more, over: 2 years, with: 10, sd: 0}}",
        measures=f"{{x: {{of: result, {report}, reported: [2021-01, 2022-01]}}}}",
        contract=f"{{payments: {{p: {{measure: x, per_unit: 5{terms}}}}}}}",
    )
    assert ("the same points are paid for again" in warnings(text)) == is_warned
    assert moved(run(text, n_draws=1024))["p", "payer", "provider"] == pytest.approx(paid)


def test_figures_of_which_nothing_is_said_are_counted() -> None:
    pays = "{payments: {p: {amount: {value: 5, status: assumed}, at: 2021-01}, q: {amount: %s, at: 2022-01}}}"
    bare = warnings(deal(contract=pays % "7"))
    assert "1 figure has no source: contract.payments.p.amount; and of 6 more nothing is said at all: " in bare
    assert "outcomes.result.over, outcomes.result.without, outcomes.result.with, contract.payments.p.at, ..." in bare
    said = warnings(deal(contract=pays % "{value: 7, status: assumed}"))
    assert "2 figures have no source: contract.payments.p.amount, contract.payments.q.amount; and of 5 more" in said


def test_a_run_says_which_option_cannot_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deal.yaml"
    text = deal(
        contract="{payments: {p: {measure: x, per_unit: 1}}}",
        options="{more: {contract.payments.p.per_unit: 2}, wrong: {contract.payments.p.per_unit: 9 apples}}",
    )
    path.write_text(text, encoding="utf-8")
    says = "option 'wrong' cannot be run: contract.payments.p.per_unit: '9 apples': more than one value stands here"
    assert not any(says in warning for warning in load(path).warnings)
    assert any(says in warning for warning in load(path, ["more"], is_whole=True).warnings)
    assert not any("'more' cannot" in warning for warning in load(path, is_whole=True).warnings)
    assert cli.main(["run", str(path), "--draws", "8192", "--format", "json", "--quiet"]) == 0
    assert says in capsys.readouterr().out


def test_a_file_named_without_its_ending_and_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pilot.yaml").write_text("sibsim: 1\n", encoding="utf-8")
    Path("made").mkdir()
    Path("made/portfolio.yaml").write_text("sibsim: 1\n", encoding="utf-8")
    Path("fund.yaml").write_text(
        "sibsim: 1\nportfolio: F\ncurrency: SEK\nstart: 2027-01\nholdings: {a: {scenario: pilot}}\n", encoding="utf-8"
    )
    for source, says in (
        ("pilot", "did you mean 'pilot.yaml'?"),
        ("made", f"is a folder; did you mean {Path('made/portfolio.yaml')}?"),
        ("fund.yaml", "is called 'pilot'; did you mean 'pilot.yaml'? A file is named with its ending"),
    ):
        with pytest.raises(ScenarioError, match=re.escape(says)):
            check(source)
