"""The audit ledger tells the same story as the figures; plain and quasi-random futures agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.rates import irr
from tests.support import LIMIT, books, check_books, run


@pytest.mark.parametrize("draws", [slice(0, 1), slice(1023, 1025), slice(5000, 5040), slice(8191, 8192)])
def test_chosen_draws_are_recomputed_as_they_were(draws: slice) -> None:
    results = run("everything")
    check_books(results, draws)
    net = books(results, draws)
    years = np.arange(net["investor"].shape[0]) / 4
    assert np.allclose(irr(net["investor"], years), results.metric("investor", "irr")[draws], atol=1e-9)
    assert np.allclose(net["provider"].sum(axis=0), results.metric("provider", "margin")[draws])
    lowest = np.minimum(200_000 + np.cumsum(net["provider"], axis=0).min(axis=0), 200_000)
    assert np.allclose(lowest, results.metric("provider", "lowest_cash")[draws])
    called = sum(t.amounts.sum(axis=0) for t in results.transfers(draws) if t.kind == "guarantee")
    assert np.allclose(called, results.metric("guarantor", "called")[draws])


def test_caps_bind_in_some_futures_and_hold_in_all() -> None:
    """3 m in all and 2.2 m in a budget year, added up from the ledger."""
    results = run("everything")
    every = slice(0, 4096)
    paid = sum(t.amounts for t in results.transfers(every) if t.kind == "payment")
    assert paid.sum(axis=0).max() <= 3e6 + 1e-3
    year = (np.arange(paid.shape[0]) - 1) // 4  # from April
    by_year = np.array([paid[year == y].sum(axis=0) for y in np.unique(year)])
    assert by_year.max() <= 2.2e6 + 1e-3
    assert 0 < results.store.array(("#contract", "cap_binds")).mean() < 1


def test_plain_random_futures_give_the_same_answer_less_sharply() -> None:
    lattice = run("everything", n_draws=16_384)
    plain = run("everything", n_draws=16_384, sampling="random")
    for party, metric in (("payer", "net_budget_effect_pv"), ("investor", "moic"), ("payer", "cashable_benefit_pv")):
        a, b = (r.summary()["parties"][party]["metrics"][metric] for r in (lattice, plain))
        assert abs(a["mean"] - b["mean"]) < LIMIT * math.hypot(a["mc_error"], b["mc_error"]), metric
        assert b["mc_error"] == pytest.approx(b["sd"] / math.sqrt(16_384), rel=0.6)
    saved = [r.summary()["parties"]["region"]["metrics"]["cashable_benefit_pv"]["mc_error"] for r in (lattice, plain)]
    assert saved[0] < saved[1]


@pytest.mark.parametrize("name", ["rate-card", "step-schedule", "hand-check", "everything"])
def test_all_money_adds_up_in_a_thousand_futures(name: str) -> None:
    check_books(run(name), slice(0, 1024))
