"""Peterborough, Educate Girls, Koto, Essex, New Horizons, New York State, TyHy and others by hand."""

from __future__ import annotations

import functools
import time
from typing import Any

import pytest

from sibsim.loading import load
from sibsim.replay import figure, settled, settlement_summary
from sibsim.simulate import simulate
from tests.support import in_turn

OWN = (
    *("cambodia-sanitation", "educate-girls", "essex-mst", "kangaroo", "koto", "mother-teresa"),
    *("new-horizons", "nys-ceo", "peterborough", "roca", "skill-mill", "tyhy", "ways-to-wellness"),
)


@functools.cache
def came_to(name: str, option: str | None = None, *sets: str) -> dict[str, Any]:
    return settlement_summary(settled(load(name, [option] if option else [], list(sets))))


def at(name: str, path: str, option: str | None = None, *sets: str) -> float:
    found = figure(came_to(name, option, *sets), path)
    assert found is not None
    return found


# ------------------------------------------------------------------------------------------------ Peterborough
def test_peterborough_pays_both_cohorts_by_the_pooled_test_only() -> None:
    """8.4 % and 9.7 % are under 10 %; 9 % pooled reaches 7.5 %: 130 + 150 reconvictions avoided at 14 000."""
    rows = [(row["payment"], row["cohort"], row["amount"]) for row in came_to("peterborough")["payments"]]
    assert {payment for payment, _, _ in rows} == {"pooled success"}
    by_cohort = {c: sum(a for _, cohort, a in rows if cohort == c) for c in ("first cohort", "second cohort")}
    assert by_cohort["first cohort"] == pytest.approx(130 * 14_000)
    assert by_cohort["second cohort"] == pytest.approx(150 * 14_000)
    assert at("peterborough", "payers.lottery") == pytest.approx(0.78 * 280 * 14_000)


def test_peterborough_waits_for_nothing_of_the_cohort_that_was_cancelled() -> None:
    assert not came_to("peterborough")["open"]
    going_on = came_to("peterborough", None, "actuals.events.probation reform=never")
    assert {row["cohort"] for row in going_on["open"] if row["payment"] == "cohort success"} == {"third cohort"}
    assert figure(going_on, "payments.pooled success") == 0  # the test of two cohorts was for a third cancelled


def test_peterborough_returns_just_over_3_percent_on_what_was_drawn_year_by_year() -> None:
    """800, 833, 833 and 867 thousand in the Septembers of 2010 to 2013; 3.92 m in September 2017."""
    r = at("peterborough", "tranches.investment.irr")
    grown = sum(drawn * (1 + r) ** years for drawn, years in ((0.8, 7), (0.833, 6), (0.833, 5), (0.867, 4)))
    assert grown == pytest.approx(3.92)
    assert r == pytest.approx(0.03, abs=0.001)


@pytest.mark.parametrize(("pooled", "pays"), [("7.4999 %", 0), ("7.5 %", 3_920_000), ("0 %", 0), ("-9 %", 0)])
def test_peterborough_pays_from_exactly_the_pooled_threshold(pooled: str, pays: float) -> None:
    sets = (f"actuals.measures.pooled reduction={{2017-09: {pooled}}}", "actuals.expected=none")
    assert at("peterborough", "total_paid", None, *sets) == pytest.approx(pays)


def test_peterborough_is_capped_by_the_return() -> None:
    """Three times the convictions avoided would be 11.76 m: the cap of 8 m, and under it 13 % a year."""
    more = "actuals.measures.reconvictions avoided={first cohort: 390, second cohort: 450}"
    sets = (more, "actuals.expected=none")
    assert at("peterborough", "tranches.investment.irr", None, *sets) == pytest.approx(0.13)
    draws = ((0.8, 7), (0.833, 6), (0.833, 5), (0.867, 4))
    assert at("peterborough", "total_paid", None, *sets) == pytest.approx(1e6 * sum(d * 1.13**y for d, y in draws))


# ------------------------------------------------------------------------------------------------ Educate Girls
def test_educate_girls_the_cap_cuts_both_prices_in_proportion() -> None:
    francs = {"learning payment": 43.16 * 8_940, "enrolment payment": 910.14 * 92}
    assert sum(francs.values()) == pytest.approx(469_583.28)
    for payment, amount in francs.items():
        assert at("educate-girls", f"payments.{payment}") == pytest.approx(422_000 * amount / 469_583.28)


