"""What the contract pays, payment by payment; whom a line is about; and why a figure is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.report import RENDERERS, Layout
from sibsim.report.events import event_sentence
from sibsim.report.payments import payment_table
from sibsim.results import Results
from tests.reports import keeps_to
from tests.summary_fixture import DRAWS, chance, distribution, full_summary, value
from tests.support import HEAD, deal, run

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "output.schema.json").read_text(encoding="utf-8"))
MANY = HEAD + "horizon: 6 years\n"


def text_of(results: Results) -> str:
    summary = results.summary()
    keeps_to(summary, SCHEMA)
    return RENDERERS["text"](summary, Layout())


def said(text: str) -> str:
    return " ".join(text.split())


def row_of(text: str, label: str) -> list[str]:
    return next(line for line in text.splitlines() if line.strip().startswith(label)).split()


# ------------------------------------------------------------------------------------------------ payment by payment
TWO = deal(
    MANY,
    events="{luck: {at: 2023-01, chance: 25 %}}",
    contract="{payments: {fee: {amount: 30 k, at: [2021-01, 2022-01]}, bonus: {amount: 200 k, at: luck},"
    " never: {measure: x, steps: [[11, 500 k]]}}}",
)


def test_each_payment_has_its_sum_its_chance_and_its_years() -> None:
    """Twice 30 k in every future; 200 k in a quarter of them, 50 k on average; nothing for a step out of reach."""
    results = run(TWO)
    payments = results.summary()["payments"]
    fee, bonus, never = payments["fee"], payments["bonus"], payments["never"]
    assert (fee["paid"]["mean"], fee["paid"]["p05"], fee["paid"]["p95"]) == (60_000, 60_000, 60_000)
    assert fee["by_year"] == [{"year": 2021, "mean": 30_000}, {"year": 2022, "mean": 30_000}]
    assert fee["dates"] == ["2021-01-01", "2022-01-01"]
    assert (fee["by"], fee["to"], fee["outcomes"]) == (["payer"], "provider", [])
    assert bonus["paid"]["mean"] == pytest.approx(50_000, abs=4.5 * 200_000 * np.sqrt(0.1875 / 8192))
    assert bonus["pays"]["value"] * 200_000 == pytest.approx(bonus["paid"]["mean"])
    assert [row["year"] for row in bonus["by_year"]] == [2023]
    assert (never["paid"]["mean"], never["pays"]["count"], never["by_year"]) == (0, 0, [])
    assert never["outcomes"] == ["result"]
    together = sum(one["paid"]["mean"] for one in payments.values())
    assert together == pytest.approx(results.summary()["parties"]["payer"]["metrics"]["outcome_payments"]["mean"])


def test_the_table_of_payments() -> None:
    text = text_of(run(TWO))
    assert "What the contract pays, SEK k" in text
    assert row_of(text, "fee") == ["fee", "60.0", "60.0", "60.0", "all", "of", "8,192", "2021-2022"]
    assert row_of(text, "bonus")[2:] == ["0.0", "200.0", "25", "of", "100", "2023"]
    assert row_of(text, "never") == ["never", "0.0", "0.0", "0.0", "none", "of", "8,192", "none"]
    assert max(len(line) for line in text.splitlines()) <= 80
    marked = RENDERERS["markdown"](run(TWO).summary(), Layout())
    assert "| fee | 60.0 | 60.0 | 60.0 | all of 8,192 | 2021-2022 |" in marked


def test_a_row_a_future_holds_each_payment() -> None:
    results = run(TWO)
    columns = results.per_draw()
    paid = columns["payments.fee"] + columns["payments.bonus"] + columns["payments.never"]
    assert np.allclose(paid, results.metric("payer", "outcome_payments"))


def test_one_payment_on_one_date_needs_no_table() -> None:
    assert "What the contract pays" not in text_of(run(deal(contract="{payments: {a: {amount: 5, at: 2021-01}}}")))
    assert "What the contract pays" in text_of(
        run(deal(contract="{payments: {a: {amount: 5, at: [2020-01, 2021-01]}}}"))
    )
    assert payment_table(full_summary() | {"payments": {}}, Layout()) == []


def test_money_that_comes_back_is_below_zero_and_said() -> None:
    """A result of 10 below a line that asks 4 back for each point under 12: -8, every future."""
    text = deal(
        contract="{payments: {fee: {amount: 20, at: 2020-01},"
        " back: {measure: x, line: [[otherwise, -48], [0, -48], [12, 0]], to: provider}}}"
    )
    results = run(text)
    assert results.summary()["payments"]["back"]["paid"]["mean"] == pytest.approx(-8)
    assert results.summary()["payments"]["back"]["pays"]["count"] == 0
    shown = text_of(results)
    assert "Below 0 it brings money back to those who pay." in said(shown)
    assert row_of(shown, "back")[1] == "-8.0"
    assert "Below 0" not in text_of(run(TWO))


def test_a_cap_takes_off_the_payment_that_it_cuts() -> None:
    """80 and 60 fall due on one day under 70 in all: 40 and 30."""
    payments = "a: {amount: 80, at: 2021-01}, b: {amount: 60, at: 2021-01}"
    summary = run(deal(contract=f"{{payments: {{{payments}}}, cap: {{total: 70}}}}")).summary()
    assert [summary["payments"][name]["paid"]["mean"] for name in "ab"] == pytest.approx([40, 30])


# ------------------------------------------------------------------------------------------------ the most
@pytest.mark.parametrize(
    ("head", "by", "payer", "city"),
    [
        ("", "{city: 40 %, payer: rest}", 480, 320),  # of 800 that the contract pays at most
        ("city", "{city: 40 %, payer: rest}", 800, 100),  # the rest falls on the payer, whatever passes the city's 100
        ("payer", "{city: 40 %, payer: rest}", 100, 320),
        ("", "{2020-01: {city: 40 %, payer: rest}, 2021-01: {city: 70 %, payer: rest}}", 480, 560),
        ("", "{city: share, payer: rest}", 800, 800),  # an uncertain share may be all
    ],
)
def test_the_most_that_each_payer_can_be_asked_for(head: str, by: str, payer: float, city: float) -> None:
    parties = {p: f"{{name: {p}, pays_at_most: 100}}" if p == head else p for p in ("payer", "city", "fund")}
    top = HEAD.partition("parties")[0] + f"parties: {{{', '.join(f'{k}: {v}' for k, v in parties.items())}}}\n"
    text = deal(
        top + "inputs: {share: {uniform: {low: 30 %, high: 50 %}}}\n",
        contract=f"{{payments: {{p: {{measure: x, per_unit: 50, by: {by}, to: fund}}}}, cap: {{total: 800}}}}",
    )
    parties_found = run(text).summary()["parties"]
    assert parties_found["payer"]["pays_at_most"] == pytest.approx(payer)
    assert parties_found["city"]["pays_at_most"] == pytest.approx(city)
    assert "pays_at_most" not in parties_found["fund"]


def test_a_limit_that_cannot_be_reached_passes_nothing_on() -> None:
    """Of 800 at most the city pays 40 %, 320, under its 400: the payer of the rest pays 480 and never more."""
    head = HEAD.replace("city: C", "city: {name: C, pays_at_most: 400}").replace("fund: F", "fund: F, other: O")
    by = "{city: 40 %, payer: rest}"
    text = deal(head, contract=f"{{payments: {{p: {{measure: x, per_unit: 50, by: {by}, to: other}}}}, cap: 800}}")
    parties = run(text).summary()["parties"]
    assert (parties["payer"]["pays_at_most"], parties["city"]["pays_at_most"]) == (pytest.approx(480), 320)
    tight = text.replace("pays_at_most: 400", "pays_at_most: 319")
    parties = run(tight).summary()["parties"]
    assert (parties["payer"]["pays_at_most"], parties["city"]["pays_at_most"]) == (800, 319)


def test_what_nobody_pays_leaves_room_for_others() -> None:
    """300 due three times under 500; the payer pays 100 in all. The city: 40 % of 300, then of 280, then of 168."""
    head = HEAD.replace("payer: P", "payer: {name: P, pays_at_most: 100}")
    payment = "{amount: 300, at: [2021-01, 2022-01, 2023-01], by: {city: 40 %, payer: rest}, to: fund}"
    results = run(deal(head, contract=f"{{payments: {{p: {payment}}}, cap: 500}}"))
    assert results.store.constant(("city", "outcome_payments")) == pytest.approx(120 + 112 + 67.2)  # not 40 % of 500
    assert results.summary()["parties"]["city"]["pays_at_most"] == 500


def test_payments_always_in_the_same_proportion_share_the_most() -> None:
    """Prices of 20, 5 and 75 for the same things, 1,000 at most: 200, 50 and 750; not if one counts something else."""
    prices = {"payer": 20, "city": 5, "fund": 75}
    three = ", ".join(f"{who}s part: {{measure: x, per_unit: {p}, by: {who}}}" for who, p in prices.items())
    text = deal(contract=f"{{payments: {{{three}}}, cap: 1 000}}")
    parties = run(text).summary()["parties"]
    assert [parties[who]["pays_at_most"] for who in prices] == pytest.approx([200, 50, 750])
    other = text.replace("per_unit: 75", "steps: [[5, 750]]")
    parties = run(other).summary()["parties"]
    assert [parties[who]["pays_at_most"] for who in prices] == pytest.approx([800, 200, 750])  # a fifth of the 1,000


def test_who_has_a_part_in_several_of_them_has_all_its_parts() -> None:
    """40 and 60 for the same; the city pays a quarter of the first and half of the second: 0.1 + 0.3 of 500."""
    first = "{measure: x, per_unit: 40, by: {city: 25 %, payer: rest}}"
    second = "{measure: x, per_unit: 60, by: {city: 50 %, payer: rest}}"
    parties = run(deal(contract=f"{{payments: {{a: {first}, b: {second}}}, cap: 500}}")).summary()["parties"]
    assert parties["city"]["pays_at_most"] == pytest.approx(200)
    assert parties["payer"]["pays_at_most"] == pytest.approx(300)


def test_what_each_payment_allows_bounds_its_payer() -> None:
    """The city pays half of at most 60, and all of at most 10; 40 at most, though the contract may pay 70."""
    text = deal(
        contract="{payments: {a: {measure: x, steps: [[5, 60]], by: {city: 50 %, payer: rest}, to: fund},"
        " b: {measure: x, steps: [[50, 10]], by: city, to: fund}}}"
    )
    parties = run(text).summary()["parties"]
    assert (parties["city"]["pays_at_most"], parties["payer"]["pays_at_most"]) == (40, 30)


def test_without_a_limit_none_is_said() -> None:
    text = deal(contract="{payments: {p: {measure: x, per_unit: 5}}}")
    assert run(text).summary()["parties"]["payer"]["pays_at_most"] is None
    assert "never be asked" not in text_of(run(text))


def test_a_limit_of_what_goes_both_ways_is_what_is_left() -> None:
    """10 to date after a year, at 5 each under 40: 40; what a later report takes back is not part of the most."""
    text = deal(contract="{payments: {p: {measure: x, per_unit: 5, cumulative: true, cap: {total: 40}, to: fund}}}")
    results = run(text)
    assert results.summary()["payments"]["p"]["goes_back"] is True
    assert results.summary()["parties"]["payer"]["pays_at_most"] == 40
    summary = full_summary()
    summary["payments"]["repayment"]["goes_back"] = True
    shown = said(RENDERERS["text"](summary, Layout()))
    assert "; what comes back taken off, it can never be asked for more than 33.0 m (all payments added up)." in shown
    assert "If the programme had no effect at all it would pay 24.6 m on average, what comes back taken off." in shown


def test_money_lent_and_taken_back_is_not_read_as_paid_for_the_effect() -> None:
    """5 for each of 10, and 100 lent and taken back: 150 is paid; without an effect 100, which all comes back."""
    terms = "p: {measure: x, per_unit: 5}, q: {amount: 100, at: 2020-01}, r: {amount: -100, at: 2021-01}"
    shown = said(text_of(run(deal(contract="{payments: {" + terms + "}}"))))
    assert "It pays 150 under the contract in every future." in shown
    assert "If the programme had no effect at all it would pay nothing, what comes back taken off." in shown


# ------------------------------------------------------------------------------------------------ what a line is about
CLAIMS = deal(
    MANY,
    outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: 10},"
    " attendance: {type: score, each: cohort, better: more, over: 1 year, with: 3}}",
    measures="{x: {of: result, as: average}, y: {of: attendance, as: average}}",
    contract="{payments: {a: {measure: x, per_unit: 5}, b: {measure: y, per_unit: 1}}}",
)


def test_what_is_not_given_has_a_reason() -> None:
    summary = run(CLAIMS).summary()
    assert summary["claims"] == {"effect_of": ["result"], "without_claim": ["attendance"]}
    text = said(text_of(run(CLAIMS)))
    assert "Payments if no effect: not given, as the file does not say how attendance would be without" in text
    assert "Paid per outcome: not given, as of result and attendance together there is no price of one" in text
    about = "'No effect, yet paid' and 'An effect, yet not paid': the effect on result; on attendance, which money"
    assert about in text


def test_what_is_given_needs_no_reason() -> None:
    text = said(text_of(run(deal(contract="{payments: {a: {measure: x, per_unit: 5}}}"))))
    assert "not given" not in text
    assert "yet paid':" not in text


def test_without_any_claim_the_reason_is_that() -> None:
    text = deal(
        outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, with: 10}}",
        contract="{payments: {a: {measure: x, per_unit: 5}}}",
    )
    assert "not given, as the file does not say what would happen without the programme" in said(text_of(run(text)))


def test_no_effect_is_said_of_those_outcomes_only_that_could_have_one() -> None:
    text = said(text_of(run(CLAIMS, sets=["outcomes.result.with=0"])))
    assert "The programme has no effect on result, in any future; the file does not say how attendance would" in text
    assert "luck" not in text.partition("Should")[0]


def test_everybody_else_has_no_budget() -> None:
    text = deal(
        costs="{c: {amount: 7, by: payer, to: outside}}",
        benefits="{health: {of: result, kind: societal, to: outside, worth: 3}}",
    )
    results = run(text)
    outside = results.summary()["parties"]["outside"]
    assert outside["metrics"]["societal_benefit_pv"]["mean"] == pytest.approx(30)
    assert outside["metrics"]["money_received"]["mean"] == pytest.approx(7)
    assert not {"net_budget_effect_pv", "outcome_payments", "value_at_risk_95"} & set(outside["metrics"])
    assert outside["probabilities"] == {}
    shown = text_of(results).partition("everybody else (beneficiary)")[2].partition("\n\n")[0]
    assert "budget" not in shown


def test_the_purse_names_whom_it_holds() -> None:
    """A provider that pays is no body of the purse, and is said not to be."""
    text = deal(
        contract="{payments: {a: {amount: 5, at: 2021-01}, b: {amount: 5, at: 2021-01, by: city, to: provider},"
        " c: {amount: 1, at: 2021-01, by: provider, to: fund}}}",
        costs="{service: {amount: 5, to: provider}}",
        finance="{tranches: {loan: {amount: 5}}}",
    )
    results = run(text)
    assert list(results.summary()["yearly"][0]["parties"]) == ["payer", "city"]
    named = "Taken as one here: P and C, who pay or save under this contract; not D, as a provider."
    assert named in said(text_of(results))


def test_freed_capacity_stands_beside_the_loss_in_cash() -> None:
    def shown(capacity: float, societal: float = 0.0) -> str:
        summary = full_summary()
        metrics = summary["parties"]["payer"]["metrics"]
        metrics["capacity_benefit_pv"] = distribution("SEK", capacity, abs(capacity) / 9)
        metrics["societal_benefit_pv"] = distribution("SEK", societal, abs(societal) / 9)
        return said(RENDERERS["text"](summary, Layout()))

    assert "On average it also gains 458 k in freed capacity (present value), which is not cash. It" in shown(458e3)
    assert "it also loses 3.00 k in freed capacity (present value), which is not cash." in shown(-3e3)
    both = shown(2e3, 5e3)
    assert (
        "it also gains 2.00 k in freed capacity and 5.00 k in value to society (present value), which are not" in both
    )
    assert "it also gains 2.00 k in freed capacity and loses 5.00 k in value to society" in shown(2e3, -5e3)
    assert "also gains" not in shown(0.0)


def test_starters_and_all_offered() -> None:
    """Of 400 people offered it, half start: the truth is about 200, a report on all offered about 400."""
    text = deal(
        MANY,
        participants="{size: 400, take_up: 50 %, duration: 1 year}",
        outcomes="{result: {type: score, better: more, over: 1 year, without: 0, with: 10, sd: 1}}",
        measures="{x: {of: result, as: average, people: offered}, y: {of: result, as: average}}",
    )
    results = run(text)
    assert {name: one["among"] for name, one in results.summary()["measures"].items()} == {
        "x": "offered",
        "y": "starters",
    }
    shown = text_of(results)
    assert "starters" in next(line for line in shown.splitlines() if line.startswith("What happens"))
    assert row_of(shown, "better)")[1] == "200" or "  200 " in shown
    assert "(average, of all offered it)" in said(shown)
    assert said(shown).count("of all offered it") == 1


# ------------------------------------------------------------------------------------------------ events, commitments
def test_what_no_chance_decides_is_no_matter_of_futures_seen() -> None:
    event: dict[str, Any] = {"chance": chance(DRAWS), "is_certain": True, "by_year": [{"year": 2014, "value": 1.0}]}
    assert event_sentence("reform", event, 16) == "reform: happens in every future, in 2014."
    event = {"chance": chance(0), "is_certain": True, "by_year": []}
    assert event_sentence("reform", event, 16) == "reform: happens in no future."
    event = {"chance": chance(DRAWS), "is_certain": False, "by_year": [{"year": 2014, "value": 1.0}]}
    seen = "reform: happens in all of 16,384 futures (otherwise in under 1 in 5,461), always in 2014."
    assert event_sentence("reform", event, 16) == seen


@pytest.mark.parametrize(
    ("terms", "is_certain"),
    [
        ("at: 2021-01", True),
        ("at: 2021-01, chance: 0 %", True),
        ("at: 2021-01, chance: 99 %", False),
        ("at: 2021-01, if: {x: at least 5}", False),
        ("chance_per_year: 5 %", False),
    ],
)
def test_which_events_are_certain(terms: str, is_certain: bool) -> None:
    text = deal(MANY, events=f"{{e: {{{terms}, stops: payments}}}}")
    assert run(text).summary()["events"]["e"]["is_certain"] is is_certain


def test_what_is_drawn_is_called_a_mean_where_it_is_one() -> None:
    def heading(sd: float) -> str:
        summary = full_summary()
        summary["parties"]["investor"]["metrics"]["drawn"] = distribution("SEK", 6_960_000, sd)
        return RENDERERS["text"](summary, Layout())

    assert "Skandia (investor, 6.96 m)" in heading(0.0)
    assert "Skandia (investor, 6.96 m drawn on average)" in heading(100_000.0)


def test_a_report_that_is_never_made() -> None:
    def shown(share: float) -> str:
        summary = full_summary()
        summary["measures"]["fewer cases"]["reports"][0]["no_report"] = share
        return RENDERERS["text"](summary, Layout())

    assert "no figure in any future seen" in shown(1.0)
    assert "no figure in over 99.9 % of futures" in shown(0.9999)
    assert "no figure in 12.0 % of futures" in shown(0.12)


def test_a_price_of_nothing_has_its_reason() -> None:
    summary = full_summary()
    summary["parties"]["payer"]["metrics"]["cost_per_outcome"] = value("SEK per outcome", None)
    text = said(RENDERERS["text"](summary, Layout()))
    assert "Paid per outcome: not given, as there are on average not clearly more than 0 outcomes" in text


EITHER_WAY = {
    "inputs": "{truth: {uniform: {low: -1, high: 1}}}",
    "outcomes": "{y: {type: score, each: cohort, better: more, over: 1 year, without: 0, effect: {difference: truth}}}",
    "measures": "{x: {of: y, as: average}}",
}


def test_a_payment_that_brings_back_as_much_as_it_pays_still_has_its_years() -> None:
    """1 m more or 1 m back, as likely: nothing on average, and paid in 2021 all the same."""
    text = deal(
        **EITHER_WAY,
        contract="{payments: {fee: {amount: 5 m, at: 2020-01}, either: {measure: x, "
        "steps: [[otherwise, -1 m], [0, 1 m]]}}}",
    )
    results = run(text)
    years = [row["year"] for row in results.summary()["payments"]["either"]["by_year"]]
    assert years == [2021]


def test_a_payment_at_an_event_can_be_asked_for_once() -> None:
    """An exit fee of 2 m on one of three days, and 1 m at the start: 3 m at most."""
    text = deal(
        contract="{payments: {start fee: {amount: 1 m, at: 2020-01}, exit fee: {amount: 2 m, at: exit}}}",
        events="{exit: {at: [2021-01, 2022-01, 2023-01], chance: 30 %}}",
    )
    summary = run(text).summary()
    assert summary["contract"]["highest"] == 3e6
    assert summary["parties"]["payer"]["pays_at_most"] == 3e6


def test_the_most_is_never_said_to_be_less_than_it_is() -> None:
    text = deal(**EITHER_WAY, contract="{payments: {success: {measure: x, steps: [[0, 257 400]]}}}")
    shown = " ".join(RENDERERS["text"](run(text).summary(), Layout()).split())
    assert "it can never be asked for more than 258 k" in shown
