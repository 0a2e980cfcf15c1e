"""The standard ways to buy a service: what each does, worked out by hand beside the file it is made of."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sibsim.comparing import STANDARD, Futures, choices_of, run_choices
from sibsim.comparing.fund import FUND
from sibsim.comparing.run import NET
from sibsim.comparing.told import comparison
from sibsim.errors import ScenarioError
from sibsim.loading import load
from sibsim.loading.finding import shipped
from tests.mutation import small_run
from tests.support import in_turn, scenario

BUDGET = "net_budget_effect_pv"
BOND = """
sibsim: 1
title: A bond of round numbers
currency: SEK
start: 2026-01
step: year
horizon: 6 years
parties: {payer: City, investor: Lender, provider: Provider}
inputs:
  price: {uniform: {low: 900, high: 1 100}}
  good: {discrete: [[0 %, 50 %], [100 %, 50 %]]}
participants: {size: 100, duration: 2 years}
outcomes:
  job: {type: event, better: more, over: 1 year, without: 0 %, with: good, lasts: always}
measures:
  jobs: {of: job, as: total, follow_up: 1 year}
contract:
  payments:
    repaid: {measure: jobs, steps: [[otherwise, 0 %], [50, 110 %]], of: drawn, to: loan, at: 2029-01}
costs:
  service: {amount: price, per: starter, over: 2 years}
  own work: {amount: 60 000, by: provider, to: outside}
  evaluation: {amount: 5 000, at: 2028-01, by: payer, to: outside}
benefits: {saved: {of: job, kind: cashable, worth: 400, per: year}}
finance: {tranches: {loan: {amount: 120 000, drawn: upfront}}}
"""
"""Half of the futures: all 100 get a job within a year, each saving 400 a year for good; the other half: none."""
OF_TWO = BOND.replace("{payer: City,", "{payer: City, state: State,").replace(
    "to: loan, at: 2029-01}", "to: loan, at: 2029-01, by: {state: 25 %, payer: rest}}"
)


@cache
def compared(text: str, *names: str) -> Futures:
    return run_choices(choices_of([scenario(text).file], names or tuple(STANDARD)), 8192)


def figure(futures: Futures, option: str, party: str, metric: str) -> np.ndarray:
    return futures.figure([c.name for c in futures.choices].index(option), party, metric)


def drawn(futures: Futures, name: str) -> np.ndarray:
    return futures.stores[0].array(("#input", name))


# ------------------------------------------------------------------------------------------------ each
def test_no_service() -> None:
    futures = compared(BOND)
    for party in ("payer", "investor", "provider"):
        np.testing.assert_array_equal(figure(futures, "no service", party, NET), 0.0)
    np.testing.assert_array_equal(figure(futures, "no service", "payer", BUDGET), 0.0)


def test_fee_for_service() -> None:
    """100 people at the price, and the evaluation; nothing else: no lender, no repayment, the same savings."""
    futures = compared(BOND)
    price = drawn(futures, "price")
    np.testing.assert_allclose(figure(futures, "fee for service", "payer", NET), -(100 * price + 5_000))
    np.testing.assert_allclose(figure(futures, "fee for service", "provider", NET), 100 * price - 60_000)
    np.testing.assert_array_equal(figure(futures, "fee for service", "investor", NET), 0.0)
    saved = figure(futures, "as it stands", "payer", "cashable_benefit_pv")
    np.testing.assert_array_equal(figure(futures, "fee for service", "payer", "cashable_benefit_pv"), saved)
    np.testing.assert_array_equal(figure(futures, "fee for service", "payer", "outcome_payments"), 0.0)


def test_fee_for_service_of_two_payers() -> None:
    """In the shares in which they pay for results; amounts that hang on an input too."""
    futures = compared(OF_TWO, "fee for service")
    price = drawn(futures, "price")
    np.testing.assert_allclose(figure(futures, "fee for service", "state", NET), -25 * price)
    np.testing.assert_allclose(figure(futures, "fee for service", "payer", NET), -(75 * price + 5_000))
    assert str(futures.choices[1].says).startswith("State (25 %) and City (75 %) pay what the service costs")


def test_a_fixed_fee_of_one_payer_does_not_change_the_shares() -> None:
    """They share what results cost 25 to 75; that the city also pays a fixed sum does not make it half and half."""
    fixed = "payments:\n    start-up: {amount: 10 000, at: 2026-01}"
    futures = compared(OF_TWO.replace("payments:", fixed), "fee for service")
    np.testing.assert_allclose(figure(futures, "fee for service", "state", NET), -25 * drawn(futures, "price"))


def test_where_one_pays_only_a_fixed_fee_all_pay_alike() -> None:
    fixed = "by: {state: 100 %}}\n    start-up: {amount: 10 000, at: 2026-01}"
    futures = compared(OF_TWO.replace("by: {state: 25 %, payer: rest}}", fixed), "fee for service")
    np.testing.assert_allclose(figure(futures, "fee for service", "state", NET), -50 * drawn(futures, "price"))
    assert "in equal parts" in str(futures.choices[1].says)


def test_fee_for_service_where_the_provider_waits_for_its_money() -> None:
    """Without finance the costs are the provider's: the payer pays it what it pays others, and it keeps nothing."""
    text = BOND[: BOND.index("finance:")].replace("of: drawn, to: loan, ", "of: 120 000, ")
    text = text.replace("  own work: {amount: 60 000, by: provider, to: outside}\n", "")
    futures = compared(text, "fee for service")
    np.testing.assert_allclose(figure(futures, "fee for service", "provider", NET), 0.0, atol=1e-6)
    np.testing.assert_allclose(
        figure(futures, "fee for service", "payer", NET), -(100 * drawn(futures, "price") + 5_000)
    )