def test_educate_girls_a_third_of_the_return_is_the_provider_s() -> None:
    gain = 422_000 - 277_915
    assert at("educate-girls", "tranches.loan.net_gain") == pytest.approx(0.67 * gain)
    assert at("educate-girls", "parties.provider.net") == pytest.approx(277_915 + 0.33 * gain)
    irr = (422_000 / 277_915) ** (1 / 3) - 1
    assert at("educate-girls", "tranches.loan.irr", "return before the bonus") == pytest.approx(irr)
    assert irr == pytest.approx(0.1494, abs=0.0001)


@pytest.mark.parametrize("rate", ["0.95", "1.2"])
def test_educate_girls_the_cap_binds_at_any_likely_exchange_rate(rate: str) -> None:
    assert at("educate-girls", "total_paid", None, f"exchange_rates.CHF={rate}") == pytest.approx(422_000)


# ------------------------------------------------------------------------------------------------ Koto, TyHy
def test_koto_pays_half_of_what_a_person_brings_times_all_who_were_assigned() -> None:
    assert at("koto", "measures.net benefit per person") == 2_670
    assert at("koto", "payments.outcome payment") == pytest.approx(0.5 * 2_670 * 2_636)
    assert at("koto", "payments.fixed fees") == 1_500 * 1_812
    assert at("koto", "tranches.fund.net_gain") < 0


def test_koto_pays_nothing_for_a_loss_to_the_public_budget() -> None:
    sets = ("actuals.measures.tax gain=-3 000", "actuals.expected=none")
    assert at("koto", "payments.outcome payment", None, *sets) == 0


@pytest.mark.parametrize(("days", "part"), [("0", 0), ("-1", 0), ("1.05", 0.5), ("2.1", 1), ("3", 1)])
def test_tyhy_pays_in_proportion_to_the_target(days: str, part: float) -> None:
    sets = (f"actuals.measures.days fewer a year={days}", "actuals.expected=none")
    assert at("tyhy", "total_paid", None, *sets) == pytest.approx(part * 1.1**3 * 600_000)


# ------------------------------------------------------------------------------------------------ Essex, New Horizons
def test_essex_recycles_receipts_and_pays_out_what_is_left() -> None:
    """The days of 2014 to 2017 at 69 pass 7.1 m; of 5.705 m of costs 3.1 m were drawn, and receipts paid the rest."""
    days = (7_632, 27_982, 47_061, 43_245, 22_894, 3_816)
    assert sum(days) == pytest.approx((0.55 - 0.1192) * 913.125 * 388, abs=10)
    due = [69 * n for n in days]
    assert sum(due[:3]) < 7.1e6 < sum(due[:4])
    assert at("essex-mst", "payments.day saved.2017-04") == pytest.approx(7.1e6 - sum(due[:3]))
    assert at("essex-mst", "tranches.investment.drawn") == pytest.approx(3.1e6)
    assert at("essex-mst", "tranches.investment.received") == pytest.approx(7.1e6 + 3.1e6 - 5.705e6)


def test_new_horizons_the_cap_cuts_the_last_year() -> None:
    prices = (1_300, 800, 700, 2_200, 3_300, 2_000, 1_200, 2_600, 1_000)
    first = sum(p * n for p, n in zip(prices, (250, 230, 290, 130, 10, 1, 10, 100, 70), strict=True))
    second = sum(p * n for p, n in zip(prices, (280, 240, 310, 160, 15, 2, 10, 130, 90), strict=True))
    assert at("new-horizons", "payments.rate card.2013-04") == first
    assert at("new-horizons", "payments.rate card.2014-04") == second
    assert at("new-horizons", "payments.rate card.2015-04") == pytest.approx(4.5e6 - first - second)


# ------------------------------------------------------------------------------------------------ New York State
def test_new_york_state_owes_nothing_under_both_thresholds_and_leaves_the_second_phase_open() -> None:
    assert at("nys-ceo", "payers.labor") == 0
    waiting = {row.get("payment") or row.get("guarantee") for row in came_to("nys-ceo")["open"]}
    assert waiting == {"phase two days", "phase two jobs", "phase two transitional jobs", "first loss"}


