"""Turn one screw: every future must move the way a person would expect, or not at all."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.results import Results
from tests.support import run

Change = str


def pair(name: str, *sets: Change, base: tuple[Change, ...] = ()) -> tuple[Results, Results]:
    return run(name, sets=base), run(name, sets=[*base, *sets])


def never_less(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether b is at least a in every future, and more in some."""
    slack = 1e-9 * max(1.0, float(np.nanmax(np.abs(a))))
    return bool(np.all(b >= a - slack) and np.any(b > a + slack))


def test_a_higher_tariff_is_paid_by_the_payer_and_received_by_the_investor() -> None:
    low, high = pair("rate-card", "contract.payments.tariff.per_unit=11 000")
    assert never_less(low.metric("payer", "outcome_payments"), high.metric("payer", "outcome_payments"))
    assert never_less(low.metric("investor", "moic"), high.metric("investor", "moic"))
    assert never_less(low.metric("investor", "irr"), high.metric("investor", "irr"))
    assert never_less(high.metric("payer", "net_budget_effect_pv"), low.metric("payer", "net_budget_effect_pv"))


def test_a_higher_cap_pays_no_less() -> None:
    low, high = pair("rate-card", "contract.payments.tariff.cap=1 m")
    assert never_less(low.metric("payer", "outcome_payments"), high.metric("payer", "outcome_payments"))
    assert never_less(low.metric("investor", "moic"), high.metric("investor", "moic"))


def test_more_success_pays_and_saves_no_less() -> None:
    low, high = (run("rate-card", sets=[f"inputs.success rate={p} %"]) for p in (38, 42))
    for party, metric in (("payer", "outcome_payments"), ("payer", "cashable_benefit_pv"), ("investor", "moic")):
        assert never_less(low.metric(party, metric), high.metric(party, metric))


def test_a_higher_threshold_never_pays_more() -> None:
    steps = "contract.payments.repayment.steps=[[{} %, 4.8 m], [14 %, 9.6 m]]"
    low, high = (run("step-schedule", sets=[steps.format(at), "finance.guarantees=none"]) for at in ("8.5", "9.5"))
    assert never_less(high.metric("payer", "outcome_payments"), low.metric("payer", "outcome_payments"))
    assert never_less(high.metric("investor", "received"), low.metric("investor", "received"))


def test_a_guarantee_makes_no_lender_worse_off_and_costs_what_it_gives() -> None:
    a, b = run("step-schedule", sets=["finance.guarantees=none"]), run("step-schedule")
    assert never_less(a.metric("investor", "received"), b.metric("investor", "received"))
    gain = b.metric("investor", "received") - a.metric("investor", "received")
    assert np.allclose(gain, b.metric("guarantor", "called"), atol=1e-3)


def test_a_larger_effect_saves_more() -> None:
    small, large = pair("hand-check", "outcomes.diabetes.effect={hazard_ratio: 0.7}")
    assert never_less(small.metric("payer", "cashable_benefit_pv"), large.metric("payer", "cashable_benefit_pv"))
    assert (
        large.summary()["outcomes"]["diabetes"]["effect"]["mean"]
        > small.summary()["outcomes"]["diabetes"]["effect"]["mean"]
    )


@pytest.mark.parametrize(
    "noise",
    [
        ("measures.fewer relapses.comparison={matched: 40, bias: bias}",),
        ("measures.fewer relapses.missing=60 %",),
        ("measures.fewer relapses.missing_as=failed",),
        ("measures.fewer relapses.error=20 %",),
        ("inputs.bias={normal: {mean: 20 %, sd: 30 %}}",),
        ("measures.points.error=5", "measures.by cohort.comparison={rct: 10}"),
    ],
    ids=["comparison", "missing", "failed", "error", "bias", "others"],
)
def test_how_well_the_evaluator_sees_changes_no_saving(noise: tuple[Change, ...]) -> None:
    """Benefits follow what happened; payments follow what was reported."""
    sharp, dull = pair("everything", *noise)
    for party, metric in (
        ("payer", "cashable_benefit_pv"),
        ("payer", "capacity_benefit_pv"),
        ("region", "cashable_benefit_pv"),
    ):
        assert np.array_equal(sharp.metric(party, metric), dull.metric(party, metric))
    assert not np.array_equal(sharp.metric("payer", "outcome_payments"), dull.metric("payer", "outcome_payments"))


def test_more_error_makes_payment_without_effect_likelier() -> None:
    sharp, dull = (
        run("step-schedule", sets=["inputs.effect=2 %", f"measures.bed-day reduction.error={e} %"]) for e in (3, 6)
    )
    paid = [r.metric("payer", "outcome_payments") > 0 for r in (sharp, dull)]
    assert never_less(paid[0] * 1.0, paid[1] * 1.0)


def test_without_effect_the_contract_pays_what_it_would_pay_anyway() -> None:
    """``payment_without_effect``: the same futures with the programme doing nothing."""
    base = run("rate-card")
    idle = run("rate-card", sets=["outcomes.success.with=15 %"])
    assert np.array_equal(base.metric("payer", "payment_without_effect"), idle.metric("payer", "outcome_payments"))
    figure = base.summary()["parties"]["payer"]["metrics"]["payment_without_effect"]["value"]
    assert abs(figure - 300_000) < 4.5 * 10_000 * math.sqrt(200 * 0.15 * 0.85 / base.n_draws)


def test_discounting_makes_late_money_smaller() -> None:
    plain, discounted = pair("everything", "discount_rate=8 %", base=("discount_rate=0 %",))
    assert never_less(discounted.metric("payer", "outcome_payments_pv"), plain.metric("payer", "outcome_payments_pv"))
    assert np.array_equal(plain.metric("payer", "outcome_payments"), discounted.metric("payer", "outcome_payments"))


def test_more_dropouts_cost_less() -> None:
    few, many = pair("everything", "participants.dropout=50 %")
    service = [
        sum(t.amounts.sum(axis=0) for t in r.transfers(slice(0, 512)) if t.label == "service") for r in (few, many)
    ]
    assert never_less(service[1], service[0])


def test_a_dearer_loan_takes_no_less() -> None:
    cheap, dear = pair("everything", "finance.tranches.senior.rate=8 %")
    assert never_less(cheap.metric("investor", "received", "senior"), dear.metric("investor", "received", "senior"))


def test_seniority_protects() -> None:
    # without interest: who is paid back sooner earns less of that
    base = ("finance.guarantees=none", "finance.tranches.junior.rate=0 %", "finance.tranches.senior.rate=0 %")
    junior, senior = pair("everything", "finance.tranches.junior.rank=1", base=base)
    assert never_less(junior.metric("investor", "received", "junior"), senior.metric("investor", "received", "junior"))
