"""`shortfall: stop intake`: a group starts only if everything planned until its end can be paid. Columns are years."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.results import Results
from tests.support import books, deal, flow, moved, run

FEE = "{payments: {p: {amount: 500, at: 2026-01}}}"


def cost(results: Results, label: str = "people") -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(results).get((label, "account", "provider"), {}).items()}


def stopping(tranches: str, costs: str, intake: str = "4 years", more: str = "", contract: str = FEE) -> str:
    return deal(
        participants=f"{{size: 40, intake: {intake}, duration: 2 years}}",
        contract=contract,
        costs=costs,
        finance=f"{{tranches: {tranches}, shortfall: stop intake{more}}}",
    )


@pytest.mark.key("finance.shortfall", "participants.intake")
@pytest.mark.parametrize(
    ("amount", "starts"),
    [
        # ten people a year from 2020 to 2023 at 24 each over two years: 120 a year for each group
        (960, {0: 120, 1: 240, 2: 240, 3: 240, 4: 120}),
        (959, {0: 120, 1: 240, 2: 240, 3: 120}),
        (720, {0: 120, 1: 240, 2: 240, 3: 120}),
        (719, {0: 120, 1: 240, 2: 120}),
        (240, {0: 120, 1: 120}),
        (239, {}),
    ],
)
def test_groups_start_as_long_as_their_whole_cost_can_still_be_drawn(amount: float, starts: dict[int, float]) -> None:
    r = run(stopping(f"{{loan: {{amount: {amount}}}}}", "{people: {amount: 24, per: starter, over: 2 years}}"))
    assert cost(r) == starts
    assert not any(label == "people" and source != "account" for label, source, _ in moved(r))


@pytest.mark.key("finance.shortfall", "costs.over")
def test_costs_of_the_whole_contract_until_the_groups_end_come_first() -> None:
    """A team at 50 a year for six years: a group that starts at 1 ends at 2, so 100 of the team stands before it."""
    costs = "{people: {amount: 24, per: starter, over: 2 years}, team: {amount: 300, over: 6 years}}"
    # at 0: 240 + 100 are needed of 580; at 1: 120 of the first group, 240, and 100 of the 410 that is left: no
    assert cost(run(stopping("{loan: {amount: 580}}", costs))) == {0: 120, 1: 120}
    # 630: at 1 there are 460, and 460 are needed; at 2 170 are left, and 460 would be needed
    r = run(stopping("{loan: {amount: 630}}", costs))
    assert cost(r) == {0: 120, 1: 240, 2: 120}
    # once people are in, the team goes on as long as there is money: 170 - 120 = 50 pays it at 2, then it is short
    assert cost(r, "team") == {0: 50, 1: 50, 2: 50}
    assert moved(r)["team", "provider", "provider"] == {3: 50, 4: 50, 5: 50}


@pytest.mark.key("finance.shortfall", "finance.recycle", "tranches.drawn")
def test_receipts_count_with_recycling_and_dated_draws_are_known_to_come() -> None:
    people = "{people: {amount: 24, per: starter, over: 2 years}}"
    fee = "{payments: {p: {amount: 240, at: 2021-01}, q: {amount: 1, at: 2026-01}}}"
    lent = "{loan: {amount: 240}}"
    assert cost(run(stopping(lent, people, contract=fee))) == {0: 120, 1: 120}
    # the 240 that come in at 1 pay for a second group; a third cannot be paid for
    assert cost(run(stopping(lent, people, more=", recycle: all", contract=fee))) == {0: 120, 1: 240, 2: 120}
    dated = "{loan: {amount: 480, drawn: {2020-01: 150, 2021-01: 330}}}"
    assert cost(run(stopping(dated, people, contract=fee))) == {0: 120, 1: 240, 2: 120}


@pytest.mark.key("finance.shortfall", "participants.cohorts")
def test_two_cohorts_that_start_together_are_taken_in_file_order_and_stop_together() -> None:
    text = deal(
        participants="{size: 10, duration: 1 year, cohorts: {a: {size: 10}, b: {start: 2021-01, size: 3},"
        " c: {start: 2021-01, size: 50}, d: {start: 2022-01, size: 1}}}",
        contract=FEE,
        costs="{people: {amount: 1, per: starter}}",
        finance="{tranches: {loan: {amount: 30}}, shortfall: stop intake}",
    )
    # at 1 there is enough for b and not for c: nobody starts from that day on
    assert cost(run(text)) == {0: 10}


@pytest.mark.key("finance.shortfall")
def test_a_stop_is_decided_without_looking_ahead_in_each_future() -> None:
    """The second group is planned at 5 each; what it really costs shows later, and who bears that is the provider."""
    text = deal(
        inputs="{price: {discrete: [[2, 50 %], [8, 50 %]]}}",
        participants="{size: 20, intake: 2 years, duration: 1 year}",
        contract="{payments: {p: {measure: x, per_unit: 10}}}",
        costs="{people: {amount: price, per: starter}}",
        finance="{tranches: {loan: {amount: 100}}, shortfall: stop intake}",
    )
    r = run(text)
    price = r.store.array(("#input", "price"))[:1024]
    net = books(r, slice(0, 1024))
    # planned: 50 and 50. At 2: 20 drawn, 80 left for 50: they start. At 8: 80 drawn, 20 left: they do not
    assert np.allclose(net["investor"][0], -10 * price)
    drawn = r.metric("investor", "drawn")[:1024]
    assert np.allclose(drawn, np.where(price == 2, 40, 80))


@pytest.mark.key("finance.shortfall", "events.stops")
def test_money_and_events_stop_the_intake_together() -> None:
    text = stopping("{loan: {amount: 720}}", "{people: {amount: 24, per: starter, over: 2 years}}")
    text += "events: {halt: {at: 2021-01, stops: [intake]}}\n"
    r = run(text)
    assert cost(r) == {0: 120, 1: 120}
    assert sum(flow(r, "investor")) == pytest.approx(500 - 240)
