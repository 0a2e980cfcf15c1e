"""Whatever terms are put together: the books hold, money stays within its declared bounds, caps are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sibsim.errors import ScenarioError
from tests.support import HEAD, world

FILE = (
    HEAD
    + """
inputs: {level: {normal: {mean: 5, sd: 4}, status: assumed}, rate: {uniform: {low: 2 %, high: 9 %}, status: assumed}}
participants: {cohorts: {c1: {size: 100}, c2: {size: 300, effect_share: 40 %}}}
outcomes: {result: {type: score, each: cohort, better: more, over: 1 year, with: level}}
measures:
  x: {of: result, as: average, covers: to date, error: 3, reported: [2021-01, 2022-01, 2023-01], for_each: cohort}
  y: {of: result, as: average, covers: to date, error: 3, reported: [2021-01, 2022-01, 2023-01]}
costs: {service: {amount: 50, over: 2 years}, later: {amount: 30, at: 2022-01}}
finance: {RECYCLE tranches: {loan: {amount: 70}, junior: {amount: 40, rank: 2, rate: 4 %}}}
contract: {payments: {PAYMENTS} CONTRACT}
"""
)
AMOUNTS = st.sampled_from(
    [
        "amount: 8, at: [2021-01, 2022-01]",
        "measure: MEASURE, per_unit: 3",
        "measure: MEASURE, per_unit: 2 %, of: drawn",
        "measure: MEASURE, per_unit: -1",
        "measure: MEASURE, steps: [[otherwise, -4], [3, 5], [above 7, 20 %]], of: outstanding",
        "measure: MEASURE, steps: [[2, 3 %], [5, rate]], of: drawn, per: year",
        "measure: MEASURE, steps: [[2, 3 %], [5, rate]], of: drawn, per: year, compound: true",
        "measure: MEASURE, line: [[otherwise, -2 %], [1, 1 %], [9, 12 %]], of: committed, per: year",
        "measure: MEASURE, line: [[1, 0], [4, 10], [9, 3]]",
        "amount: rate, of: 300, per: year, at: [2021-01, 2023-01]",
    ]
)
MORE = st.sampled_from(
    [
        "", "floor: 2", "floor: -1", "index: 5 %", "cumulative: true", "if: {y: above 4}", "split: size",
        "split: size among met, if: {x: above 2}", "to: loan", "to: provider", "cap: 12", "cap: {per_year: 6}",
        "cap: {per_year: 6, total: 9}", "cap: {total: {2020: 4, 2023: 15}}", "cap: {irr: 4 %}", "cap: {multiple: 1.1}",
        "round: 2.5", "round: {to: 4, direction: up}", "times: y", "if: {p0: at most 0}", "less: p0",
        "cap: {per_cohort: 7}", "cap: {per_cohort: 7, per_year: 9}", "cap: {per_cohort: 5, irr: 3 %}",
    ]
)  # fmt: skip
CAPS = st.sampled_from(
    ["", ", cap: 25", ", cap: {per_year: 12}", ", cap: {irr: 5 %}", ", cap: {multiple: 1, total: 60}"]
)


@st.composite
def contracts(draw: st.DrawFn) -> str:
    """Up to three payments: each a shape with some further terms, the last perhaps hanging on the first."""
    rows = []
    for number in range(draw(st.integers(1, 3))):
        terms = [draw(AMOUNTS).replace("MEASURE", draw(st.sampled_from("xy")))]
        further = draw(st.lists(MORE, max_size=2, unique_by=lambda more: more.partition(":")[0]))
        terms += [more for more in further if more]
        if number and "cap" in rows[0] and draw(st.booleans()):
            terms.append("rest_of: p0")
        rows.append(f"p{number}: {{{', '.join(terms)}}}")
    if draw(st.booleans()):
        rows.append("chained: {measure: p0, share: 30 %, by: fund}")
    recycle = draw(st.sampled_from(["", "recycle: all,"]))
    text = FILE.replace("PAYMENTS", ", ".join(rows)).replace("CONTRACT", draw(CAPS)).replace("RECYCLE", recycle)
    return text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(contracts())
def test_books_hold_and_bounds_are_kept(text: str) -> None:
    """`settle` checks the identities itself; here the bounds of every payment and of the contract, in every draw."""
    try:
        future = world(text, replicates=1)
    except ScenarioError:
        return  # terms that contradict each other
    book = future.settlement.book
    bounds = [(total.paid, total.lowest.total, total.highest.total) for total in book.totals.values()]
    bounds.append((book.contract.paid, *book.bounds()))
    for paid, lowest, highest in bounds:
        slack = 1e-7 * (1.0 + np.abs(paid))
        assert np.all(np.asarray(lowest) <= np.asarray(paid) + slack)
        assert np.all(np.asarray(paid) <= np.asarray(highest) + slack)


def test_parts_of_a_shared_sum_that_are_rounded_may_come_to_more_than_the_rounded_sum() -> None:
    """26 shared by 100 and 300, each part to 2.5: 6.5 is 7.5 and 19.5 is 20, 27.5 in all; 26 alone would be 25."""
    text = FILE.replace("PAYMENTS", "p: {measure: x, amount: 26, split: size among met, if: {x: above 2}, round: 2.5}")
    settlement = world(text.replace("CONTRACT", "").replace("RECYCLE", ""), replicates=1).settlement
    total = settlement.book.totals["p"]
    paid = np.asarray(total.paid)
    assert 27.5 in paid
    assert np.all(paid <= np.asarray(total.highest.total) + 1e-9)


@pytest.mark.key("cap.irr", "cap.multiple")
@pytest.mark.parametrize("cap", ["irr: 4 %", "multiple: 1.2"])
def test_loans_never_get_more_than_a_cap_on_their_return_allows(cap: str) -> None:
    text = FILE.replace("PAYMENTS", f"p: {{measure: y, per_unit: 40, cap: {{{cap}}}}}")
    future = world(text.replace("CONTRACT", "").replace("RECYCLE", ""), replicates=2)
    states = future.settlement.tranches.values()
    rate = 0.04 if cap.startswith("irr") else 0.0
    lent = sum(np.asarray(a) * (1 + rate) ** -c for s in states for c, a in s.lent.items())
    got = sum(np.asarray(a) * (1 + rate) ** -c for s in states for c, a in s.returned.items())
    most = lent * (1.0 if rate else 1.2)
    assert np.all(got <= most + 1e-6)
    assert np.isclose(got, most).mean() > 0.5
