"""Terms that an event amends: from the day on which it happens, over the dates after it. Columns are years."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import assumption_book
from tests.support import books, deal, flow, moved, run, scenario

ALL = "[2020-01, 2021-01, 2022-01, 2023-01, 2024-01]"
REVIEW = "{review: {at: 2022-01}}"


def paid(payment: str, events: str = REVIEW, **more: str) -> list[float]:
    """What the payer pays by year under one payment."""
    r = run(deal(contract=f"{{payments: {{p: {payment}}}}}", events=events, **more))
    return [-amount for amount in flow(r, "payer")][:5]


@pytest.mark.key("payments.amount")
@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        # on the day of the event already the new price
        ("{2020-01: 100, review: 40}", [100, 100, 40, 40, 40]),
        # a date after the event does not bring the old terms back
        ("{2020-01: 100, 2023-01: 70, review: 40}", [100, 100, 40, 40, 40]),
        ("{2020-01: 100, 2021-01: 70, review: 40}", [100, 70, 40, 40, 40]),
        # with where it comes from
        ("{2020-01: 100, review: {value: 40, status: contract}}", [100, 100, 40, 40, 40]),
        ("{value: {2020-01: 100, review: 40}, status: contract}", [100, 100, 40, 40, 40]),
    ],
)
def test_an_amount_holds_from_the_day_of_the_event(amount: str, expected: list[float]) -> None:
    assert paid(f"{{amount: {amount}, at: {ALL}}}") == pytest.approx(expected)


@pytest.mark.key("payments.amount")
@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("{2020-01: 100, early: 80, late: 30}", [100, 80, 80, 30, 30]),
        # of two that have happened the later in the file counts, whichever came first
        ("{2020-01: 100, late: 30, early: 80}", [100, 80, 80, 80, 80]),
        ("{2020-01: 100, never: 1, early: 80}", [100, 80, 80, 80, 80]),
    ],
)
def test_of_several_events_the_later_in_the_file_counts(amount: str, expected: list[float]) -> None:
    events = "{early: {at: 2021-01}, late: {at: 2023-01}, never: {at: 2022-01, if: {x: above 10}}}"
    assert paid(f"{{amount: {amount}, at: {ALL}}}", events) == pytest.approx(expected)


@pytest.mark.key("events.chance")
def test_an_event_by_chance_amends_its_own_futures_and_no_others() -> None:
    text = deal(
        contract=f"{{payments: {{p: {{amount: {{2020-01: 100, review: 40}}, at: {ALL}}}}}}}",
        events="{review: {at: [2021-01, 2023-01], chance: 50 %}}",
    )
    net = -books(run(text), slice(0, 1024))["payer"]
    # half of them from 2021 on, a quarter from 2023 on, a quarter never
    assert set(np.unique(net.sum(axis=0))) == {100 + 4 * 40, 3 * 100 + 2 * 40, 5 * 100}
    assert np.mean(net[4] == 40) == pytest.approx(0.75, abs=0.06)


def test_percents_may_become_money_and_the_other_way_round() -> None:
    payment = f"{{amount: {{2020-01: 10 %, review: 30}}, of: 1 000, at: {ALL}}}"
    assert paid(payment) == pytest.approx([100, 100, 30, 30, 30])
    payment = f"{{amount: {{2020-01: 30, review: 10 %}}, of: 1 000, at: {ALL}, floor: {{2020-01: 50, review: 2 %}}}}"
    assert paid(payment) == pytest.approx([50, 50, 100, 100, 100])


@pytest.mark.key("payments.steps", "payments.if", "payments.band", "payments.of")
def test_thresholds_conditions_bands_and_bases_are_amended() -> None:
    """x is 10, reported in 2021; paid on each date from then on."""
    at = "[2021-01, 2022-01]"
    assert paid(f"{{measure: x, steps: [[{{2020-01: 10, review: 11}}, 5]], at: {at}}}")[1:3] == [5, 0]
    assert paid(f"{{measure: x, per_unit: 1, if: {{x: at least 10}}, at: {at}}}")[1:3] == [10, 10]
    assert paid(f"{{measure: x, per_unit: 1, band: [{{2020-01: 0, review: 4}}, none], at: {at}}}")[1:3] == [10, 6]
    assert paid(f"{{amount: 50 %, of: {{2020-01: 10, review: 6}}, at: {at}}}")[1:3] == [5, 3]


@pytest.mark.key("cap.total", "payments.index")
def test_caps_and_indexes_are_amended() -> None:
    # 30 a year: at most 100 in all, after the review 70: 10 are left in 2022, then nothing
    assert paid(f"{{amount: 30, at: {ALL}, cap: {{2020-01: 100, review: 70}}}}") == pytest.approx([30, 30, 10, 0, 0])
    # 10 % a year until the review, nothing after: the year from 2021 to 2022 still rises
    index = "{2020-01: 10 %, review: 0 %}"
    assert paid(f"{{amount: 100, at: {ALL}, index: {index}}}") == pytest.approx([100, 110, 121, 121, 121])


@pytest.mark.key("payments.by")
def test_who_pays_changes_with_an_event() -> None:
    by = "{2020-01: payer, 2021-01: {payer: 50 %, fund: rest}, review: {city: 60 %, fund: rest}}"
    text = deal(contract=f"{{payments: {{p: {{amount: 100, at: {ALL}, by: {by}}}}}}}", events=REVIEW)
    r = run(text)
    assert [-a for a in flow(r, "payer")] == pytest.approx([100, 50, 0, 0, 0])
    assert [-a for a in flow(r, "fund")] == pytest.approx([0, 50, 40, 40, 40])
    assert [-a for a in flow(r, "city")] == pytest.approx([0, 0, 60, 60, 60])


@pytest.mark.key("payments.by", "parties.pays_at_most")
def test_who_pays_changes_only_where_the_event_happens_and_limits_hold() -> None:
    head = "{payer: P, city: {name: C, pays_at_most: {2020-01: 500, review: 130}}, investor: I, provider: D}"
    text = deal(
        contract=f"{{payments: {{p: {{amount: 100, at: {ALL}, by: {{2020-01: payer, review: city}}}}}}}}",
        events="{review: {at: [2021-01, 2022-01], chance: 50 %}}",
    ).replace("{payer: P, city: C, fund: F, investor: I, lender: L, provider: D, guarantor: G}", head)
    net = books(run(text), slice(0, 512))
    payer, city = -net["payer"], -net["city"]
    never = city.sum(axis=0) == 0
    assert 0.15 < np.mean(never) < 0.35
    assert np.all(payer.sum(axis=0)[never] == 500)
    # from the event on the city pays, and in all no more than 130
    assert np.allclose(city.sum(axis=0)[~never], 130)
    assert {tuple(row) for row in payer.T[~never].tolist()} == {(100, 0, 0, 0, 0), (100, 100, 0, 0, 0)}


@pytest.mark.key("payments.by")
def test_money_back_goes_to_those_who_pay_by_then() -> None:
    text = deal(
        contract="{payments: {p: {measure: x, steps: [[0, {2020-01: 100, review: -50}]], at: [2021-01, 2022-01],"
        " to: provider, by: {2020-01: payer, review: {city: 30 %, payer: rest}}}}}",
        events=REVIEW,
    )
    r = run(text)
    assert flow(r, "payer") == pytest.approx([0, -100, 35])
    assert flow(r, "city") == pytest.approx([0, 0, 15])


@pytest.mark.key("payments.by")
def test_shares_within_a_mapping_are_amended() -> None:
    by = "{fund: {2020-01: 40 %, review: 10 %}, city: rest}"
    r = run(deal(contract=f"{{payments: {{p: {{amount: 100, at: {ALL}, by: {by}}}}}}}", events=REVIEW))
    assert [-a for a in flow(r, "fund")] == pytest.approx([40, 40, 10, 10, 10])
    assert [-a for a in flow(r, "city")] == pytest.approx([60, 60, 90, 90, 90])


@pytest.mark.key("tranches.rate", "tranches.amount")
def test_a_loan_is_amended() -> None:
    """60 in 2020 at 10 %; from the review in 2022 20 %, and 30 more may be drawn."""
    finance = (
        "{tranches: {loan: {amount: {2020-01: 60, review: 90}, rate: {2020-01: 10 %, review: 20 %}}},"
        " surplus: {city: 100 %}, shortfall: fund}"
    )
    r = run(
        deal(
            contract="{payments: {p: {amount: 500, at: 2024-01}}}",
            costs="{c: {amount: 60, at: [2020-01, 2022-01]}}",
            finance=finance,
            events=REVIEW,
        )
    )
    owed = 60 * 1.1**2 * 1.2**2 + 30 * 1.2**2
    assert flow(r, "investor") == pytest.approx([-60, 0, -30, 0, owed])
    assert moved(r)["c", "fund", "provider"] == pytest.approx({2: 30})


@pytest.mark.key("costs.amount", "finance.recycle")
def test_what_is_kept_goes_by_the_costs_as_they_are_amended() -> None:
    """30 in 2020, 10 a year from the review in 2021 on. A fee of 100 in 2021 pays them and is kept for them."""
    text = deal(
        contract="{payments: {p: {amount: 100, at: 2021-01}}}",
        costs="{c: {amount: {2020-01: 120, review: 40}, over: 4 years}}",
        finance="{tranches: {loan: {amount: 200}}, recycle: all}",
        events="{review: {at: [2021-01, 2022-01], if: {x: at least 0}}}",
    )
    r = run(text)
    assert moved(r)["c", "account", "provider"] == pytest.approx({0: 30, 1: 10, 2: 10, 3: 10})
    # 100 less the 10 of the day less the 20 that are planned by now
    assert moved(r)["loan", "account", "investor"] == pytest.approx({1: 70})


@pytest.mark.key("costs.amount", "finance.recycle", "costs.index")
def test_nothing_is_planned_that_an_event_has_not_yet_amended() -> None:
    """The review comes in 2022: in 2021 the old costs are kept for; then what is too much is let go."""
    text = deal(
        contract="{payments: {p: {amount: 100, at: 2021-01}}}",
        costs="{c: {amount: {2020-01: 120, review: 40}, over: 4 years}}",
        finance="{tranches: {loan: {amount: 200}}, recycle: all}",
        events=REVIEW,
    )
    r = run(text)
    # 2021: 100 - 30 today - 60 kept = 10; 2022: 60 - 10 today - 10 kept = 40
    assert moved(r)["loan", "account", "investor"] == pytest.approx({1: 10, 2: 40})


@pytest.mark.key("finance.surplus", "guarantees.up_to")
def test_the_surplus_and_guarantees_are_amended() -> None:
    finance = (
        "{tranches: {loan: {amount: 50, drawn: upfront}}, surplus: {city: {2020-01: 80 %, review: 10 %}, fund: rest}}"
    )
    r = run(
        deal(
            contract="{payments: {p: {amount: 100, at: [2021-01, 2022-01]}}}",
            costs="{c: {amount: 50}}",
            finance=finance,
            events=REVIEW,
        )
    )
    # 50 go to the loan, then 50 in 2021 and 100 in 2022 are left
    assert flow(r, "city") == pytest.approx([0, 40, 10])
    assert flow(r, "fund") == pytest.approx([0, 10, 90])
    guarantee = "guarantees: {g: {by: guarantor, covers: [loan], up_to: {2020-01: 40, review: 15}}}"
    text = deal(
        contract="{payments: {p: {amount: 10, at: [2021-01, 2023-01]}}}",
        costs="{c: {amount: 50}}",
        finance=f"{{tranches: {{loan: {{amount: 50}}}}, {guarantee}}}",
        events="{review: {at: 2022-01, chance: 50 %}}",
    )
    paid_out = -books(run(text), slice(0, 256))["guarantor"].sum(axis=0)
    assert set(np.unique(paid_out.round(9))) == {15.0, 30.0}


@pytest.mark.key("cap.per_person", "payments.prices")
def test_a_price_and_a_cap_for_each_person_are_amended() -> None:
    """All 10 people have both: 30 each in 2021; in 2023 40 more up to 50 in all, or, amended, 25 more up to 60."""
    for review, paid in (("2024-01", 50), ("2023-01", 55), ("2022-01", 55), ("2021-01", 55)):
        text = deal(
            participants="{size: 10}",
            outcomes="{a: {type: event, better: more, over: 1 year, with: 100 %},"
            " b: {type: event, better: more, over: 2 years, begins: 1 year, with: 100 %}}",
            measures="{first: {of: a, as: total, follow_up: 1 year, reported: 2021-01},"
            " second: {of: b, as: total, follow_up: 3 years, reported: 2023-01}}",
            contract="{payments: {p: {prices: {first: 30, second: {2020-01: 40, review: 25}},"
            " cap: {per_person: {2020-01: 50, review: 60}}}}}",
            events=f"{{review: {{at: {review}}}}}",
        )
        assert -sum(flow(run(text, n_draws=1024), "payer")) == pytest.approx(10 * paid)


# ------------------------------------------------------------------------------------------------ refused
@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"contract": "{payments: {p: {amount: {2020-01: 1, reveiw: 2}, at: 2021-01}}}"}, "did you mean 'review'"),
        ({"contract": "{payments: {p: {amount: {review: 2}, at: 2021-01}}}"}, "a date comes first"),
        ({"contract": "{payments: {p: {amount: {review: 2, 2020-01: 1}, at: 2021-01}}}"}, "a date comes first"),
        ({"contract": "{payments: {p: {amount: {2020-01: 1, x: 2}, at: 2021-01}}}"}, "nor an event of the file"),
        (
            {"measures": "{x: {of: result, as: average}, y: {weighted: {x: {2020-01: 1, review: 2}}}}"},
            "is an event; here",
        ),
        ({"measures": "{x: {of: result, as: average, error: {2020-01: 1, review: 2}}}"}, "cannot change over time"),
        ({"discount_rate": "{2020-01: 3 %, review: 2 %}"}, "is an event; here must stand"),
        (
            {"finance": "{tranches: {loan: {amount: 5, drawn: {2020-01: 3, review: 2}}}}"},
            "is an event; here must stand",
        ),
        (
            {
                "contract": "{payments: {p: {amount: 1, at: 2021-01,"
                " by: {fund: {2020-01: 40 %, review: 70 %}, city: 60 %}}}}"
            },
            "the shares add up to 130 %",
        ),
        ({"contract": "{payments: {p: {amount: {2020-01: 1, review: 5 %}, at: 2021-01}}}"}, "needs 'of'"),
    ],
)
def test_what_no_event_can_amend_is_refused(sections: dict[str, str], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario(deal(events=REVIEW, **sections))
    assert message in str(caught.value)


def test_the_assumption_book_shows_amended_terms(tmp_path: Path) -> None:
    path = tmp_path / "amended.yaml"
    path.write_text(
        deal(
            contract="{payments: {p: {amount: {2020-01: 100, review: 40}, at: 2021-01}, q: {amount:"
            " {2020-01: 7, review: {value: 40, status: claimed}}, at: 2021-01}}}",
            events=REVIEW,
        )
    )
    shown = {(f.path, f.shown, f.status) for f in assumption_book(path).figures if f.section == "contract"}
    assert ("payments.p.amount", "{2020-01: 100, review: 40}", None) in shown
    assert ("payments.q.amount.review", "40", "claimed") in shown


@pytest.mark.key("tranches.hurdle", "parties.discount_rate")
def test_rates_of_present_values_are_amended() -> None:
    """Discounted at 10 % a year until the review in 2022 and at 0 % after it: what comes in 2024 by 1.1 ** 2."""
    rate = "{2020-01: 10 %, review: 0 %}"
    text = deal(
        contract="{payments: {p: {amount: 242, at: 2024-01, to: loan}}}",
        costs="{c: {amount: 100}}",
        finance=f"{{tranches: {{loan: {{amount: 100, hurdle: {rate}}}}}}}",
        events=REVIEW,
    ).replace("payer: P,", f"payer: {{name: P, discount_rate: {rate}}},")
    r = run(text)
    assert r.metric("investor", "npv")[0] == pytest.approx(242 / 1.1**2 - 100)
    assert r.metric("payer", "net_outlay_pv")[0] == pytest.approx(242 / 1.1**2)