def test_pay_for_results_without_investors() -> None:
    """110 % of the 120,000 that lenders had promised, where all got jobs; the provider has only its own work to pay."""
    futures = compared(BOND)
    name, is_good = "pay for results without investors", drawn(futures, "good") > 0.5
    assert 0.4 < is_good.mean() < 0.6
    np.testing.assert_allclose(figure(futures, name, "provider", NET), np.where(is_good, 132_000.0, 0.0) - 60_000)
    np.testing.assert_allclose(figure(futures, name, "payer", NET), np.where(is_good, -132_000.0, 0.0) - 5_000)
    np.testing.assert_array_equal(figure(futures, name, "investor", NET), 0.0)
    assert "what they had promised" in str(futures.choices[3].says)


def test_without_investors_the_provider_bears_what_the_account_did() -> None:
    """Where the file knows only the price of the service, that is what it costs the provider."""
    text = BOND.replace("  own work: {amount: 60 000, by: provider, to: outside}\n", "")
    futures = compared(text, "pay for results without investors")
    is_good, price = drawn(futures, "good") > 0.5, drawn(futures, "price")
    np.testing.assert_allclose(
        figure(futures, "pay for results without investors", "provider", NET),
        np.where(is_good, 132_000.0, 0.0) - 100 * price,
    )


def test_social_investment_fund() -> None:
    """Jobs come evenly over a year and then stand: 20,000 saved in the first year, 40,000 in each of five after.

    Half of what 100 people cost, near 50,000, is paid in each of the first two years. By 2027 20,000 is back, by 2028
    60,000, by 2029 all of at most 110,000 but what is over 100,000, by 2030 everything. The other half: nothing ever.
    """
    futures = compared(BOND)
    option = [c.name for c in futures.choices].index("social investment fund")
    store, is_good, price = futures.stores[option], drawn(futures, "good") > 0.5, drawn(futures, "price")
    paid, back = (store.array((FUND, "payer", what)) for what in ("paid", "returned"))
    np.testing.assert_allclose(paid, 100 * price)
    np.testing.assert_allclose(back, np.where(is_good, 100 * price, 0.0))
    years = [store.array((FUND, "payer", "returned", str(y))) for y in range(2026, 2033) if True]
    in_all = np.cumsum(years, axis=0)
    np.testing.assert_allclose(in_all[1][is_good], 20_000.0)
    np.testing.assert_allclose(in_all[2][is_good], 60_000.0)
    np.testing.assert_allclose(in_all[3][is_good], np.minimum(100 * price, 100_000.0)[is_good])
    when = store.array((FUND, "payer", "when"))
    np.testing.assert_array_equal(when[is_good], np.where(price <= 1_000, 3.0, 4.0)[is_good])
    assert np.isnan(when[~is_good]).all()
    told = comparison(futures)["funds"]["social investment fund"]["payer"]
    assert told["all_returned"]["value"] == pytest.approx(is_good.mean())
    assert told["share_returned"]["value"] == pytest.approx(back.sum() / paid.sum())
    np.testing.assert_array_equal(
        figure(futures, "social investment fund", "payer", BUDGET), figure(futures, "fee for service", "payer", BUDGET)
    )
    assert list(comparison(futures)["funds"]) == ["social investment fund"]


# ------------------------------------------------------------------------------------------------ any file
ON_LOANS = (
    *("harnosand-home-care", "dc-water", "educate-girls", "mother-teresa"),
    *("nys-ceo", "peterborough", "utah-preschool"),
)
CANNOT = {
    *((name, "pay for results without investors") for name in ON_LOANS),
    *((f"sick-leave-agreement-{year}", name) for year in (2014, 2015) for name in ("fee for service", "social i")),
}
"""Caps on what lenders get back, or interest on what they put in; agreements of grants say of no service its cost."""


@pytest.mark.parametrize(("name", "standard"), in_turn([(n, s) for n in shipped() for s in STANDARD], 3))
def test_any_contract_can_be_bought_so_or_says_why_not(name: str, standard: str) -> None:
    first = load(name)
    if not first.outcomes:
        pytest.skip("it is only settled")
    if (name, standard) in CANNOT or (name, standard[:8]) in CANNOT:
        with pytest.raises(ScenarioError, match=f"'{standard}' cannot be made of this file: .*; write it as an option"):
            STANDARD[standard](first)
        return
    made = STANDARD[standard](first)
    assert made.scenario.finance is None
    assert made.says.endswith(".")
    if standard != "social investment fund" and not any(cohort.queue for cohort in first.cohorts):
        assert small_run(made.scenario)  # its books are checked


def test_an_option_of_the_file_is_taken_before_a_standard_one() -> None:
    text = BOND + "options: {no service: {costs.evaluation.amount: 0}}\n"
    choices = choices_of([scenario(text).file], ["no service"])
    assert choices[1].says is None
    assert choices[1].scenario.payments


@pytest.mark.parametrize(
    ("was", "now", "standard", "message"),
    [
        ("drawn: upfront}", "drawn: upfront, cap: {irr: 5 %}}", "no service", None),
        ("steps: [", "cap: {irr: 5 %}, steps: [", "pay for results without investors", "what lenders get back"),
        (
            "  service: {amount: price, per: starter, over: 2 years}\n  own work:",
            "  own work:",
            "fee for service",
            None,
        ),
    ],
)
def test_what_cannot_be_made_says_why(was: str, now: str, standard: str, message: str | None) -> None:
    text = BOND.replace(was, now)
    assert text != BOND
    if message is None:
        assert len(choices_of([scenario(text).file], [standard])) == 2
        return
    with pytest.raises(ScenarioError, match=message):
        choices_of([scenario(text).file], [standard])