def test_new_york_state_one_threshold_is_enough_for_the_transitional_jobs() -> None:
    days = ("fewer days in phase one=8 %", "days avoided in phase one=9 600", "transitional jobs in phase one=750")
    sets = (*(f"actuals.measures.{one}" for one in days), "actuals.expected=none")
    assert at("nys-ceo", "payments.phase one days", None, *sets) == 9_600 * 85
    assert at("nys-ceo", "payments.phase one jobs", None, *sets) == 0
    assert at("nys-ceo", "payments.phase one transitional jobs", None, *sets) == 750 * 3_120


# ------------------------------------------------------------------------------------------------ others
def test_cambodia_pays_one_dollar_less_than_1_600_villages() -> None:
    every = "actuals.measures.villages verified={2020-11: 500, 2021-11: 500, 2022-11: 400, 2024-02: 200}"
    assert at("cambodia-sanitation", "total_paid", None, every) == 9_999_999


def test_kangaroo_no_payer_pays_more_than_its_limit() -> None:
    sets = ("contract.cap=none", "actuals.expected=none")
    assert 0.2857 * 1_221 * 2_539 > 0.8e6
    assert at("kangaroo", "payers.nutrition", None, *sets) == pytest.approx(0.8e6)
    assert at("kangaroo", "payers.payer", None, *sets) == pytest.approx(2.0e6)
    assert at("kangaroo", "total_paid", None, *sets) == pytest.approx(2.8e6)


@pytest.mark.parametrize(
    ("rate", "pays"), [("82 %", 1_065_000), ("81.99 %", 750_000), ("75 %", 750_000), ("74.99 %", 0), ("0 %", 0)]
)
def test_mother_teresa_pays_by_two_steps(rate: str, pays: float) -> None:
    assert at("mother-teresa", "total_paid", None, f"actuals={{measures: {{graduation rate: {rate}}}}}") == pays


def test_ways_to_wellness_a_fund_pays_70_percent_in_the_start_up_phase() -> None:
    assert at("ways-to-wellness", "payments.well-being fee.2016-04") == pytest.approx(289.41 * 1_063)
    of_the_fund = 0.7 * 289.41 * 3_187 + 0.0486 * (289.41 * 5_313 + 675.29 * 8_500)
    assert at("ways-to-wellness", "payers.cabinet office") == pytest.approx(of_the_fund)
    assert at("ways-to-wellness", "payers.payer") == pytest.approx(5_200_000)  # the most that it pays


def test_roca_draws_the_published_stack_and_the_fees_are_repaid_last() -> None:
    drawn = {"senior": 9.0e6, "second": 3.0e6, "deferral": 3.76e6, "grants": 6.0e6}
    for tranche, amount in drawn.items():
        assert at("roca", f"tranches.{tranche}.drawn", "at the middle level") == pytest.approx(amount)
    assert sum(drawn.values()) == 21.76e6
    assert at("roca", "tranches.senior.irr", "at the middle level") == pytest.approx(0.05)
    low = ("roca", "tranches.deferral.received", None, "actuals={measures: {fewer days in jail: 25 %}}")
    owed = [
        at("roca", f"tranches.{t}.received", None, "actuals={measures: {fewer days in jail: 55 %}}")
        for t in ("senior", "second")
    ]
    assert at(*low) == pytest.approx(max(12.3e6 - sum(owed), 0.0))


def test_skill_mill_two_caps_bind_side_by_side() -> None:
    """What each loan received grows at its own cap to nothing more; the provider keeps what passes both."""
    years = (1, 2, 3, 4, 5)
    for tranche, lent, cap in (("higher cap", 840_000, 0.114), ("lower cap", 160_000, 0.089)):
        received = [0.0] * 5
        for entry in settled(load("skill-mill")).settlement.ledger:
            if entry.label == tranche and entry.kind in ("repayment", "surplus"):
                for column, amount in entry.amounts.items():
                    received[column // 4 - 1] += float(amount if isinstance(amount, float) else amount[0])
        worth = sum(paid / (1 + cap) ** y for paid, y in zip(received, years, strict=True))
        assert worth == pytest.approx(lent)
    paid_out = at("skill-mill", "tranches.all.received")
    assert at("skill-mill", "parties.provider.net") == pytest.approx(1e6 + 3_159_820 - paid_out)


# ------------------------------------------------------------------------------------------------ a run
@pytest.mark.parametrize("name", in_turn(OWN, 3))
def test_it_runs_at_the_default_draws_in_a_few_seconds(name: str) -> None:
    began = time.process_time()
    simulate(load(name))
    assert time.process_time() - began < 6.0  # under 3 on a quiet machine
