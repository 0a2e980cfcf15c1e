"""What really came is read, checked against the contract, and moves no figure of a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from sibsim.replay.settled import settled
from sibsim.scenario import Actuals
from tests.support import run

TOWN = """\
sibsim: 1
title: Fewer relapses, as it went
currency: SEK
start: 2020-01
sources: {EVAL: {title: The evaluation}}
parties: {payer: A town, investor: A fund, provider: A charity}
inputs:
  effect: {normal: {mean: 10 %, sd: 2 %}}
  price: {lognormal: {mean: 50 k, sd: 5 k}}
participants:
  duration: 12 months
  cohorts: {c1: {size: 100}, c2: {size: 150, start: 2021-01}}
outcomes:
  relapse: {type: event, better: fewer, without: 50 %, effect: {difference: {uniform: {low: -20 %, high: 0 %}}}}
  mood: {type: score, better: more, effect: {difference: 2}, sd: 10}
measures:
  fewer: {of: relapse, as: relative_improvement, comparison: {rct: 200}, for_each: cohort}
  share: {of: relapse, as: average, lag: 3 months}
  relapses: {of: relapse, as: total, reported: [2021-01, 2022-01]}
  moods: {of: mood, as: improvement, comparison: {rct: 100}}
contract:
  payments:
    success: {measure: fewer, per_point: 20 k}
    fee: {amount: effect, of: price, at: 2021-01, to: provider}
costs: {programme: {amount: 10 k, per: starter}}
finance: {tranches: {loan: {amount: 3 m}}}
actuals:
  measures:
    fewer: {c1: 8.4 %, c2: {value: -9.7 %, source: EVAL}}
    share: 45 %
    relapses: {2021-01: 40, 2022-01: {value: 71, source: EVAL}}
  drawn: {loan: {2020-01: 1 m, 2021-01: 1.5 m}}
  inputs: {price: 52 k, effect: 11 %}
