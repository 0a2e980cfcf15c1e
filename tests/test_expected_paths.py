"""Every figure that may be expected of a settlement is there, whatever the contract."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from sibsim.cli import main
from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from sibsim.replay.figures import settlement_summary
from sibsim.replay.settled import settled

BASE = """\
sibsim: 1
title: Everything that can be named
currency: SEK
start: 2020-01
step: year
parties: {payer: A town, idle: A state, investor: A fund, helper: A foundation, guarantor: A bank, provider: A charity}
participants:
  duration: 1 year
  cohorts: {early: {size: 100}, late: {size: 100, start: 2021-01}}
outcomes:
  job: {type: milestones, better: more, steps: {placed: [50 %, 3 months], stays: [80 %, 9 months]}}
  evicted: {type: event, better: fewer, without: 12 %, effect: {ratio: 0.8}}
measures:
  jobs: {of: job, as: total, reported: [2021-01, 2022-01]}
  fewer: {of: evicted, as: relative_improvement, for_each: cohort, comparison: {matched: 900}}
  both: {weighted: {jobs: 1}}
contract:
  payments:
    card: {measure: jobs, prices: {placed: 10, stays: 20}}
    success: {measure: fewer, steps: [[10 %, 100]]}
    later: {amount: 5, at: 2023-01, if: {calm: happened}}
costs: {service: {amount: 600}}
finance:
  tranches:
    loan: {amount: 400}
    gift: {by: helper, amount: 400, kind: grant}
    reserve: {by: helper, amount: 100, drawn: upfront, after: calm}
  guarantees: {promise: {by: guarantor, covers: [loan], share: 50 %}}
events: {calm: {at: 2022-01, chance: 50 %}}
actuals:
"""
CAME = """\
  measures:
    jobs: {2021-01: {placed: 4, stays: 2}, 2022-01: {placed: 4, stays: 2}}
    fewer: {early: 12 %, late: 8 %}
  events: {calm: never}
"""
OF_TRANCHE = ("drawn", "received", "net_gain", "loss", "loss_share", "irr", "moic", "bond_equivalent_yield")
PARTIES = ("payer", "idle", "investor", "helper", "guarantor", "provider")
PATHS = (
    "total_paid",
    *(f"payments.{p}{date}" for p, date in product(("card", "success", "later"), ("", ".2021-01", ".2023-01"))),
    *(f"payers.{party}" for party in PARTIES),
    *(f"tranches.{t}.{leaf}" for t, leaf in product(("loan", "gift", "reserve", "all"), OF_TRANCHE)),
    "guarantees.promise",
    *(f"parties.{party}.net" for party in PARTIES),
    *("measures.jobs", "measures.jobs.2021-01", "measures.both", "measures.both.2022-01"),
    *("measures.fewer.early", "measures.fewer.late", "measures.fewer.2022-01.late", "measures.fewer.early.2021-01"),
)


def of(folder: Path, came: str, *lines: str) -> Path:
    path = folder / "all.yaml"
    path.write_text(BASE + came + "  expected:\n" + "".join(f"    {line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("came", [CAME, "  events: {calm: never}\n", CAME.replace("  events: {calm: never}\n", "")])
def test_no_path_of_what_is_expected_ever_fails(tmp_path: Path, came: str) -> None:
    found = settlement_summary(settled(load(of(tmp_path, came, *(f"{path}: 0" for path in PATHS)))))["expected"]
    assert len(found) == len(PATHS)
    by_path = {one["figure"]: one for one in found}
    assert by_path["payers.idle"]["computed"] == 0.0
    assert by_path["payers.idle"]["agrees"]
    if came == CAME:
        assert by_path["measures.fewer.2022-01.late"]["computed"] == pytest.approx(0.08)
        assert by_path["measures.fewer.early"]["computed"] == pytest.approx(0.12)
        assert by_path["measures.jobs"]["computed"] == 6.0
        assert by_path["tranches.reserve.irr"]["computed"] is None
    if came == CAME:
        assert main(["settle", str(tmp_path / "all.yaml")]) == 0


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("measures.fewer: 0", "'fewer' is reported for each cohort: say of which, e.g. measures.fewer.early"),
        ("measures.fewer.2021-01: 0", "say of which, e.g. measures.fewer.2021-01.early"),
        ("measures.fewer.2021-01.late: 0", "no report of 'fewer' is due then: it is reported in 2022-01"),
        ("measures.jobs.placed: 0", "after a measure stands nothing (its last report) or a date"),
    ],
)
def test_a_report_is_named_so_that_it_is_one(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        check_file(of(tmp_path, CAME, line))
    assert any(says in problem.message for problem in caught.value.problems), str(caught.value)


def test_without_loans_there_are_no_figures_of_all_loans(tmp_path: Path) -> None:
    path = of(tmp_path, CAME, "tranches.all.drawn: 0")
    text = path.read_text(encoding="utf-8")
    for name in ("loan: {amount: 400}", "    reserve: {by: helper, amount: 100, drawn: upfront, after: calm}\n"):
        text = text.replace(name, name.replace("}", ", kind: grant}"))
    text = text.replace("  guarantees: {promise: {by: guarantor, covers: [loan], share: 50 %}}\n", "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="the file has no loans"):
        check_file(path)
