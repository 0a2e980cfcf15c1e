"""Terms that contradict what there can be, or change nothing, are told; so are events that contradict the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from sibsim.replay.figures import settlement_summary
from sibsim.replay.settled import settled

BASE = """\
sibsim: 1
title: A contract with everything
currency: SEK
start: 2020-01
step: quarter
parties: {payer: A town, fund: A fund, investor: A bank, other: Another bank, provider: A charity}
participants: {size: 100, duration: 6 months}
outcomes:
  eviction: {type: event, better: fewer, over: 12 months, without: 12 %, effect: {ratio: 0.8}}
  nights: {type: days, better: fewer, over: 12 months, with: 20, sd: 30}
measures:
  fewer: {of: eviction, as: relative_improvement, comparison: {matched: 900}, reported: 2021-07}
  share: {of: eviction, as: average, reported: 2021-07}
  hostel: {of: nights, as: total, follow_up: 12 months, reported: [2021-07, 2022-01]}
contract:
  payments:
    success: {measure: fewer, steps: [[10 %, 1 m], [20 %, 2 m]]}
    extra: {amount: 10 k, at: 2022-01}
  cap: {total: 4 m}
costs: {office: {amount: 200 k}}
finance:
  tranches: {loan: {amount: 2 m}, second: {by: other, amount: 2 m}}
events:
  review: {at: 2021-07, if: {fewer: below 10 %}}
  surely: {at: 2021-10}
actuals:
  measures: {fewer: 5 %}
  drawn: {loan: {2020-01: 200 k}, second: {2020-01: 0}}
  events: {review: 2021-07, surely: 2021-10}