"""


def of(folder: Path, old: str = "", new: str = "") -> Path:
    assert TOWN.count(old) == 1 or not old
    path = folder / "town.yaml"
    path.write_text(TOWN.replace(old, new), encoding="utf-8")
    return path


def test_what_came_is_read(tmp_path: Path) -> None:
    scenario = check_file(of(tmp_path))
    assert scenario.actuals == Actuals(
        measures={
            "fewer": ((None, {"c1": pytest.approx(0.084), "c2": pytest.approx(-0.097)}),),
            "share": ((None, 0.45),),
            "relapses": ((4, 40.0), (8, 71.0)),
        },
        drawn={"loan": ((0, 1e6), (4, 1.5e6))},
        inputs={"price": 52e3, "effect": pytest.approx(0.11)},
    )


def test_cohorts_may_stand_below_dates_and_some_reports_may_be_unknown(tmp_path: Path) -> None:
    scenario = load(
        of(tmp_path, "fewer: {c1: 8.4 %, c2: {value: -9.7 %, source: EVAL}}", "fewer: {2021-01: {c1: 5 %}}")
    )
    assert scenario.actuals is not None
    assert scenario.actuals.measures["fewer"] == ((4, {"c1": 0.05}),)


def test_a_run_uses_none_of_it(tmp_path: Path) -> None:
    with_it, without = load(of(tmp_path)), load(of(tmp_path), sets=["actuals=none"])
    assert without.actuals is None
    summaries = [run(s, workers=1).summary() for s in (with_it, without)]
    assert summaries[0]["parties"] == summaries[1]["parties"]


@pytest.mark.parametrize(
    ("old", "new", "says", "near"),
    [
        ("    share: 45 %", "    shares: 45 %", "no measure is called 'shares'; did you mean 'share'?", "shares:"),
        ("    share: 45 %", "    mood: 4", "no measure is called 'mood'; it is the name of an outcome", "mood: 4"),
        ("    share: 45 %", "    share: 45", "must be from 0 % to 100 %, got 45; write 45 %", "share: 45"),
        ("    share: 45 %", "    share: 145 %", "must be from 0 % to 100 %, got 145 %", "share: 145"),
        ("    share: 45 %", "    share: effect", "what came is a number, not an input", "share: eff"),
        ("    share: 45 %", "    share: {normal: {mean: 4 %, sd: 1 %}}", "is one number at each report", "share: {n"),
        ("    share: 45 %", "    share: {c1: 45 %, c2: 40 %}", "'share' is one number at each report", "share: {c1"),
        ("    share: 45 %", "    share: {2022-01: 45 %}", "it is reported in 2022-04", "share: {2022"),
        ("    share: 45 %", "    share: 45 k", "45 k is money", "share: 45 k"),
        ("    share: 45 %", "    share: sometimes", "neither a percent", "share: some"),
        ("    share: 45 %", "    share:", "has no value", "share:"),
        ("    share: 45 %", "    moods: 30 %", "30 % is a percent", "moods: 30"),
        ("fewer: {c1: 8.4 %", "fewer: {c3: 8.4 %", "'fewer' has no cohort 'c3'", "fewer: {c3"),
        ("fewer: {c1: 8.4 %", "fewer: {c1: 108.4 %", "100 %, got 108.4 %", "fewer: {c1"),
        ("fewer: {c1: 8.4 %, c2: {value: -9.7 %, source: EVAL}}", "fewer: 8 %", "for each cohort: write {", "fewer: 8"),
        ("{2021-01: 40, 2022", "{2021-04: 40, 2022", "no report of 'relapses' is due then", "{2021-04"),
        ("{2021-01: 40, 2022", "{2019-01: 40, 2022", "2019-01 is before `start`", "{2019-01"),
        ("{2021-01: 40, 2022", "{2022-01-01: 40, 2022", "two dates fall in one column", "{2022-01-01"),
        ("{2021-01: 40, 2022-01: {value: 71, source: EVAL}}", "40", "write which report this is", "relapses: 40"),
        ("{2021-01: 40, 2022", "{2021-01: -40, 2022", "must be 0 or more, got -40", "{2021-01: -40"),
        ("{2021-01: 40, 2022", "{2021-01: 40 %, 2022", "40 % is a percent", "{2021-01: 40 %"),
        ("drawn: {loan", "drawn: {bond", "no tranche is called 'bond'", "drawn: {bond"),
        ("{2020-01: 1 m", "{2019-01: 1 m", "2019-01 is before `start`", "{2019-01"),
        ("{2020-01: 1 m", "{2020-01: 2 m", "500 000 SEK more than the tranche's `amount`", "drawn: {loan"),
        ("2021-01: 1.5 m}", "2031-01: 1.5 m}", "after the last date of the contract (2022-04)", "2031-01: 1.5"),
        ("{2020-01: 1 m, 2021-01: 1.5 m}", "1 m", "expected dates with amounts", "drawn: {loan"),
        ("{2020-01: 1 m", "{2020-01: -1 m", "must be 0 or more", "{2020-01: -1"),
        ("price: 52 k", "prices: 52 k", "no input is called 'prices'", "prices: 52"),
        ("price: 52 k", "price: -52 k", "must be 0 or more, got -52 k", "price: -52"),
        ("price: 52 k", "price: 52 %", "52 % is a percent", "price: 52 %"),
        ("effect: 11 %", "effect: 0.11", "0.11 is a plain number", "effect: 0.11"),
        ("  drawn: {loan", "  events: {stop: 2021-01}\n  drawn: {loan", "no event is called 'stop'", "events: {st"),
        ("  drawn: {loan", "  paid: 4 m\n  drawn: {loan", "unknown key", "paid: 4"),
    ],
)  # fmt: skip
def test_what_cannot_have_come_is_told_in_its_line(tmp_path: Path, old: str, new: str, says: str, near: str) -> None:
    path = of(tmp_path, old, new)
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    found = [p for p in caught.value.problems if says in p.message]
    assert found, str(caught.value)
    assert near in lines[found[0].line - 1]
    assert len(caught.value.problems) == 1, str(caught.value)


HOMES = """\
sibsim: 1
title: Homes, step by step, with a reform on the way
currency: SEK
start: 2020-01
parties: {payer: A town, provider: A charity}
participants: {size: 50, duration: 12 months}
outcomes:
  homes: {type: milestones, better: more, steps: {moves in: [80 %, 1 month], stays: [75 %, 6 months]}}
  days: {type: days, better: fewer, over: 2 years, without: {per_year: 7}, sd: 3}
measures:
  reached: {of: homes, as: total, reported: [2021-01, 2022-01]}
  growth: {of: days, as: growth, reported: 2022-01}
  met: {goals: [{growth: below 110 %}, {growth: below 100 %}]}
contract: {payments: {steps: {measure: reached, prices: {moves in: 5 k, stays: 9 k}}}}
events:
  reform: {at: [2021-01, 2022-01], chance: 10 %, stops: [payments]}
  flood: {chance_per_year: 1 %, from: 2020-07, until: 2021-07}
