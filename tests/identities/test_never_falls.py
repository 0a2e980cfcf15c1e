"""Terms that only rise: whatever is put together of them, a better result never pays less, and stays within bounds."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sibsim.errors import ScenarioError
from tests.support import HEAD, world

OWN = "own: {by: provider, amount: 6, rank: 3}"
FILE = (
    HEAD
    + """
inputs: {level: {uniform: {low: -3, high: 15}, status: assumed}}
participants: {cohorts: {c1: {size: 100}, c2: {size: 300, start: 2021-01}}}
outcomes: {result: {type: score, each: cohort, better: more, over: 1 year, with: level}}
measures:
  x: {of: result, as: average, covers: to date, reported: [2021-01, 2022-01, 2023-01] ROUND}
  y: {of: result, as: average, for_each: cohort}
  z: {weighted: {x: 2}}
  met: {goals: [{x: at least 3}, {x: above 8}]}
costs: {service: {amount: 50, over: 2 years}, later: {amount: 30, at: 2022-01}, fees: {amount: 6, paid_from: own}}
finance:
  tranches: {loan: {amount: 70 MATURES}, junior: {amount: 40, rank: 2, rate: 4 %}, OWN}
  RECYCLE
contract: {payments: {PAYMENTS} CONTRACT}
"""
).replace("OWN", OWN)
SHAPES = st.sampled_from(
    [
        "measure: x, per_unit: 3",
        "measure: y, per_unit: 2",
        "measure: x, per_unit: 2 %, of: drawn",
        "measure: x, per_unit: {product: [2, {annuity: {rate: 5 %, over: 3 years}}]}",
        "measure: x, steps: [[3, 5], [above 7, 9]]",
        "measure: y, steps: [[2, 3 %], [5, 8 %]], of: committed",
        "measure: x, line: [[otherwise, 0], [1, 1], [9, 12]]",
        "measure: x, per_unit: 2, band: [2, 9]",
        "measure: z, per_unit: 1",
        "measure: met, per_unit: 6",
        "prices: {y: 4}",
        "measure: x, per_unit: 1, times: met",
        "measure: met, per_unit: 2, times: x",
        "amount: 8, at: 2023-01, if: {x: at least 4}",
    ]
)
MORE = st.sampled_from(
    [
        "", "floor: 2", "index: 5 %", "cumulative: true", "if: {x: at least 4}", 
        "if: [{x: above 5}, {met: at least 1}]", "to: loan", "to: provider", "cap: 12", "cap: {per_year: 6}",
        "cap: {per_year: 6, total: 9}", "cap: {total: {2020: 4, 2023: 15}}", "round: 1",
        "round: {to: 5, direction: up}", "round: {to: 0.5, direction: down}",
        "by: {fund: 40 %, city: rest}",
    ]
)  # fmt: skip
CAPS = st.sampled_from(["", ", cap: 25", ", round: 1", ", cap: 60, round: 1"])


@st.composite
def contracts(draw: st.DrawFn) -> str:
    """Up to three rising payments, perhaps one on what another left unpaid. Without `recycle` (it draws less) and
    caps by the year or by the lenders' return over several payments: what these cut of one payment is lost, and may be
    more where another has come earlier."""
    rows = []
    count = draw(st.integers(1, 3))
    for number in range(count):
        shape = draw(SHAPES)
        further = draw(st.lists(MORE, max_size=3, unique_by=lambda more: more.partition(":")[0]))
        terms = [shape, *(more for more in further if more and f"{more.partition(':')[0]}:" not in shape)]
        if count == 1 and "cap" not in ", ".join(terms):
            terms.append(
                draw(st.sampled_from(["cap: {multiple: 1.1}", "cap: {multiple: 1.1, per_year: 30}", "cap: 40"]))
            )
        if number and "cap" in rows[0] and draw(st.booleans()) and "measure" in shape:
            terms.append("rest_of: p0")
        rows.append(f"p{number}: {{{', '.join(terms)}}}")
    for word, texts in (
        ("ROUND", ["", ", round: 0.5", ", round: {to: 2, direction: down}"]),
        ("MATURES", ["", ", rate: 3 %, matures: 2022-06"]),
        ("RECYCLE", ["", "surplus_from: 2023-01"]),
    ):
        rows.append(f"{word}={draw(st.sampled_from(texts))}")
    text = FILE.replace("PAYMENTS", ", ".join(rows[:-3])).replace("CONTRACT", draw(CAPS))
    for row in rows[-3:]:
        word, _, found = row.partition("=")
        text = text.replace(word, found)
    return text


@settings(
    max_examples=80,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(contracts())
def test_a_better_result_never_pays_less(text: str) -> None:
    try:
        future = world(text, replicates=2)
    except ScenarioError:
        return  # terms that contradict each other
    order = np.argsort(future.context.inputs["level"])
    book = future.settlement.book
    paid = np.broadcast_to(book.contract.paid, order.shape)[order]
    assert np.all(np.diff(paid) >= -1e-9 * (1.0 + np.abs(paid[1:])))
    low, high = (np.broadcast_to(bound, order.shape)[order] for bound in book.bounds())
    assert np.all(low <= paid + 1e-7)
    assert np.all(paid <= high + 1e-7)
