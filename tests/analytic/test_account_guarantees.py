"""Who bears a loss: guarantees over time, of payers, several on one tranche, and a first-loss tranche."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import books, deal, flow, moved, run

COST = "{c: {amount: 100}}"


def fees(**amounts: float) -> str:
    rows = [f"{name}: {{amount: {amount}, at: {2020 + int(name[1:])}-01}}" for name, amount in amounts.items()]
    return "{payments: {" + ", ".join(rows) + "}}"


def covered(terms: str, more: str = "") -> str:
    return (
        f"{{tranches: {{loan: {{amount: 100}}}}, guarantees: {{g: {{by: guarantor, covers: [loan], {terms}}}{more}}}}}"
    )


RIKERS = "over: {2020-01: 12, 2022-01: 24}, up_to: {2020-01: 60, 2022-01: 72}"


@pytest.mark.key("guarantees.over", "guarantees.up_to", "events.stops")
@pytest.mark.parametrize(("stops", "call"), [(False, 72), (True, 60)])
def test_what_changes_over_time_counts_on_the_day_it_pays(stops: bool, call: float) -> None:
    """A loss of 100: on the last date (2023) 76 above 24, at most 72; settled in 2021 88 above 12, at most 60."""
    events = {"events": "{stop: {at: 2021-01, stops: everything}}"} if stops else {}
    r = run(deal(contract=fees(y3=0), costs=COST, finance=covered(RIKERS), **events))
    day = 1 if stops else 3
    assert moved(r)["g", "guarantor", "investor"] == {day: pytest.approx(call)}
    assert r.metric("guarantor", "called")[0] == pytest.approx(call)


@pytest.mark.key("guarantees.share", "guarantees.by")
def test_several_guarantees_of_one_tranche_pay_in_file_order() -> None:
    more = ", second: {by: city, covers: [loan], share: 50 %}, third: {by: fund, covers: [loan], over: 10}"
    r = run(deal(contract=fees(y1=20), costs=COST, finance=covered("up_to: 30", more)))
    # a loss of 80: 30; half of the other 50; of the 25 left what is above 10
    assert moved(r)["g", "guarantor", "investor"] == {1: 30}
    assert moved(r)["second", "city", "investor"] == {1: 25}
    assert moved(r)["third", "fund", "investor"] == {1: 15}
    assert r.metric("investor", "lost")[0] == pytest.approx(10)


@pytest.mark.key("guarantees.covers")
def test_a_payers_loss_is_what_it_paid_less_what_came_back() -> None:
    finance = (
        "{tranches: {loan: {amount: 100, cap: {multiple: 1}}},"
        " guarantees: {g: {by: guarantor, covers: [payer], over: 30}, h: {by: fund, covers: [payer], share: 50 %}}}"
    )
    costs = "{c: {amount: 100}, own: {amount: 8, by: payer, to: outside}}"
    r = run(deal(contract=fees(y1=160), costs=costs, finance=finance))
    # it paid 160 and 8; 60 comes back, since the loan may have no more than 100: 78 above 30, then half of 30
    assert moved(r)["surplus", "account", "payer"] == {1: 60}
    assert moved(r)["g", "guarantor", "payer"] == {1: 78}
    assert moved(r)["h", "fund", "payer"] == {1: 15}


UNCERTAIN = {
    "inputs": "{result: {uniform: {low: 0, high: 15}}}",
    "outcomes": "{found: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: result}}",
    "measures": "{x: {of: found, as: average}}",
    "contract": "{payments: {p: {measure: x, per_unit: 10}}}",
    "costs": "{c: {amount: 100}}",
}
LOANS = "a: {amount: 60, rank: 2}, b: {amount: 40, by: lender}"


@pytest.mark.key("finance.guarantees")
def test_a_guarantee_makes_nobody_else_worse_off_and_costs_what_it_is_worth_to_them() -> None:
    """V21, draw by draw: what the guarantor pays is what the others gain."""
    plain = run(deal(**UNCERTAIN, finance=f"{{tranches: {{{LOANS}}}}}"))
    guarantee = "guarantees: {g: {by: guarantor, covers: [a, b], over: 10, share: 80 %, up_to: 45}}"
    backed = run(deal(**UNCERTAIN, finance=f"{{tranches: {{{LOANS}}}, {guarantee}}}"))
    every = slice(0, 8192)
    before, after = books(plain, every), books(backed, every)
    gain = {who: after[who].sum(axis=0) - before[who].sum(axis=0) for who in ("investor", "lender", "payer")}
    assert all(g.min() >= -1e-9 for g in gain.values())
    called = backed.metric("guarantor", "called")
    assert np.allclose(called, sum(gain.values()), atol=1e-9)
    assert 0 < (called > 0).mean() < 1
    # x is uniform from 0 to 15, so the loans lose 100 - 10 x: 80 % of what is above 10, at most 45, which it reaches
    # where the loss is 66.25; E = (45 x 3.375 + 0.8 x (56.25 ** 2) / 2 / 10) / 15
    expected = (45 * 3.375 + 0.8 * 56.25**2 / 2 / 10) / 15
    assert abs(called.mean() - expected) < 4.5 * called.std() / np.sqrt(len(called))


@pytest.mark.key("tranches.rank")
def test_a_first_loss_tranche_makes_nobody_else_worse_off() -> None:
    """V21 for capital: of 100, the junior 25 bear the first 25 of any loss; the senior's gain is the junior's loss."""
    alone = run(deal(**UNCERTAIN, finance="{tranches: {a: {amount: 75}, f: {amount: 25, by: fund}}}"))
    junior = run(deal(**UNCERTAIN, finance="{tranches: {a: {amount: 75}, f: {amount: 25, by: fund, rank: 2}}}"))
    every = slice(0, 8192)
    gain = {w: (books(junior, every)[w] - books(alone, every)[w]).sum(axis=0) for w in ("investor", "fund")}
    assert gain["investor"].min() >= -1e-9
    assert np.allclose(gain["investor"], -gain["fund"], atol=1e-9)
    back = np.clip(10 * junior.store.array(("#input", "result")), 0, None)
    assert np.allclose(junior.metric("investor", "received"), np.minimum(back, 75) + np.maximum(back - 100, 0) * 0.75)
    assert np.allclose(junior.metric("fund", "received"), np.clip(back - 75, 0, 25) + np.maximum(back - 100, 0) * 0.25)


@pytest.mark.key("guarantees.covers")
def test_a_guarantee_of_a_tranche_that_never_opened_pays_nothing() -> None:
    finance = (
        "{tranches: {loan: {amount: 50}, more: {amount: 50, by: lender, after: open}}, shortfall: city,"
        " guarantees: {g: {by: guarantor, covers: [loan, more], share: 50 %}}}"
    )
    events = "{open: {at: 2021-01, chance: 0 %}}"
    r = run(deal(contract=fees(y2=10), costs=COST, finance=finance, events=events))
    assert moved(r)["g", "guarantor", "investor"] == {2: 20}
    assert flow(r, "lender") == [0.0] * 3