actuals:
  measures:
    reached: {2021-01: {moves in: 38, stays: 30}, 2022-01: {moves in: 0, stays: 2}}
    growth: 104 %
    met: 1
  events: {reform: never, flood: 2021-04}
"""


def test_steps_composites_and_events(tmp_path: Path) -> None:
    path = tmp_path / "homes.yaml"
    path.write_text(HOMES, encoding="utf-8")
    came = check_file(path).actuals
    assert came == Actuals(
        measures={
            "reached": ((4, {"moves in": 38.0, "stays": 30.0}), (8, {"moves in": 0.0, "stays": 2.0})),
            "growth": ((None, 1.04),),
            "met": ((None, 1.0),),
        },
        events={"reform": None, "flood": 5},
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("stays: 2}", "sits: 2}", "'reached' has no step 'sits'; did you mean 'stays'?"),
        ("{moves in: 0, stays: 2}", "2", "'reached' is reported for each step: write {moves in: 20, ...}"),
        ("stays: 2}", "stays: -2}", "must be 0 or more, got -2"),
        ("stays: 2}", "stays: 2 %}", "2 % is a percent"),
        ("met: 1", "met: 3", "must be from 0 to 2, got 3"),
        ("met: 1", "met: 0.5", "must be a whole number, got 0.5"),
        ("growth: 104 %", "growth: -4 %", "must be 0 or more, got -4 %"),
        ("reform: never", "reform: often", "expected a date, e.g. 2020-06; got 'often'"),
        (
            "reform: never",
            "reform: 2021-04",
            "'reform' can happen in 2021-01 and 2022-01; nothing else is in its terms",
        ),
        ("flood: 2021-04", "flood: 2021-10", "'flood' can happen in 2020-07, 2020-10, 2021-01, 2021-04 and 2021-07"),
        ("flood: 2021-04", "flood: 2019-10", "2019-10 is before `start` (2020-01)"),
        ("flood: 2021-04", "growth: 2021-04", "no event is called 'growth'; it is the name of a measure"),
    ],
)
def test_steps_and_events_that_cannot_be(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert HOMES.count(old) == 1
    path = tmp_path / "homes.yaml"
    path.write_text(HOMES.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    assert [p for p in caught.value.problems if says in p.message], str(caught.value)
    assert len(caught.value.problems) == 1, str(caught.value)


CARD = """sibsim: 1
title: A rate card by cohort
currency: SEK
start: 2020-01
parties: {payer: A town, provider: A charity}
participants: {cohorts: {boys: {size: 50}, girls: {size: 50}}}
outcomes:
  job: {type: event, better: more, over: 1 year, with: 30 %}
  course: {type: event, better: more, over: 1 year, with: 50 %}
measures: {items: {of: [job, course], as: total, follow_up: 1 year, for_each: cohort}}
contract: {payments: {card: {measure: items, prices: {job: 20 k, course: 5 k}, cap: {per_cohort: 300 k}}}}
actuals: {measures: {items: {boys: {job: 16, course: 2}, girls: {job: 3, course: 0}}}}
"""


@pytest.mark.key("actuals.measures")
def test_outcomes_with_a_price_each_by_cohort(tmp_path: Path) -> None:
    """16 x 20 000 and 2 x 5 000 are 330 000, of which a cohort gets 300 000; 3 x 20 000 are 60 000."""
    path = tmp_path / "card.yaml"
    path.write_text(CARD, encoding="utf-8")
    settlement = settled(check_file(path)).settlement
    assert sum(settlement.ledger.paid("payer", ("payment",)).values()) == pytest.approx(360_000)
    path.write_text(CARD.replace(", girls: {job: 3, course: 0}", ""), encoding="utf-8")
    found = settled(check_file(path))
    assert sum(found.settlement.ledger.paid("payer", ("payment",)).values()) == pytest.approx(300_000)
    assert [(one.subject, one.key) for one in found.recorder.open] == [("card", "girls")]
    for old, new, says in (
        ("girls: {job: 3, course: 0}", "girls: 3", "a price for each of these: write {job: ..., course: ...}"),
        (", course: 0", "", "lacks course; write 0 for what did not come"),
        ("girls: {job: 3", "girls: {work: 3", "'items' has no outcome 'work'"),
        ("items: {boys: {job: 16, course: 2}, girls: {job: 3, course: 0}}", "items: 3", "write {boys: {...}, ...}"),
    ):
        path.write_text(CARD.replace(old, new), encoding="utf-8")
        with pytest.raises(ScenarioError, match=re.escape(says)):
            check_file(path)
