"""Valid contracts that look as if their terms contradicted each other: accepted, and they pay what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.loading import check_file
from tests.patterns.hand import settle

HEAD = """sibsim: 1
title: Terms that go together
currency: EUR
start: 2014-01
step: quarter
parties: {payer: A town, fund: A fund, guarantor: A bank, investor: Lenders, provider: A charity}
participants: {cohorts: {a: {size: 100}, b: {size: 200}, c: {size: 50}}}
"""
EACH = HEAD + "measures: {m: {as: relative_improvement, for_each: cohort, reported: 2016-01}}\n"
ALL = HEAD + "measures: {m: {as: relative_improvement, reported: 2016-01}, n: {as: average, reported: 2016-01}}\n"
TWICE = HEAD + "measures: {m: {as: relative_improvement, covers: to date, reported: [2014-04, 2014-07]}}\n"
HIGH = "steps: [[10 %, 900 k], [15 %, 990 k]]"


@pytest.mark.parametrize(
    ("head", "payments", "came", "pays"),
    [
        (EACH, f"p: {{measure: m, {HIGH}, split: size, cap: 750 k}}", "m: {a: 5 %, b: 5 %, c: 12 %}", 900e3 * 50 / 350),
        (ALL, f"p: {{measure: m, {HIGH}, times: n, cap: 750 k}}", "m: 12 %, n: 0.5", 450e3),
        (ALL, f"p: {{measure: m, {HIGH}, index: -20 %, cap: 750 k}}", "m: 12 %, n: 0", 900e3 * 0.64),
        (TWICE, "p: {measure: m, steps: [[10 %, 5 %], [20 %, 6 %]], of: 10 m, per: year, cap: {per_year: 300 k}}",
         "m: {2014-04: 12 %, 2014-07: 12 %}", 250e3),
        (TWICE, f"p: {{measure: m, {HIGH}, cumulative: true, cap: {{per_year: 950 k}}}}",
         "m: {2014-04: 12 %, 2014-07: 16 %}", 950e3),
        (ALL, f"q: {{amount: 400 k, at: 2015-01}}, p: {{measure: m, {HIGH}, less: q, cap: 750 k}}", "m: 12 %, n: 0",
         900e3),
        (ALL, "q: {amount: 400 k, at: 2015-01}, p: {measure: m, per_unit: 1, floor: 700 k, less: q, cap: 350 k}",
         "m: 12 %, n: 0", 700e3),
        (TWICE, "p: {measure: m, per_unit: 0 %, of: 10 m, floor: 5 %, per: year, cap: 300 k}",
         "m: {2014-04: 12 %, 2014-07: 12 %}", 250e3),
        (ALL, "p: {measure: m, per_unit: 1, floor: 105 k, round: {to: 10 k, direction: down}, cap: 102 k}",
         "m: 12 %, n: 0", 100e3),
        (ALL, "p: {measure: m, steps: [[10 %, 900 k], [20 %, 50 %]], of: 2 m}", "m: 22 %, n: 0", 1e6),
        (ALL, "p: {measure: m, steps: [[120 %, 9 k]], band: [-50 %, none]}", "m: 80 %, n: 0", 9e3),
        (ALL, "p: {measure: n, steps: [[1, -30 k]], cap: none}, q: {amount: 310 k, at: 2016-01, floor: 310 k}",
         "m: 0 %, n: 1", 280e3),
    ],
)  # fmt: skip
def test_terms_that_go_together(tmp_path: Path, head: str, payments: str, came: str, pays: float) -> None:
    text = f"{head}contract: {{payments: {{{payments}}}{', cap: 300 k' if '-30 k' in payments else ''}}}\n"
    money = settle(text, came)
    assert sum(amount for *_, amount in _signed(money)) == pytest.approx(pays)
    path = tmp_path / "terms.yaml"
    path.write_text(text, encoding="utf-8")
    assert not [w for w in check_file(path).warnings if "nothing is said" not in w and ("cap" in w or "pays less" in w)]


def _signed(money):  # type: ignore[no-untyped-def]
    for label, kind, source, target, day, amount in money.moves:
        if kind in ("payment", "money back"):
            yield label, kind, source, target, day, amount if kind == "payment" else -amount


LOAN = """
costs: {s: {amount: 100 k}}
finance: {tranches: {loan: {amount: 100 k, drawn: upfront}}, guarantees: {GUARANTEES}}
"""


@pytest.mark.parametrize(
    ("second", "pays"), [("share: 50 %", 10e3), ("share: 100 %", 20e3), ("share: 50 %, over: 10 k", 5e3)]
)
def test_a_guarantee_of_what_the_one_before_left(second: str, pays: float) -> None:
    """80 % of a loss of 100 000, then a share of the 20 000 that are left."""
    text = ALL + "contract: {payments: {p: {measure: n, per_unit: 1}}}" + LOAN
    both = f"first: {{by: guarantor, covers: [loan], share: 80 %}}, second: {{by: fund, covers: [loan], {second}}}"
    money = settle(text.replace("GUARANTEES", both), "m: 0 %, n: 0")
    assert money.between("guarantor", "investor") == 80e3
    assert money.between("fund", "investor") == pytest.approx(pays)


# ------------------------------------------------------------------------------------------------ what is left
@pytest.mark.parametrize(
    ("terms", "more", "can_be_left"),
    [
        ("amount: 100 k, drawn: upfront", "", False),
        ("amount: 101 k, drawn: upfront", "", True),
        ("amount: 150 k, drawn: {2014-01: 60 k, 2015-01: 41 k}", "", True),
        ("amount: 101 k", "", False),
        ("amount: 100 k, drawn: upfront", "events: {end: {at: 2014-07, chance: 5 %, stops: everything}}", True),
        ("amount: 100 k, drawn: upfront", "events: {end: {at: 2016-01, chance: 5 %, stops: everything}}", False),
    ],
)
def test_drawn_money_that_nobody_gets_is_told(tmp_path: Path, terms: str, more: str, can_be_left: bool) -> None:
    """The loan is paid straight; two costs of 50 000 in 2014 and 2015 are paid from what was drawn."""
    path, says = tmp_path / "left.yaml", "drawn money that is not spent goes to the provider"
    text = ALL + "contract: {payments: {p: {measure: n, per_unit: 100 k, to: loan}}}\n"
    text += f"costs: {{s: {{amount: 50 k, at: [2014-01, 2015-01]}}}}\n{more}\n"
    for finance, is_told in (
        (f"{{loan: {{{terms}}}}}", can_be_left),
        (f"{{loan: {{{terms}}}, two: {{amount: 1}}}}", False),
    ):
        path.write_text(f"{text}finance: {{tranches: {finance}}}\n", encoding="utf-8")
        assert any(says in warning for warning in check_file(path).warnings) == is_told
    path.write_text(f"{text}finance: {{tranches: {{loan: {{{terms}}}}}, surplus: {{loan: 100 %}}}}\n", encoding="utf-8")
    assert not any(says in warning for warning in check_file(path).warnings)