"""
EXTRA = "extra: {amount: 10 k, at: 2022-01}"


def file(folder: Path, old: str, new: str) -> Path:
    assert BASE.count(old) == 1
    path = folder / "whole.yaml"
    path.write_text(BASE.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "says", "near"),
    [
        (EXTRA, "extra: {amount: 10 k, at: 2022-01, if: {hostel: below 0}}",
         "payments.extra.if: 'hostel' is never below 0: the line 'hostel: below ...' never holds",
         "extra: {amount: 10 k, at: 2022-01, if: {hostel: at most 0}}"),
        (EXTRA, "extra: {amount: 10 k, at: 2022-01, if: {fewer: above 100 %}}", "'fewer' is at most 100 %",
         "extra: {amount: 10 k, at: 2022-01, if: {fewer: at least 100 %}}"),
        (EXTRA, "extra: {amount: 10 k, at: 2022-01, if: {share: above 100 %}}", "'share' is at most 100 %",
         "extra: {amount: 10 k, at: 2022-01, if: {share: above 99 %}}"),
        (EXTRA, "extra: {amount: 10 k, at: 2022-01, if: {success: above 2 m}}", "'success' pays at most 2 000 000",
         "extra: {amount: 10 k, at: 2022-01, if: {success: above 1.9 m}}"),
        ("{fewer: below 10 %}", "{fewer: above 100 %}", "events.review.if: 'fewer' is at most 100 %", ""),
        (EXTRA, "extra: {measure: hostel, per_unit: 1, times: hostel}", "it is paid on its square",
         "extra: {measure: hostel, per_unit: 1, times: share}"),
        (EXTRA, "extra: {amount: 10 k, at: 2022-01, by: {fund: 100 %, payer: rest}}", "nothing is left for it",
         "extra: {amount: 10 k, at: 2022-01, by: {fund: 99 %, payer: rest}}"),
        (EXTRA, "extra: {amount: 10 k, at: 2022-01, cap: {multiple: 0}}", "is 0 (multiple): nothing is paid",
         "extra: {amount: 10 k, at: 2022-01, cap: {multiple: 0.5}}"),
        ("{total: 4 m}", "{multiple: 0.5}", "contract.cap.multiple: all loans together get at most 0.5 times",
         "{multiple: 1}"),
        ("second: {by: other, amount: 2 m}", "second: {by: other, amount: 2 m, cap: {multiple: 0.5}}",
         "second.cap.multiple: this lender gets at most 0.5 times",
         "second: {by: other, amount: 2 m, cap: {multiple: 1}}"),
        ("  tranches:", "  surplus_from: 2040-01\n  tranches:",
         "finance.surplus_from: is more than a year after everything else is over (2022-01)",
         "  surplus_from: 2023-01\n  tranches:"),
        ("  tranches:", "  distribute: 2040-01\n  tranches:", "finance.distribute: is more than a year after",
         "  distribute: 2023-01\n  tranches:"),
        ("second: {by: other, amount: 2 m}", "second: {by: other, amount: 2 m, matures: 2040-01}",
         "second.matures: is more than a year after", "second: {by: other, amount: 2 m, matures: 2023-01}"),
        (EXTRA, "extra: {measure: fewer, steps: [[10 %, 5 k]], of: drawn}",
         "no percent of money stands in this payment", "extra: {measure: fewer, steps: [[10 %, 5 %]], of: drawn}"),
    ],
)  # fmt: skip
def test_what_changes_nothing_is_warned_of(tmp_path: Path, old: str, new: str, says: str, near: str) -> None:
    """And not the nearest that does change something."""
    assert any(says in warning for warning in check_file(file(tmp_path, old, new)).warnings)
    assert not any(says in warning for warning in check_file(file(tmp_path, old, near or old)).warnings)


@pytest.mark.parametrize(
    ("old", "new", "path", "says"),
    [
        (EXTRA, "extra: {measure: hostel, per_unit: 1, band: [none, none]}", "contract.payments.extra.band",
         "a band without ends"),
        ("reported: [2021-07, 2022-01]}", "reported: [2021-07, 2022-01], round: 1 %}", "measures.hostel.round",
         "'hostel' is a number, and this is a percent"),
        ("reported: [2021-07, 2022-01]}", "reported: [2021-07, 2022-01], short_of: -5}", "measures.hostel.short_of",
         "'hostel' is never below 0, so it never falls short"),
        ("loan: {amount: 2 m}", "loan: {amount: 2 m, rate: -0.5 %}", "finance.tranches.loan.rate",
         "interest is what the lender gets; one that gets back less"),
        ("loan: {2020-01: 200 k}", "loan: {2020-01: 200 kEUR}", "actuals.drawn.loan.2020-01",
         "what came is in SEK: write what it was worth"),
        ("loan: {2020-01: 200 k}", "loan: {}", "actuals.drawn.loan", "got nothing ({}); if nothing came, write 0"),
        (EXTRA, "extra: {amount: {product: [10, {annuity: {rate: 5 %, over: -3 years}}]}, at: 2022-01}",
         "contract.payments.extra.amount.product.2.annuity.over", "a duration is not negative"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, path: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        check_file(file(tmp_path, old, new))
    assert [p.path for p in caught.value.problems] == [path], str(caught.value)
    assert says in caught.value.problems[0].message
    assert path in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("review: 2021-07", "review: never", "'review' is said never to have happened; by the contract it would have "
         "happened in 2021-07, for its condition holds"),
        ("surely: 2021-10", "surely: never", "'surely' is said never to have happened; by the contract it would have "
         "happened in 2021-10, for that is its date"),
    ],
)  # fmt: skip
def test_an_event_that_the_contract_would_have_seen_is_told_of(tmp_path: Path, old: str, new: str, says: str) -> None:
    found = settlement_summary(settled(load(file(tmp_path, old, new))))["warnings"]
    assert any(says in warning for warning in found), found


def test_an_event_that_the_contract_leaves_open_is_not(tmp_path: Path) -> None:
    """The condition does not hold, and the other event is left to chance."""
    text = BASE.replace("fewer: 5 %", "fewer: 15 %").replace("at: 2021-10}", "at: 2021-10, chance: 50 %}")
    path = tmp_path / "open.yaml"
    for events in ("{review: never, surely: never}", "{review: never, surely: 2021-10}"):
        path.write_text(text.replace("{review: 2021-07, surely: 2021-10}", events), encoding="utf-8")
        assert not any("said never" in warning for warning in settlement_summary(settled(load(path)))["warnings"])
