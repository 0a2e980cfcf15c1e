"""What a contract is settled on: costs that came, figures that are expected, files that can only be settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from sibsim.replay.settled import settled

BASE = """\
sibsim: 1
title: A loan for a service, as it went
currency: SEK
start: 2020-01
step: year
sources: {REPORT: {title: The last report}}
parties: {payer: A town, investor: A fund, provider: A charity}
participants: {size: 100, duration: 1 year}
outcomes: {result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: 10}}
measures: {points: {of: result, as: average, follow_up: 1 year, reported: [2021-01, 2022-01]}}
contract:
  payments:
    success: {measure: points, per_unit: 10}
costs: {service: {amount: 60}}
finance: {tranches: {loan: {amount: 100}}}
actuals:
  measures: {points: {2021-01: 4, 2022-01: 5}}
"""


def of(folder: Path, actuals: str, old: str = "", new: str = "") -> Path:
    """A file with these lines under `actuals`."""
    assert BASE.count(old) == 1 or not old
    path = folder / "service.yaml"
    text = BASE.replace(old, new) if old else BASE
    path.write_text(text + "".join(f"  {line}\n" for line in actuals.splitlines()), encoding="utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    """What is wrong with a file, each with its line."""
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    return [f"{problem.line}: {problem.message}" for problem in caught.value.problems]


# ------------------------------------------------------------------------------------------------ costs and figures
@pytest.mark.key("actuals.costs")
def test_costs_come_to_what_they_came_to(tmp_path: Path) -> None:
    """60 are planned at the start; 30 came then and 50 a year later: 80 are drawn. 40 and 50 are paid back."""
    done = settled(load(of(tmp_path, "costs: {service: {2020-01: 30, 2021-01: 50}}")))
    drawn = [(b.column, b.outstanding["loan"]) for b in done.recorder.balances]
    assert drawn == [(0, 30), (1, 40), (2, 0)]
    assert done.scenario.actuals is not None
    assert done.scenario.actuals.costs == {"service": ((0, 30.0), (1, 50.0))}


@pytest.mark.key("actuals.expected", "expected.value", "expected.tolerance", "expected.source", "expected.status")
def test_expected_figures_are_kept_with_their_evidence(tmp_path: Path) -> None:
    path = of(
        tmp_path,
        "expected:\n"
        "  total_paid: 90\n"
        "  payments.success.2022-01-01: {value: 50, tolerance: 0.5, source: REPORT, status: published, note: paid}\n"
        "  tranches.all.irr: {value: 5 %, tolerance: 0.1 %}\n"
        "  tranches.loan.moic: 1.5\n"
        "  parties.investor.net: {value: -0.5 k}\n"
        "  payers.payer: 90\n"
        "  measures.points: 5\n",
    )
    came = check_file(path).actuals
    assert came is not None
    assert [(e.figure, e.value, e.tolerance) for e in came.expected] == [
        ("total_paid", 90.0, 0.0),
        ("payments.success.2022-01", 50.0, 0.5),
        ("tranches.all.irr", 0.05, 0.001),
        ("tranches.loan.moic", 1.5, 0.0),
        ("parties.investor.net", -500.0, 0.0),
        ("payers.payer", 90.0, 0.0),
        ("measures.points", 5.0, 0.0),
    ]
    evidence = came.expected[1].evidence
    assert (evidence.source, evidence.status, evidence.note) == ("REPORT", "published", "paid")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("total_pay: 90", "no figure 'total_pay'; did you mean 'total_paid'?"),
        ("something: 90", "a figure begins with total_paid, payments"),
        ("payments: 90", "say which, e.g. payments.success"),
        ("payments.succes: 90", "no payment is called 'succes'; did you mean 'success'?"),
        ("payments.success.soon: 90", "or a date, e.g. 2018-10; got 'soon'"),
        ("payments.success.2019-01: 90", "2019-01 is before `start`"),
        ("payments.success.2020-05: 90", "no money moves on 2020-05: write 2021-01"),
        ("tranches.loan: 90", "write tranches.loan.drawn (drawn, received"),
        ("tranches.loan.irrr: 5 %", "did you mean 'irr'?"),
        ("tranches.bond.irr: 5 %", "no tranche is called 'bond'"),
        ("tranches.loan.irr: 5", "is a percent, e.g. 5.5 %; got 5"),
        ("total_paid: 5 %", "'total_paid' is money; got 5 %"),
        ("guarantees.g: 90", "no guarantee is called 'g'"),
        ("parties.payer.gross: 90", "write parties.payer.net"),
        ("payers.payer.net: 90", "write payers.payer alone"),
        ("total_paid: {value: 90, tolerance: -1}", "must be 0 or more, got -1"),
        ("total_paid: {value: 90, tolerance: 1 %}", "must be in the unit of the value (90); got 1 %"),
        ("total_paid: {value: 90, tolerence: 1}", "did you mean 'tolerance'?"),
        ("total_paid: {tolerance: 1}", "missing key 'value'"),
        ("total_paid: {value: 90, source: BOOK}", "no entry of `sources` is called 'BOOK'"),
        ("total_paid: {normal: {mean: 4, sd: 1}}", "unknown key"),
        ("total_paid:", "has no value; leave out what is not known"),
    ],
)
def test_figures_that_no_settlement_has(tmp_path: Path, line: str, says: str) -> None:
    found = mistakes(of(tmp_path, f"expected:\n  {line}"))
    assert any(one.startswith("19: ") and says in one for one in found), found


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("servise: {2020-01: 1}", "no cost is called 'servise'; did you mean 'service'?"),
        ("service: 1", "expected dates with amounts"),
        ("service: {2020-01: -1}", "must be 0 or more, got -1"),
        ("service: {2019-01: 1}", "2019-01 is before `start` (2020-01)"),
        ("service: {2032-01: 1}", "is after the last date of the contract (2022-01); if it is right, give a later"),
    ],
)
def test_costs_that_cannot_have_come(tmp_path: Path, line: str, says: str) -> None:
    found = mistakes(of(tmp_path, f"costs:\n  {line}"))
    assert len(found) == 1
    assert found[0].startswith("19: ")
    assert says in found[0]
