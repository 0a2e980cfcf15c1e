"""What came fits the people of the file: nobody twice, nobody in part, no more days than there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file

BASE = """\
sibsim: 1
title: People who can be counted
currency: SEK
start: 2020-01
step: quarter
parties: {payer: A town, provider: A charity}
inputs: {how many: {uniform: {low: 50, high: 100}, status: assumed}}
participants:
  duration: 6 months
  cohorts: {early: {size: 100}, late: {size: 120, start: 2021-01}}
outcomes:
  job: {type: milestones, better: more, steps: {placed: [50 %, 3 months], stays: [80 %, 9 months]}}
  nights: {type: days, better: fewer, over: 12 months, with: 20, sd: 30}
  visit: {type: count, better: fewer, with: 3}
  evicted: {type: event, better: fewer, over: 1 year, without: 12 %, effect: {ratio: 0.8}}
measures:
  jobs: {of: job, as: total, reported: [2021-07, 2022-07]}
  jobs by cohort: {of: job, as: total, for_each: cohort, follow_up: 9 months}
  hostel: {of: nights, as: total, follow_up: 12 months, reported: 2022-07}
  visits: {of: visit, as: total, reported: 2022-07}
  evictions: {of: evicted, as: total, covers: to date, reported: [2021-07, 2022-07]}
  people: {of: starts, as: total, reported: 2022-07}
  done: {of: completions, as: total, reported: 2022-07}
  referred: {of: referrals, as: total, reported: 2022-07}
contract:
  payments: {card: {measure: jobs, prices: {placed: 10, stays: 20}}}
actuals:
  measures:
    LINE
"""


def problems(folder: Path, line: str, **changes: str) -> list[str]:
    path = folder / "people.yaml"
    text = BASE.replace("LINE", line.replace("; ", "\n    "))
    for old, new in changes.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    try:
        check_file(path)
    except ScenarioError as error:
        return [f"{one.path}: {one.message}" for one in error.problems]
    return []


@pytest.mark.parametrize(
    "line",
    [
        "jobs: {2021-07: {placed: 100, stays: 100}, 2022-07: {placed: 120, stays: 120}}",
        "jobs: {2021-07: {placed: 40, stays: 20}, 2022-07: {placed: 0, stays: 20}}",  # those placed before
        "jobs: {2022-07: {placed: 10, stays: 20}}",  # how many were placed by the first report nobody told
        "jobs by cohort: {early: {placed: 100, stays: 100}, late: {placed: 120, stays: 0}}",
        "hostel: 80 520",  # 220 people of 366 days
        "visits: 1 000",
        "evictions: {2021-07: 150, 2022-07: 220}",  # to date, so not added up
        "people: 220",
        "referred: 250; evictions: {2022-07: 221}",  # more were referred than was planned
        "people: 221; done: 221",
    ],
)
def test_what_can_have_come(tmp_path: Path, line: str) -> None:
    assert problems(tmp_path, line) == []


@pytest.mark.parametrize(
    ("line", "at", "says"),
    [
        ("jobs: {2021-07: {placed: 221, stays: 20}}", "2021-07.placed", "there are 220 people, and 221 are reported"),
        ("jobs: {2021-07: {placed: 200, stays: 20}, 2022-07: {placed: 21, stays: 0}}", "2022-07.placed",
         "21 are reported with the reports before it, 221 in all"),
        ("jobs by cohort: {early: {placed: 101, stays: 1}}", "early.placed", "there are 100 people in 'early'"),
        ("jobs: {2021-07: {placed: 40, stays: 41}}", "2021-07.stays",
         "41 reached 'stays' by 2021-07, and only 40 'placed', which comes before it"),
        ("jobs: {2021-07: {placed: 40, stays: 20}, 2022-07: {placed: 10, stays: 31}}", "2022-07.stays",
         "51 reached 'stays' by 2022-07, and only 50 'placed'"),
        ("jobs by cohort: {late: {placed: 40, stays: 41}}", "late.stays", "41 reached 'stays', and only 40 'placed'"),
        ("jobs: {2021-07: {placed: 40.5, stays: 20}}", "2021-07.placed", "this is a whole number; got 40.5"),
        ("visits: 3.5", "visits", "this is a whole number; got 3.5"),
        ("hostel: 80 521", "hostel", "people have 80 520 days, and 80 521 are reported"),
        ("evictions: {2022-07: 221}", "2022-07", "there are 220 people, and 221 are reported"),
        ("done: 221", "done", "if more took part than was planned, raise their `size`"),
        ("people: 20.5", "people", "this is a whole number; got 20.5"),
    ],
)  # fmt: skip
def test_what_cannot_have_come(tmp_path: Path, line: str, at: str, says: str) -> None:
    found = problems(tmp_path, line)
    assert len(found) == 1, found
    assert found[0].startswith("actuals.measures.")
    assert f"{at}: " in found[0]
    assert says in found[0]


def test_uncertain_sizes_and_inexact_readings_are_left(tmp_path: Path) -> None:
    line = "jobs: {2021-07: {placed: 221, stays: 20}}"
    assert problems(tmp_path, line, **{"early: {size: 100}": "early: {size: how many}"}) == []
    rounded = {"visits: {of: visit, as: total,": "visits: {of: visit, as: total, error: 2,"}
    assert problems(tmp_path, "visits: 3.5", **rounded) == []


def test_more_people_than_planned_are_told_of(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    for people, is_told in ((220, False), (221, True)):
        path.write_text(BASE.replace("LINE", f"people: {people}"), encoding="utf-8")
        told = "actuals.measures.people: 221 people are reported, and the file has 220 (`size`)"
        assert any(told in warning for warning in check_file(path).warnings) == is_told
