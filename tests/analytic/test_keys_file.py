"""What the first lines of a file do to money, each worked out by hand; and what of it is only shown."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.errors import ScenarioError
from tests.support import HEAD, LIMIT, deal, flow, moved, run, scenario, z_of_mean, z_of_variance

FEE = "{payments: {fee: {amount: 12, over: 1 year, to: provider}}}"
ONCE = "{payments: {fee: {amount: 121, at: 2022-01, to: provider}}}"


def same_money(a: str, b: str) -> bool:
    """Whether two files give the same figures to the last bit."""
    one, other = (run(text).summary() for text in (a, b))
    return bool(one["parties"] == other["parties"] and one["contract"] == other["contract"])


@pytest.mark.key("file.start", "file.step", "payments.over", "payments.amount")
@pytest.mark.parametrize(
    ("step", "each", "last"), [("month", 1, 11), ("quarter", 3, 3), ("year", 12, 0)], ids=lambda word: str(word)
)
def test_a_step_is_the_width_of_a_column(step: str, each: float, last: int) -> None:
    """12 over a year: 1 a month, 3 a quarter, or all at once; the first at `start`."""
    r = run(deal(HEAD.replace("step: year", f"step: {step}"), measures="none", contract=FEE))
    assert moved(r)["fee", "payer", "provider"] == pytest.approx(dict.fromkeys(range(last + 1), each))
    late = run(
        deal(
            HEAD.replace("step: year", f"step: {step}").replace("start: 2020-01", "start: 2019-01"),
            measures="none",
            contract=FEE.replace("over: 1 year", "at: 2020-01"),
        )
    )
    assert moved(late)["fee", "payer", "provider"] == {12 // {"month": 1, "quarter": 3, "year": 12}[step]: 12}


@pytest.mark.key("file.discount_rate", "parties.discount_rate")
@pytest.mark.parametrize(
    ("head", "worth"),
    [
        (HEAD, 121.0),
        (HEAD + "discount_rate: 10 %\n", 121 / 1.1**2),  # 100
        (HEAD.replace("payer: P", "payer: {name: P, discount_rate: 21 %}"), 121 / 1.21**2),
        (HEAD.replace("payer: P", "payer: {name: P, discount_rate: 0 %}") + "discount_rate: 10 %\n", 121.0),
    ],
)
def test_money_in_two_years_is_worth_less_today(head: str, worth: float) -> None:
    r = run(deal(head, measures="none", contract=ONCE))
    assert r.metric("payer", "net_budget_effect_pv")[0] == pytest.approx(-worth)


@pytest.mark.key("file.horizon", "benefits.per", "file.outcomes", "file.benefits")
@pytest.mark.parametrize(("horizon", "saved"), [("1 year", 50), ("2 years", 150), ("5 years", 450)])
def test_benefits_are_counted_to_the_horizon(horizon: str, saved: float) -> None:
    """One sure case, gained evenly over year one and kept: 100 a year is 50 in the first year, then 100 each."""
    text = deal(
        HEAD + f"horizon: {horizon}\n",
        outcomes="{kept: {type: event, each: cohort, better: more, over: 1 year, without: 0 %, with: 100 %,"
        " lasts: always}}",
        measures="none",
        benefits="{rent: {of: kept, kind: cashable, worth: 100, per: year}}",
    )
    assert run(text).metric("payer", "net_budget_effect_pv")[0] == pytest.approx(saved)
    assert run(text.replace("benefits: {", "# {")).metric("payer", "net_budget_effect_pv")[0] == 0


@pytest.mark.key("file.budget_year", "cap.per_year")
@pytest.mark.parametrize(("month", "paid"), [("January", 15), ("April", 10 + 15), ("August", 15 + 10)])
def test_a_year_of_the_budget_begins_in_its_month(month: str, paid: float) -> None:
    """10 each in January, April, July, October of 2020, at most 15 a budget year."""
    fee = "{payments: {fee: {amount: 40, over: 1 year, to: provider, cap: {per_year: 15}}}}"
    head = HEAD.replace("step: year", f"step: quarter\nbudget_year: {month}")
    assert sum(flow(run(deal(head, measures="none", contract=fee)), "provider")) == pytest.approx(paid)


@pytest.mark.key("file.parties", "parties.name", "file.title", "file.currency", "file.price_year")
def test_labels_are_shown_and_change_no_money() -> None:
    plain = deal(measures="none", contract=ONCE)
    named = plain.replace("payer: P", "payer: {name: The town of P}").replace(
        "step: year", "step: year\nprice_year: 1999"
    )
    named = named.replace("title: A contract", "title: Another contract").replace("SEK", "EUR")
    r = run(named)
    summary = r.summary()
    assert summary["parties"]["payer"]["name"] == "The town of P"
    assert summary["scenario"]["title"] == "Another contract to work out by hand"
    assert (summary["scenario"]["currency"], summary["scenario"]["price_year"]) == ("EUR", 1999)
    assert flow(r, "payer") == flow(run(plain), "payer") == [0, 0, -121]
    assert flow(run(deal(measures="none", contract=ONCE.replace("121", "30 MSEK"))), "payer") == [0, 0, -30e6]


@pytest.mark.key("file.sibsim")
def test_a_file_of_another_version_moves_no_money() -> None:
    with pytest.raises(ScenarioError, match="this is version 1 of the language"):
        scenario(deal(HEAD.replace("sibsim: 1", "sibsim: 2"), contract=ONCE))


@pytest.mark.key(
    "file.sources", "sources.title", "sources.publisher", "sources.year", "sources.url",
    "inputs.source", "inputs.status", "inputs.note", "inputs.value", "correlations.source", "correlations.status",
)  # fmt: skip
def test_where_figures_come_from_is_told_and_changes_no_money() -> None:
    inputs = "{a: {uniform: {low: 0, high: 12}%s}, b: {value: 5%s}, c: {normal: {mean: 3, sd: 1}}}"
    contract = "{payments: {fee: {amount: a, at: 2020-01, to: provider}, more: {amount: b, at: 2020-01, to: provider}}}"
    link = "[{between: [a, c], rank: 0.5%s}]"
    plain, evidence, source = "", ", source: S, status: published, note: as told", ", source: S, status: assumed"
    text = deal(measures="none", inputs=inputs % (plain, plain), correlations=link % plain, contract=contract)
    told = deal(
        HEAD + "sources: {S: {title: A study, publisher: An institute, year: 2019, url: https://example.org}}\n",
        measures="none",
        inputs=inputs % (evidence, evidence),
        correlations=link % source,
        contract=contract,
    )
    assert same_money(text, told)
    (shown,) = [i for i in run(told).summary()["inputs"] if i["name"] == "b"]
    assert (shown["source"], shown["status"], shown["note"]) == ("S", "published", "as told")
    about = {"title": "A study", "publisher": "An institute", "year": "2019", "url": "https://example.org"}
    assert scenario(told).sources == {"S": about}
    assert flow(run(text.replace("{value: 5}", "{value: 7}").replace("amount: a", "amount: 0")), "provider") == [7]
    for wrong in ("source: T", "status: guessed"):
        with pytest.raises(ScenarioError):
            scenario(told.replace("source: S", wrong) if "T" in wrong else told.replace("status: published", wrong))


@pytest.mark.key("file.inputs", "file.correlations", "correlations.between", "correlations.rank")
@pytest.mark.parametrize("rank", [-0.6, 0.0, 0.6])
def test_inputs_that_rise_together_spread_their_sum(rank: float) -> None:
    """Of two uniforms on 0 to 100 the correlation of values is that of ranks: variance 2 (1 + rank) 100^2 / 12."""
    uniform = "{uniform: {low: 0, high: 100}}"
    text = deal(
        measures="none",
        inputs=f"{{a: {uniform}, b: {uniform}}}",
        correlations=f"[{{between: [a, b], rank: {rank}}}]",
        contract="{payments: {one: {amount: a, at: 2020-01, to: provider},"
        " two: {amount: b, at: 2020-01, to: provider}}}",
    )
    paid = run(text, n_draws=16384, sampling="random", workers=1).metric("payer", "outcome_payments")
    assert abs(z_of_mean(paid, 100.0)) < LIMIT
    assert abs(z_of_variance(paid, 2 * (1 + rank) * 100**2 / 12)) < LIMIT


@pytest.mark.key(
    "file.measures", "file.contract", "contract.payments", "file.costs", "file.finance", "file.participants"
)
@pytest.mark.parametrize(
    ("without", "provider", "investor"),
    [
        ("", 60, 20),  # 10 people cost 6 each, paid by the loan of 60; 80 comes in, 20 more than was lent
        ("contract", 60, -60),  # nothing comes back
        ("costs", 80, 0),  # nothing is drawn, so what comes in is the provider's
        ("finance", 80 - 60, None),  # the provider pays its costs and is paid
    ],
)
def test_a_section_may_be_absent_or_none(without: str, provider: float, investor: float | None) -> None:
    sections = {
        "participants": "{size: 10}",
        "measures": "{x: {of: result, as: average}}",
        "contract": "{payments: {p: {measure: x, per_unit: 8}}}",
        "costs": "{service: {amount: 6, per: starter}}",
        "finance": "{tranches: {loan: {amount: 60}}}",
    }
    absent = {k: v for k, v in sections.items() if k != without}
    for text in (deal(**absent), deal(**(sections | ({without: "none"} if without else {})))):
        r = run(text)
        assert sum(flow(r, "provider")) == pytest.approx(provider)
        if investor is not None:
            assert sum(flow(r, "investor")) == pytest.approx(investor)
    with pytest.raises(ScenarioError, match="a cost per starter needs 'participants'"):
        scenario(deal(**{k: v for k, v in sections.items() if k != "participants"}))


@pytest.mark.key("file.options")
def test_an_option_changes_money_only_where_it_is_chosen() -> None:
    text = deal(measures="none", contract=ONCE, options="{half: {contract.payments.fee.amount: 60.5}}")
    assert (flow(run(text), "payer")[2], flow(run(text, "half"), "payer")[2]) == (-121, -60.5)


@pytest.mark.key("file.actuals", "actuals.measures", "actuals.drawn", "actuals.inputs", "actuals.events", "file.events")
def test_what_really_came_moves_no_money_in_a_run() -> None:
    """x is 10 in every future, whatever was reported: 100 is paid, and a loan of 60 draws its 60.

    The event stops all payments in 2021 in every future, so that the bonus of 2022 is never paid, whatever came.
    """
    text = deal(
        inputs="{price: 10}",
        contract="{payments: {p: {measure: x, per_unit: price}, bonus: {amount: 7, at: 2022-01}}}",
        costs="{service: {amount: 60}}",
        finance="{tranches: {loan: {amount: 60}}}",
        events="{reform: {at: 2021-01, stops: [payments]}}",
        actuals="{measures: {x: 3}, drawn: {loan: {2020-01: 20}}, inputs: {price: 1}, events: {reform: never}}",
    )
    assert flow(run(text), "payer") == [0, -100, 0]
    assert flow(run(text), "investor") == pytest.approx([-60, 100, 0])
    never = text.replace("at: 2021-01, stops", "at: 2021-01, chance: 0 %, stops")
    assert flow(run(never), "payer") == [0, -100, -7]


@pytest.mark.key("payments.per_point", "cap.total")
@pytest.mark.parametrize(("cap", "paid"), [("", 60), (", cap: 45", 45), (", cap: {total: 45}", 45), (", cap: 70", 60)])
def test_percentage_points_have_a_price_and_the_sum_a_most(cap: str, paid: float) -> None:
    """30 % is 30 points at 2 each; a cap given plainly is that of the total."""
    text = deal(
        outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0 %, with: 30 %}}",
        contract=f"{{payments: {{p: {{measure: x, per_point: 2, to: provider{cap}}}}}}}",
    )
    assert flow(run(text), "provider")[1] == pytest.approx(paid)


@pytest.mark.key("schedule.every", "schedule.from", "schedule.until", "payments.at")
@pytest.mark.parametrize(
    ("every", "columns"),
    [
        ("{every: year, from: 2020-04, until: 2022-04}", [1, 5, 9]),  # both ends included
        ("{every: 6 months, from: 2020-01, until: 2020-12}", [0, 2]),
        ("{every: quarter, from: 3 months, until: 9 months}", [1, 2, 3]),
    ],
)
def test_a_schedule_repeats(every: str, columns: list[int]) -> None:
    fee = f"{{payments: {{fee: {{amount: 7, at: {every}, to: provider}}}}}}"
    r = run(deal(HEAD.replace("step: year", "step: quarter"), measures="none", contract=fee))
    assert moved(r)["fee", "payer", "provider"] == dict.fromkeys(columns, 7)
    assert np.all(r.metric("payer", "outcome_payments") == 7 * len(columns))
