"""Whose figures hold which money, in contracts whose every krona can be followed by hand."""

from __future__ import annotations

import pytest

from tests.support import run

HEAD = """
sibsim: 1
title: Who gets what
currency: SEK
start: 2024-01
step: year
parties: {payer: City, investor: Fund, provider: Charity, state: State, other: Other}
outcomes: {x: {type: event, better: more, each: cohort, over: 1 year, without: 0 %, with: 100 %}}
measures: {m: {of: x, as: total, follow_up: 1 year}}
"""
LOAN = "finance: {tranches: {loan: {amount: 900, drawn: upfront}}%s}\n"


def metrics(text: str, party: str) -> dict[str, float]:
    found = run(HEAD + text).summary()["parties"][party]["metrics"]
    return {name: one.get("mean", one.get("value")) for name, one in found.items()}


def test_a_shortfall_that_the_lender_bears_is_part_of_its_investment() -> None:
    text = "contract: {payments: {p: {measure: m, per_unit: 1 000}}}\ncosts: {c: {amount: 1 100}}\n"
    fund = metrics(text + LOAN % ", shortfall: investor", "investor")
    assert fund["net_gain"] == pytest.approx(-100)
    assert fund["moic"] == pytest.approx(1000 / 1100)
    assert fund["irr"] == pytest.approx(1000 / 1100 - 1)
    assert fund["own_costs"] == pytest.approx(200)


def test_a_fee_for_work_is_no_return_on_the_lenders_loan() -> None:
    text = (
        "contract: {payments: {p: {measure: m, per_unit: 1 000}}}\n"
        "costs: {c: {amount: 700}, fee: {amount: 200, per: offered, to: investor}}\n"
        "participants: {size: 1, duration: 1 year}\n"
    )
    fund = metrics(text + LOAN % "", "investor")
    assert fund["moic"] == pytest.approx(1000 / 900)
    assert fund["net_gain"] == pytest.approx(100)
    assert fund["margin"] == pytest.approx(200)


def test_a_payer_that_lends_keeps_its_budget_figures() -> None:
    text = (
        "contract: {payments: {p: {measure: m, per_unit: 1 000}}}\ncosts: {c: {amount: 900}}\n"
        "finance: {tranches: {loan: {amount: 900, drawn: upfront, by: payer}}}\n"
    )
    city = metrics(text, "payer")
    assert city["net_budget_effect_pv"] == pytest.approx(-900)
    assert city["value_at_risk_95"] == pytest.approx(900)
    loan = run(HEAD + text).summary()["parties"]["payer"]["tranches"]["loan"]["metrics"]
    assert loan["net_gain"]["mean"] == pytest.approx(100)
    assert metrics(text, "public_purse")["net_budget_effect_pv"] == pytest.approx(-900)


def test_who_pays_a_cost_of_its_own_is_not_a_public_body() -> None:
    text = (
        "contract: {payments: {p: {measure: m, per_unit: 1 000}}}\n"
        "costs: {c: {amount: 900}, audit: {amount: 300, by: other, to: outside}}\n"
    )
    assert metrics(text + LOAN % "", "public_purse")["net_budget_effect_pv"] == pytest.approx(-1000)
    assert metrics(text + LOAN % "", "other") == {"own_costs": pytest.approx(300), "own_costs_pv": pytest.approx(300)}


def test_a_penalty_makes_nobody_a_provider_or_a_public_body() -> None:
    text = (
        "contract: {payments: {p: {measure: m, per_unit: 1 000},"
        " fine: {measure: m, per_unit: 50, by: provider, to: payer}}}\ncosts: {c: {amount: 900}}\n"
    )
    summary = run(HEAD + text + LOAN % "").summary()
    assert summary["parties"]["payer"]["roles"] == ["payer"]
    assert summary["parties"]["public_purse"]["metrics"]["net_budget_effect_pv"]["mean"] == pytest.approx(-950)


def test_chances_belong_to_the_payer_whose_payments_hang_on_the_result() -> None:
    text = (
        "contract: {payments: {p: {measure: m, per_unit: 1 000, cap: 600},"
        " fee: {amount: 10, at: 2024-01, by: state, to: provider},"
        " q: {measure: m, steps: [[otherwise, 5], [2, 9]], by: other}}}\ncosts: {c: {amount: 900}}\n"
    )
    parties = run(HEAD + text + LOAN % "").summary()["parties"]
    chances = {id: {k: v["value"] for k, v in party["probabilities"].items()} for id, party in parties.items()}
    assert (chances["payer"]["cap_binds"], chances["payer"]["not_paid_despite_effect"]) == (1, 0)
    assert (chances["other"]["cap_binds"], chances["other"]["not_paid_despite_effect"]) == (0, 1)
    assert "not_paid_despite_effect" not in chances["state"]
    assert chances["public_purse"]["not_paid_despite_effect"] == 0


def test_uncertain_shares_never_pay_more_than_is_owed() -> None:
    text = (
        "inputs: {part: {normal: {mean: 50 %, sd: 4 %}}}\n"
        "contract: {payments: {p: {measure: m, per_unit: 1 000, by: {state: part, other: 40 %, payer: rest}}}}\n"
        "costs: {c: {amount: 900}}\n"
    )
    results = run(HEAD + text + LOAN % "")
    paid = sum(results.metric(party, "outcome_payments") for party in ("payer", "state", "other"))
    assert paid == pytest.approx(1000.0, rel=1e-12)
    assert results.metric("payer", "outcome_payments").min() >= 0


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("", 126.0),
        (", late: {amount: 1, at: 2026-01, by: state, to: other}", 126.0),
        (", late: {amount: 10, at: 2026-01}", 136.0),
    ],
)
def test_unspent_capital_counts_under_a_cap_on_the_multiple(later: str, expected: float) -> None:
    """130 lent, 100 spent, 1.2 x 130 = 156 to come back: the 30 that no cost needs comes back by itself."""
    text = (
        "contract: {payments: {p: {measure: m, per_unit: 200, cap: {multiple: 1.2}}}}\n"
        f"costs: {{c: {{amount: 100}}{later}}}\nfinance: {{tranches: {{loan: {{amount: 130, drawn: upfront}}}}}}\n"
    )
    assert metrics(text, "payer")["outcome_payments"] == pytest.approx(expected)
    assert metrics(text, "investor")["moic"] == pytest.approx(1.2)


def test_what_a_payer_gets_back_is_shown_by_year_and_in_all() -> None:
    text = (
        "contract: {payments: {p: {measure: m, per_unit: 1 000, to: loan}}}\ncosts: {c: {amount: 700}}\n"
        "finance: {tranches: {loan: {amount: 900, drawn: upfront}}, surplus: {payer: 100 %}}\n"
    )
    summary = run(HEAD + text).summary()
    city = summary["parties"]["payer"]["metrics"]
    assert city["money_received"]["mean"] == pytest.approx(200)
    assert city["net_budget_effect_pv"]["mean"] == pytest.approx(-800)
    assert {row["year"]: row["received"]["mean"] for row in summary["yearly"]} == {2024: 0, 2025: pytest.approx(200)}
