"""Money in another currency: worth its rate at the date of each flow, by hand; and where it cannot stand."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file
from tests.support import HEAD, LIMIT, deal, flow, moved, run, scenario

RATES = "{CHF: 10, EUR: {2020-01: 11, 2022-01: 12}}"


def paid(contract: str, **sections: str) -> dict[int, float]:
    text = deal(contract=contract, **{"exchange_rates": RATES} | sections)
    return moved(run(text))["fee", "payer", "provider"]


@pytest.mark.key("file.exchange_rates", "file.currency")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # 10 000 at two dates: the rate is 11 until 2022, then 12
        ("amount: 10 000 EUR, at: [2021-01, 2023-01]", {1: 110_000, 3: 120_000}),
        ("amount: 10 000 CHF, at: [2021-01, 2023-01]", {1: 100_000, 3: 100_000}),
        ("amount: 5 kEUR, at: 2022-01", {2: 60_000}),
        ("amount: 10 000 SEK, at: 2021-01", {1: 10_000}),
        ("measure: x, per_unit: 43.16 CHF", {1: 4316}),  # 10 units
        ("measure: x, steps: [[5, 3 k EUR], [10, 7 k CHF]]", {1: 70_000}),
        ("amount: 50 %, of: 2 k EUR, at: [2021-01, 2022-01]", {1: 11_000, 2: 12_000}),
        ("amount: 3 000 EUR, cap: 4 000 CHF, at: [2021-01]", {1: 33_000}),
        ("amount: 5 000 EUR, cap: 4 000 CHF, at: [2021-01]", {1: 40_000}),
        ("amount: 10 EUR, floor: 20 CHF, at: 2021-01", {1: 200}),
        ("amount: {product: [2 k EUR, 50 %]}, at: [2021-01, 2022-01]", {1: 11_000, 2: 12_000}),
        ("amount: {sum: [2 k EUR, 500 EUR]}, at: 2021-01", {1: 27_500}),
        ("amount: {2020-01: 1 k EUR, 2022-01: 1 k CHF}, at: [2021-01, 2022-01]", {1: 11_000, 2: 10_000}),
        ("amount: 100 EUR, index: 10 %, at: 2022-01", {2: 100 * 12 * 1.21}),
    ],
)
def test_a_payment_in_another_currency(terms, expected):
    assert paid(f"{{payments: {{fee: {{{terms}}}}}}}") == pytest.approx(expected)


@pytest.mark.key("file.exchange_rates")
def test_an_input_in_another_currency_and_a_rate_that_is_an_input():
    """An even price of 10 to 20 EUR at 12, and an even rate of 9 to 11 on 100 CHF: both 180 and 1 000 on average."""
    text = deal(
        inputs="{price: {uniform: {low: 10 EUR, high: 20 EUR}}, franc: {uniform: {low: 9, high: 11}}}",
        exchange_rates="{EUR: 12, CHF: franc}",
        contract="{payments: {fee: {amount: price, at: 2021-01}, other: {by: city, amount: 100 CHF, at: 2021-01}}}",
    )
    results = run(text)
    fee = results.metric("payer", "outcome_payments")
    assert (fee.min() >= 120.0) & (fee.max() <= 240.0)
    assert abs(fee.mean() - 180.0) < LIMIT * 12 * 10 / np.sqrt(12 * len(fee))
    other = results.metric("city", "outcome_payments")
    assert (other.min() >= 900.0) & (other.max() <= 1100.0)
    told = {i["name"]: i["describe"] for i in results.summary()["inputs"]}
    assert told["price"] == "uniform, median 15, 95 % in 10.25 to 19.75 EUR"


@pytest.mark.key("parties.cash", "costs.amount", "tranches.amount")
def test_cash_costs_and_loans_in_another_currency():
    head = HEAD.replace("provider: D", "provider: {name: D, cash: 2 k CHF}")
    text = deal(
        head,
        exchange_rates="{CHF: {2020-01: 10, 2021-01: 20}}",
        costs="{own: {amount: 500 CHF, by: provider, to: outside, at: [2020-01, 2021-01]}, "
        "service: {amount: 30 k, at: 2020-01}}",
        finance="{tranches: {loan: {amount: 2 k CHF}, more: {by: lender, amount: 60 k}}}",
    )
    results = run(text)
    assert flow(results, "provider") == pytest.approx([30_000 - 5_000, -10_000])
    # 30 000 is drawn by what is undrawn: 2 000 CHF at 10 are 20 000, beside 60 000
    table = moved(results)
    lent = {source: column for (_, source, target), column in table.items() if target == "account"}
    assert lent == {"investor": {0: pytest.approx(7_500)}, "lender": {0: pytest.approx(22_500)}}
    # 20 000 at hand, 25 000 in, 10 000 out: the lowest balance is what it opens with
    assert results.metric("provider", "lowest_cash")[0] == pytest.approx(20_000)


@pytest.mark.key("benefits.worth")
def test_a_saving_in_another_currency():
    text = deal(
        exchange_rates="{CHF: {2020-01: 10, 2021-01: 20}}",
        benefits="{care: {of: result, kind: cashable, worth: 5 CHF}}",
    )
    # 10 points, booked at 2021
    assert run(text).metric("payer", "cashable_benefit_pv")[0] == pytest.approx(10 * 5 * 20)


FEE = "{payments: {fee: {amount: 5 k EUR, at: 2021-01}}}"
OUTCOME = "{result: {type: money, each: cohort, better: more, over: 1 year, without: 0, with: AMOUNT}}"


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        ({"contract": FEE}, "5 k EUR is money in another currency than SEK and has no exchange rate"),
        ({"contract": FEE, "exchange_rates": "{CHF: 10}"}, "add exchange_rates: {EUR: ...}"),
        ({"exchange_rates": "{EUR: 0}"}, "must be above 0"),
        ({"exchange_rates": "{EUR: 105 %}"}, "105 % is a percent"),
        ({"exchange_rates": "{EUR: 11 SEK}"}, "11 SEK is money"),
        ({"exchange_rates": "{SEK: 1}"}, "is the file's own currency"),
        ({"exchange_rates": "{euro: 11}"}, "must be a code of three capitals"),
        ({"exchange_rates": "11"}, "expected rates, e.g. {CHF: 1.038}"),
        ({"inputs": "{p: {normal: {mean: 5 EUR, sd: 1}}}"}, "is money in EUR and some is not"),
        ({"inputs": "{p: {normal: {mean: 5 EUR, sd: 1 CHF}}}"}, "write the code behind each number"),
        ({"inputs": "{p: {sum: [5 EUR, 5]}}"}, "money of one sum is in one currency"),
        ({"outcomes": OUTCOME.replace("AMOUNT", "5 EUR")}, "here it has no date to change it at; write it in SEK"),
        ({"inputs": "{p: 5 EUR}", "outcomes": OUTCOME.replace("AMOUNT", "p")}, "here it has no date to change it at"),
        ({"outcomes": OUTCOME.replace("AMOUNT", "{product: [5 EUR, 2]}")}, "here it has no date to change it at"),
        ({"discount_rate": "5 EUR"}, "5 EUR is money"),
    ],
)
def test_what_has_no_rate_or_no_date_is_refused(tmp_path, sections, says):
    path = tmp_path / "x.yaml"
    rates = {"exchange_rates": RATES} if "EUR" in str(sections) and sections.keys() != {"contract"} else {}
    path.write_text(deal(**{**rates, **sections}), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    assert any(says in p.message and p.line > 0 for p in caught.value.problems), str(caught.value)


def test_a_rate_that_nothing_uses_is_warned_of():
    found = scenario(deal(contract=FEE, exchange_rates=RATES))
    assert [w for w in found.warnings if "exchange_rates" in w] == [
        "exchange_rates.CHF: is used nowhere: no money of the file is in CHF"
    ]
