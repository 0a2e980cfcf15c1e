"""Every sentence is true, whatever the contract: with and without payments, savings, investors, or any effect."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sibsim.report import RENDERERS, Layout
from tests.summary_fixture import DRAWS, chance, distribution, full_summary, value, year

Summary = dict[str, Any]


def said(change: Callable[[Summary], object] | None = None) -> str:
    """The sentences of the report, on one line."""
    summary = full_summary()
    if change is not None:
        change(summary)
    text = RENDERERS["text"](summary, Layout())
    return " ".join(text.split("\n\nBy year")[0].split())


def set_metric(party: str, name: str, figure: dict[str, Any]) -> Callable[[Summary], object]:
    return lambda summary: summary["parties"][party]["metrics"].__setitem__(name, figure)


def set_chance(party: str, name: str, figure: dict[str, Any]) -> Callable[[Summary], object]:
    return lambda summary: summary["parties"][party]["probabilities"].__setitem__(name, figure)


def all_of(*changes: Callable[[Summary], object]) -> Callable[[Summary], object]:
    return lambda summary: [change(summary) for change in changes]


# ------------------------------------------------------------------------------------------------ the payer
def test_the_payers_sentences_in_full() -> None:
    text = said()
    for sentence in (
        "Should Region Stockholm sign? In 12 of 100 futures (11.4-12.6) the cash it saves or receives is worth more "
        "today than all it pays.",
        "It expects to pay 29.1 m under the contract, in at least 90 of 100 futures 25.8 m to 32.5 m; it can never be "
        "asked for more than 33.0 m (all payments added up).",
        "Its own costs are 2.00 m in every future, beside what it pays under the contract.",
        "In at least 95 of 100 futures no year costs it more than 32.5 m under the contract (2025 is the dearest).",
        "If the programme had no effect at all it would still pay 24.6 m on average.",
        "Its savings would have to be 19 times as large to break even.",
        "Undiscounted, its budget is on average still 28.2 m behind in 2027: no break-even within the period.",
    ):
        assert sentence in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            set_metric("payer", "outcome_payments", distribution("SEK", 30e6, 0.0)),
            "It pays 30.0 m under the contract in every future.",
        ),
        (
            set_metric("payer", "outcome_payments", distribution("SEK", 0.0, 0.0)),
            "It pays nothing for outcomes in any future seen.",
        ),
        (lambda s: s["parties"]["payer"].update(pays_at_most=None), "25.8 m to 32.5 m. Its"),
        (
            set_metric("payer", "largest_year", distribution("SEK", 1e6, 1e6, p95=0.0)),
            "In at least 95 of 100 futures there is no year in which it pays for outcomes.",
        ),
        (
            set_metric("payer", "payment_without_effect", value("SEK", 0.0)),
            "If the programme had no effect at all it would pay nothing.",
        ),
        (
            set_metric("payer", "payment_without_effect", value("SEK", 29_117_000.0)),
            "If the programme had no effect at all it would still pay the same 29.1 m.",
        ),
        (
            set_metric("payer", "payment_without_effect", value("SEK", 31e6)),
            "If the programme had no effect at all it would pay 31.0 m on average.",
        ),
        (
            set_metric("payer", "savings_multiple_to_break_even", value("multiple", 0.654)),
            "On average its savings are enough: 65 % of them would break even.",
        ),
        (
            set_metric("payer", "savings_multiple_to_break_even", value("multiple", 1.004)),
            "Its savings would have to be slightly larger to break even.",
        ),
        (
            set_metric("payer", "savings_multiple_to_break_even", value("multiple", 1.4)),
            "Its savings would have to be 1.4 times as large to break even.",
        ),
        (
            set_metric("payer", "savings_multiple_to_break_even", value("multiple", 123.4)),
            "Its savings would have to be 123 times as large to break even.",
        ),
        (
            set_metric("payer", "savings_multiple_to_break_even", value("multiple", -0.2)),
            "On average it receives at least what it pays, before any saving.",
        ),
        (
            set_metric("payer", "cashable_benefit_pv", distribution("SEK", -5.0, 1.0)),
            "On average it saves less than nothing: no multiple of its savings would break even.",
        ),
        (
            set_chance("payer", "net_budget_effect_positive", chance(0)),
            "In none of 16,384 futures (under 1 in 5,461) the cash it saves or receives is worth more today",
        ),
    ],
)
def test_the_payers_sentences_at_their_edges(change: Callable[[Summary], object], sentence: str) -> None:
    assert sentence in said(change)


def test_a_payer_without_cash_savings_is_not_said_to_break_even() -> None:
    no_savings = set_metric("payer", "cashable_benefit_pv", distribution("SEK", 0.0, 0.0))
    never = set_chance("payer", "net_budget_effect_positive", chance(0))
    text = said(all_of(no_savings, never))
    assert "It saves no cash under this file, and in no future is its budget better off." in text
    assert "break even" not in text
    sometimes = set_chance("payer", "net_budget_effect_positive", chance(DRAWS // 2, 0.0))
    text = said(all_of(no_savings, sometimes))
    assert "It saves no cash under this file; in 50 of 100 futures it receives more than it pays" in text


def balances(*amounts: float) -> Callable[[Summary], object]:
    rows = [year(2020 + i, 1.0, 1.0, amount) for i, amount in enumerate(amounts)]
    return lambda summary: summary.update(yearly=rows)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ((0.0, -5e6, -1e6, 2e6), "its budget breaks even in 2023 and stays so."),
        (
            (3e6, -5e6, 1e6, -2e6),
            "its budget is ahead in some years and 2.00 m behind at the end, in 2023",
        ),  # ahead in between is not enough
        ((0.0, -5e6, 0.0, 0.0), "its budget breaks even in 2022 and stays so."),
        ((0.0, 1e6, 2e6), "its budget is behind in no year."),
    ],
)
def test_break_even_is_the_year_from_which_the_balance_stays_up(path: tuple[float, ...], sentence: str) -> None:
    assert sentence in said(balances(*path))


def test_a_programme_without_effect_is_said_to_have_none() -> None:
    def change(summary: Summary) -> None:
        summary["outcomes"]["diabetes"].update(effect_is_zero=True)

    text = said(change)
    assert "The programme has no effect on any outcome of this file, in any future." in text
    assert "If the programme had no effect" not in text
    summary = full_summary()
    change(summary)
    assert "the programme has no effect on this, in any future" in RENDERERS["text"](summary, Layout())


def test_no_causal_claim_is_not_the_same_as_no_effect() -> None:
    def change(summary: Summary) -> None:
        summary["outcomes"]["diabetes"].update(is_causal=False)

    text = said(change)
    assert "no effect" not in text
    summary = full_summary()
    change(summary)
    assert "does not say what would happen without the programme" in RENDERERS["text"](summary, Layout())


# ------------------------------------------------------------------------------------------------ several payers
def two_payers(summary: Summary) -> None:
    second = copy.deepcopy(summary["parties"]["payer"]) | {"name": "The fund"}
    second["pays_at_most"] = 12e6
    second["metrics"]["cashable_benefit_pv"] = distribution("SEK", 77e6, 0.0)
    summary["parties"]["fund"] = second
    for row in summary["yearly"]:
        row["parties"]["fund"] = row["parties"]["payer"]


def test_several_payers_are_asked_one_by_one() -> None:
    text = said(two_payers)
    assert "Should Region Stockholm sign?" in text
    assert "Should The fund sign?" in text
    assert "And all payers together?" in text
    assert "it can never be asked for more than 33.0 m (all payments added up)." in text
    assert "it can never be asked for more than 12.0 m." in text
    assert "And all payers together?" not in said()


def test_a_body_that_only_saves_gains() -> None:
    def change(summary: Summary) -> None:
        metrics = {
            "cashable_benefit_pv": distribution("SEK", 3e6, 1e6),
            "capacity_benefit_pv": distribution("SEK", 2e6, 1e6),
        }
        saver = {"name": "The agency", "roles": ["beneficiary"], "metrics": metrics, "probabilities": {}}
        summary["parties"]["agency"] = saver

    text = said(change)
    assert "What does The agency gain? It gains 3.00 m in cash and 2.00 m in freed capacity on average" in text
    assert "not to be added up" in text
    assert "5.00 m" not in text


def test_a_body_that_delivers_and_saves_is_told_what_is_left() -> None:
    """It saves 3 m and spends 10 m more than it gets: to say that it gains 3 m alone would mislead."""

    def change(summary: Summary) -> None:
        metrics = {
            "cashable_benefit_pv": distribution("SEK", 3e6, 1e6),
            "net_budget_effect_pv": distribution("SEK", -7e6, 1e6),
        }
        region = {"name": "The region", "roles": ["provider", "beneficiary"], "metrics": metrics, "probabilities": {}}
        summary["parties"]["region"] = region

    text = said(change)
    assert "What does The region gain? It gains 3.00 m in cash on average (present value). With what it spends" in text
    assert "on the service, and is paid for it, it loses 7.00 m." in text


# ------------------------------------------------------------------------------------------------ those who lend
def test_the_investors_sentences_in_full() -> None:
    assert (
        "Should Skandia invest? It loses money in 55 of 100 futures (54.1-55.9), in none of them more than 23.9 % of "
        "what it put in; when it does, 2.72 m on average. Its expected return is -0.6 % a year (IRR of the expected "
        "flows); on average it gets back 0.97 times what it put in."
    ) in said()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (set_chance("investor", "loss", chance(0)), "It loses money in none of 16,384 futures (under 1 in 5,461). "),
        (
            set_chance("investor", "total_loss", chance(1638, 0.001)),
            "It loses everything in 10 of 100 futures (9.8-10.2).",
        ),
        (
            set_metric("investor", "drawn", distribution("SEK", 0.0, 0.0)),
            "Should Skandia invest? It is asked for no money in any future seen. What",
        ),
        (
            set_metric("investor", "irr_of_expected_flows", value("per year", -1.0)),
            "Its expected return is -100.0 % a year",
        ),
        (
            set_metric("investor", "irr_of_expected_flows", value("per year", None)),
            "On average it gets back 0.97 times what it put in.",
        ),
        (
            set_metric("investor", "moic", distribution("multiple", 0.8, 0.0)),
            "in none of them more than 20 % of what it put in",
        ),
    ],
)
def test_the_investors_sentences_at_their_edges(change: Callable[[Summary], object], sentence: str) -> None:
    assert sentence in said(change)


def test_without_an_investor_the_provider_is_asked() -> None:
    text = said(lambda summary: summary["parties"].pop("investor"))
    assert (
        "Should Health Integrator take it on? Its expected margin is 1.20 m; in at least 95 of 100 futures it is at "
        "least" in text
    )
    assert "invest?" not in text
    assert "What does Health Integrator risk?" in said()
    assert "It runs out of cash in 5 of 1,000 futures (4.2-6.8)." in text


def test_a_guarantee_that_is_never_called() -> None:
    assert "Its guarantee costs it 300 k on average, in at least 95 of 100 futures at most 540 k." in said()
    text = said(set_metric("state", "called", distribution("SEK", 0.0, 0.0)))
    assert "It pays nothing for its guarantee in any future seen." in text
    text = said(set_metric("state", "called", distribution("SEK", 3e4, 1e5, p95=0.0)))
    assert "Its guarantee costs it 30.0 k on average, in at least 95 of 100 futures nothing." in text


# ------------------------------------------------------------------------------------------------ almost nothing
def test_a_file_with_outcomes_only() -> None:
    def change(summary: Summary) -> None:
        summary.update(parties={}, yearly=[], drivers=[], variance_by_layer={}, measures={}, inputs=[], assumed=[])
        summary.update(warnings=[], contract={"lowest": None, "highest": None})

    text = said(change)
    assert "diabetes (event, fewer is better)" in text
    assert not any(word in text for word in ("Should", "pay ", "By year", "Inputs", "Warnings", "n/a"))


def test_the_headline_says_what_was_run() -> None:
    def change(summary: Summary) -> None:
        summary["scenario"]["option"] = "no sample counts + half the people"
        summary.update(sampling="random", draws=8192, seed=7)

    text = said(change)
    assert "Option: no sample counts + half the people" in text
    assert "8,192 futures · seed 7 · quarters, June 2020 to June 2035 · SEK, prices of 2020 · random sampling" in text


def test_one_year_is_named_only_if_it_stands_out() -> None:
    rows = [year(2020 + i, paid, 1.0, 1.0) for i, paid in enumerate((1e6, 3e6, 3e6))]
    assert "no year costs it more than 32.5 m under the contract. If" in said(lambda s: s.update(yearly=rows))
    rows = [year(2020 + i, paid, 1.0, 1.0) for i, paid in enumerate((1e6, 3e6, 2e6))]
    assert "under the contract (2021 is the dearest). If" in said(lambda s: s.update(yearly=rows))


def test_a_payment_that_hardly_varies_is_not_a_range() -> None:
    change = set_metric("payer", "outcome_payments", distribution("SEK", 33e6, 1e5, p05=33e6, p95=33e6))
    assert "It expects to pay 33.0 m under the contract, in at least 90 of 100 futures 33.0 m; it can" in said(change)
