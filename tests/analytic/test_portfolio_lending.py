"""What a fund lends, is planned to lend and keeps receipts for, date by date; and what that is worth: by hand.

The contract of tests/portfolios/all-or-nothing.yaml costs 1 m at once and, with its option "surely", gets 1.2 m a year
later.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import load_portfolio
from sibsim.parties import MEAN
from sibsim.portfolio import PortfolioResults, simulate_portfolio
from sibsim.portfolio.contracts import planned_lending
from sibsim.scenario import Portfolio

CONTRACT = Path(__file__).parents[1] / "portfolios" / "all-or-nothing.yaml"
HEAD = "sibsim: 1\nportfolio: By hand\ncurrency: SEK\nstart: 2026-01\nstep: year\nparties: {bank: A bank, state: A}\n"
HALVES = "costs.service: {amount: 500 k, at: [2026-01, 2027-01]}, outcomes.result.over: 2 years"
"""The same costs on two days, and 1.2 m a year after the second."""
EURO = "currency: EUR, inputs.price: 96 k"


@pytest.fixture
def fund(tmp_path: Path) -> Any:
    """Makes a portfolio of holdings, each the contract with changes, in a file with more keys."""
    (tmp_path / CONTRACT.name).write_text(CONTRACT.read_text(encoding="utf-8"), encoding="utf-8")

    def made(holdings: dict[str, str], more: str = "", step: str = "year") -> Portfolio:
        lines = (f"  {name}: {{scenario: {CONTRACT.name}, option: surely{says}}}\n" for name, says in holdings.items())
        path = tmp_path / "fund.yaml"
        path.write_text(f"{HEAD.replace('year', step)}holdings:\n{''.join(lines)}{more}", encoding="utf-8")
        return load_portfolio(path)

    return made


def planned(portfolio: Portfolio) -> dict[int, float]:
    (holding,) = portfolio.holdings
    return planned_lending(portfolio.fund, holding)


def moved(results: PortfolioResults) -> dict[int, float]:
    """Mean flow of all contracts by column of the fund: what comes back less what is lent."""
    keys = [key for key in results.store.keys if key[:3] == (MEAN, "#all", "flow")]
    means = {int(key[3]): float(results.store.replicate_means(key).mean()) for key in keys}
    return {column: mean for column, mean in sorted(means.items()) if mean}


def yearly(portfolio: Portfolio, *names: str) -> dict[int, tuple[float, ...]]:
    told = simulate_portfolio(portfolio, n_draws=1).summary()
    return {row["year"]: tuple(round(row[name]["mean"]) for name in names) for row in told["yearly"]}


# ------------------------------------------------------------------------------------------------ what is planned
@pytest.mark.parametrize(
    ("holding", "lends"),
    [
        ("", {0: 1e6}),
        (", amount: 250 k, starts: 2028-01", {2: 250e3}),
        (f", changes: {{{HALVES}}}", {0: 5e5, 1: 5e5}),
        (f", changes: {{{HALVES}, finance.tranches.loan.drawn: upfront}}", {0: 1e6}),
        (f", changes: {{{HALVES}, finance.tranches.loan.drawn: {{2026-01: 800 k, 2027-01: 200 k}}}}", {0: 8e5, 1: 2e5}),
        (f", tranche: loan, amount: 350 k, changes: {{{HALVES}, finance: {{tranches: {{loan: {{amount: 700 k}},"
         " gift: {kind: grant, amount: 300 k, by: payer}}}}", {0: 1e5, 1: 2.5e5}),
        (f", tranche: other, changes: {{{HALVES}, finance: {{tranches: {{loan: {{amount: 600 k}},"
         " other: {amount: 400 k, rank: 2}}}}", {0: 2e5, 1: 2e5}),
        (", amount: 250 k, changes: {finance.tranches.loan.amount: {2026-01: 1 m, 2027-01: 400 k}}", {0: 2.5e5}),
        (f", tranche: other, changes: {{{HALVES}, finance: {{tranches: {{loan: {{amount: 600 k, drawn: upfront}},"
         " other: {amount: 400 k, rank: 2}}}}", {1: 4e5}),
    ],
    ids=["whole", "a quarter, later", "as needed", "upfront", "dated", "a gift first", "one of two loans", "less later",
         "after the other"],
)  # fmt: skip
def test_planned_lending_by_hand(fund: Any, holding: str, lends: dict[int, float]) -> None:
    """A gift of 300 k is spent first; of two loans each pays by what is undrawn. And what is planned surely moves."""
    portfolio = fund({"a": holding})
    assert planned(portfolio) == pytest.approx(lends)
    results = simulate_portfolio(portfolio, n_draws=1)
    assert {c: -m for c, m in moved(results).items() if m < 0} == pytest.approx(lends)


@pytest.mark.key("holdings.starts")
def test_months_of_a_contract_move_on_the_next_date_of_the_fund(fund: Any) -> None:
    """Costs of 100 k on the first of March and of each of five months more: 1 April, then three by 1 July, two by 1
    October; 720 k come back in March of the year after, which is 1 April."""
    costs = "costs.service: {amount: 100 k, at: {every: month, from: 2026-01, until: 2026-06}}"
    terms = f"step: month, {costs}, finance.tranches.loan.amount: 600 k, inputs.price: 720 k"
    portfolio = fund({"a": f", starts: 2026-03, changes: {{{terms}}}"}, step="quarter")
    lends = {1: 2e5, 2: 3e5, 3: 1e5}
    assert planned(portfolio) == pytest.approx(lends)
    results = simulate_portfolio(portfolio, n_draws=1)
    assert moved(results) == pytest.approx({c: -m for c, m in lends.items()} | {5: 72e4})
    told = results.summary()["holdings"]["a"]
    assert (told["starts"], told["ends"]) == ("2026-03-01", "2027-03-01")


# ------------------------------------------------------------------------------------------------ exchange rates
@pytest.mark.key("file.exchange_rates", "holdings.amount")
def test_a_rate_that_changes_counts_on_each_day(fund: Any) -> None:
    """40 k of 80 k EUR is half, whatever a euro is worth: 20 k at 10, 20 k at 12, 48 k at 12."""
    terms = f"{EURO}, {HALVES.replace('500', '40')}, finance.tranches.loan.amount: 80 k"
    portfolio = fund(
        {"a": f", amount: 40 k EUR, changes: {{{terms}}}"}, "exchange_rates: {EUR: {2026-01: 10, 2027-01: 12}}\n"
    )
    assert planned(portfolio) == pytest.approx({0: 2e5, 1: 2.4e5})
    assert moved(simulate_portfolio(portfolio, n_draws=1)) == pytest.approx({0: -2e5, 1: -2.4e5, 2: 5.76e5})


@pytest.mark.key("holdings.amount")
def test_an_amount_is_a_part_by_the_rate_of_the_day_the_contract_begins(fund: Any) -> None:
    """80 k EUR at 20 are 1.6 m, of which 1.2 m are three quarters; at 10 there is no so much."""
    terms = f"{EURO}, costs.service.amount: 80 k, finance.tranches.loan.amount: 80 k"
    rates = "exchange_rates: {EUR: {2026-01: 10, 2028-01: 20}}\n"
    later = fund({"a": f", amount: 1.2 m, starts: 2028-01, changes: {{{terms}}}"}, rates)
    assert planned(later) == pytest.approx({2: 1.2e6})
    told = simulate_portfolio(later, n_draws=1).summary()
    assert told["holdings"]["a"]["share"]["value"] == pytest.approx(0.75)
    assert moved(simulate_portfolio(later, n_draws=1)) == pytest.approx({2: -1.2e6, 3: 1.44e6})
    told = simulate_portfolio(
        fund({"a": f", amount: 60 k EUR, starts: 2028-01, changes: {{{terms}}}"}, rates)
    ).summary()
    assert [told["holdings"]["a"][of]["value"] for of in ("share", "committed")] == pytest.approx([0.75, 1.2e6])
    with pytest.raises(ScenarioError, match="1 200 000 SEK is more than the loans of the contract: 800 000 SEK"):
        fund({"a": f", amount: 1.2 m, starts: 2027-01, changes: {{{terms}}}"}, rates)


@pytest.mark.key("holdings.amount")
def test_a_loan_in_another_currency_is_what_it_comes_to_at_its_highest(fund: Any) -> None:
    """100 k EUR are 1 m at 10 and 2 m at 20: 500 k are a quarter. A rate after the last money decides nothing."""
    rates = "exchange_rates: {EUR: {2026-01: 10, 2027-01: 20, 2030-01: 90}}"
    terms = f"changes: {{{rates}, finance.tranches.loan.amount: 100 k EUR}}"
    results = simulate_portfolio(fund({"a": f", amount: 500 k, {terms}"}), n_draws=1)
    assert float(results.store.array(("#holding", "a", "share")).mean()) == pytest.approx(0.25)
    assert moved(results) == pytest.approx({0: -2.5e5, 1: 3e5})
    whole = simulate_portfolio(fund({"a": f", {terms}"}), n_draws=1)
    assert whole.summary()["funding"]["committed"]["value"] == pytest.approx(2e6)
    with pytest.raises(ScenarioError, match="2 100 000 SEK is more than the loans of the contract: 2 000 000 SEK"):
        fund({"a": f", amount: 2.1 m, {terms}"})


@pytest.mark.key("holdings.amount")
def test_nobody_holds_more_than_there_is(fund: Any) -> None:
    """900 k of a loan of 600 k to 1.4 m, of which 500 k are drawn: all of it where it is 900 k or less."""
    loan = "inputs.most: {uniform: {low: 600 k, high: 1.4 m}}, finance.tranches.loan.amount: most"
    portfolio = fund({"a": f", amount: 900 k, changes: {{{loan}, costs.service.amount: 500 k}}"})
    store = simulate_portfolio(portfolio, n_draws=1).store
    most = store.array(("#input", "a", "most"))
    assert store.array(("#holding", "a", "share")) == pytest.approx(np.minimum(9e5 / most, 1.0))
    assert store.array(("#holding", "a", "committed")) == pytest.approx(np.minimum(9e5, most))
    assert store.array(("#holding", "a", "drawn")) == pytest.approx(5e5 * np.minimum(9e5 / most, 1.0))


# ------------------------------------------------------------------------------------------------ receipts kept
BANK = "finance: {tranches: {loan: {by: bank, amount: 1 m}}, recycle: "


@pytest.mark.parametrize(
    ("starts", "recycle", "out"),
    [
        ("2027-01", "all", {2027: 2e5, 2028: 1.2e6}),  # lent again on the day: only 200 k are left
        ("2029-01", "all", {2027: 2e5, 2030: 1.2e6}),  # 1 m is kept for two years
        ("2028-01", "12 months", {2027: 2e5, 2029: 1.2e6}),  # just 12 months ahead
        ("2029-01", "12 months", {2027: 1.2e6, 2030: 1.2e6}),  # further ahead: nothing is kept, and money lacks
    ],
)
def test_receipts_are_kept_for_what_is_planned_to_be_lent(
    fund: Any, starts: str, recycle: str, out: dict[int, float]
) -> None:
    """1 m is lent in 2026 and 1.2 m come back in 2027; a second contract needs 1 m later."""
    portfolio = fund({"a": "", "b": f", starts: {starts}"}, f"{BANK}{recycle}}}\n")
    found = yearly(portfolio, "distributed", "drawn")
    assert {year: row[0] for year, row in found.items() if row[0]} == out
    assert {year: row[1] for year, row in found.items() if row[1]} == {2026: 1e6}


def test_money_that_is_still_to_be_lent_stands_for_no_principal(fund: Any) -> None:
    """2 m are drawn at once and fall due in 2030; 1 m is lent in 2026 and in 2028, and 1.2 m come back of each. In 2027
    all of it waits for the principal, since the other 1 m will be lent; 400 k are left over in 2029."""
    loan = (
        "finance: {tranches: {loan: {by: bank, amount: 2 m, drawn: upfront, matures: 2030-01}}, surplus: {state: 1}}\n"
    )
    out = yearly(fund({"a": "", "b": ", starts: 2028-01"}, loan), "distributed")
    assert {year: row[0] for year, row in out.items() if row[0]} == {2029: 4e5, 2030: 2e6}


def test_each_copy_is_kept_for(fund: Any) -> None:
    """Two copies lend 1 m together in 2029: of 1.2 m in 2027 only 200 k go out."""
    portfolio = fund({"a": "", "b": ", amount: 500 k, copies: 2, starts: 2029-01"}, f"{BANK}all}}\n")
    assert {y: row[0] for y, row in yearly(portfolio, "distributed").items() if row[0]} == {2027: 2e5, 2030: 1.2e6}


def test_nothing_is_kept_for_a_contract_that_has_ended(fund: Any) -> None:
    """Each of two copies lends 500 k in 2026, gets 1.2 m in 2027 and lends 500 k in 2029, unless it ends in 2028, as in
    half of the futures: what was kept for it goes out then. Of a third that cannot end all is kept."""
    later = "costs.service: {amount: 500 k, at: [2026-01, 2029-01]}"
    halt = "events: {halt: {at: 2028-01, chance: 50 %, stops: everything}}"
    holdings = {"a": f", copies: 2, changes: {{{later}, {halt}}}", "b": f", changes: {{{later}}}"}
    loan = "finance: {tranches: {loan: {by: bank, amount: 3 m}}, recycle: all}\n"
    store = simulate_portfolio(fund(holdings, loan), n_draws=1).store
    out, lent = (store.array(("#year", what, year)) for what, year in (("distributed", "2028"), ("lent", "2029")))
    assert set(np.unique(out)) == {0.0, 5e5, 1e6}
    assert out + lent == pytest.approx(1.5e6)
    assert 0.2 < (out == 1e6).mean() < 0.3
    assert store.array(("#year", "distributed", "2027")).mean() == pytest.approx(3.6e6 - 1.5e6)


# ------------------------------------------------------------------------------------------------ worth
def npv(portfolio: Portfolio, name: str = "a") -> Any:
    return simulate_portfolio(portfolio, n_draws=1).store.array(("#holding", name, "npv"))


def test_a_hurdle_may_be_an_input_of_the_contract(fund: Any) -> None:
    """In each future 1.2 m / (1 + its hurdle) - 1 m; an input of the fund that is called alike is another."""
    want = "inputs.want: {uniform: {low: 5 %, high: 15 %}}, finance.tranches.loan.hurdle: want"
    more = "inputs: {want: {uniform: {low: 1 k, high: 2 k}}}\ncosts: {fee: {amount: want, to: state, at: 2026-01}}\n"
    store = simulate_portfolio(fund({"a": f", changes: {{{want}}}"}, more), n_draws=1).store
    rates = store.array(("#input", "a", "want"))
    assert store.array(("#holding", "a", "npv")) == pytest.approx(1.2e6 / (1.0 + rates) - 1e6)
    assert np.ptp(rates) > 0.09
    assert store.array(("#all", "npv")) == pytest.approx(store.array(("#holding", "a", "npv")))


def test_a_hurdle_that_changes_does_so_on_the_contracts_dates(fund: Any) -> None:
    """It starts two years later, so 5 % holds until 2029 (three periods), and 10 % in the year after."""
    hurdle = "finance.tranches.loan.hurdle: {2026-01: 5 %, 2027-01: 10 %}, outcomes.result.over: 2 years"
    found = npv(fund({"a": f", starts: 2028-01, changes: {{{hurdle}}}"}))
    assert found == pytest.approx(1.2e6 / (1.05**3 * 1.1) - 1e6 / 1.05**2)


def test_each_loan_is_worth_what_its_own_hurdle_says(fund: Any) -> None:
    """720 k / 1.1 - 600 k, and 480 k / 1.2 - 400 k = 0; of two copies twice that."""
    loans = "{loan: {amount: 600 k, hurdle: 10 %}, other: {amount: 400 k, rank: 2, hurdle: 20 %}}"
    changes = f", changes: {{finance: {{tranches: {loans}}}}}"
    worth = 720e3 / 1.1 - 600e3
    assert npv(fund({"a": changes})) == pytest.approx(worth)
    assert npv(fund({"a": f"{changes}, copies: 2"})) == pytest.approx(2.0 * worth)
    assert npv(fund({"a": f"{changes}, tranche: other"})) == pytest.approx(0.0, abs=1e-6)


def test_a_rate_of_nought_is_a_rate(fund: Any) -> None:
    """1.2 m / 1.2 - 1 m = 0 at the hurdle of the loan; 200 k at the fund's own rate of 0 %."""
    hurdle = ", changes: {finance.tranches.loan.hurdle: 20 %}"
    for rate, worth in (("", 0.0), ("discount_rate: 0 %\n", 2e5), ("discount_rate: 0\n", 2e5)):
        store = simulate_portfolio(fund({"a": hurdle}, rate), n_draws=1).store
        assert store.array(("#holding", "a", "npv")) == pytest.approx(0.0, abs=1e-6)
        assert store.array(("#all", "npv")) == pytest.approx(worth, abs=1e-6)
