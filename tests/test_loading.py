"""A good file becomes the scenario it says: values, defaults, references, dates."""

from __future__ import annotations

import hashlib
import math
from datetime import date
from pathlib import Path

import pytest

from sibsim.loading import load
from sibsim.scenario import Cap, Level, Number, OverTime, Ref, Row, Scenario
from sibsim.timeline import report_columns

PILOT = """\
sibsim: 1
title: "Homes kept: a pilot"
sources:
  EVAL: {title: An evaluation, year: 2024}
currency: SEK
start: 2026-01
horizon: 6 years
discount_rate: {value: 3 %, source: EVAL}
budget_year: April
parties:
  payer: The town
  fund: {name: An outcomes fund, cash: 3 m, discount_rate: 2.5 %}
  investor: A lender
  provider: A charity
  backer: A foundation
inputs:
  relative risk: {lognormal: {interval_95: [0.60, 0.90]}, source: EVAL, note: from 31 programmes}
  care cost: {pert: {low: 40 k, mode: 60 k, high: 90 k}, status: assumed}
  baseline: 50 %
correlations:
  - {between: [relative risk, care cost], rank: 0.2, status: assumed}
participants:
  duration: 12 months
  dropout: {beta: {mean: 20 %, sd: 6 %}, status: assumed}
  cohorts:
    first: {size: 100, intake: 6 months}
    second: {size: {value: 200, source: EVAL}, start: 2027-01, dropout: 10 %}
outcomes:
  eviction: {type: event, better: fewer, over: 2 years, without: baseline, lasts: {half_life: 3 years},
             effect: {ratio: relative risk, among: offered}}
  debts: {type: event, better: fewer, without: {per_year: 30 %}, effect: {hazard_ratio: relative risk}, lasts: always}
  wellbeing: {type: score, better: more, over: 1 year, effect: {difference: 2}, sd: 12,
              lasts: {table: [[0 years, 100 %], [2 years, 40 %]]}}
measures:
  fewer evictions: {of: eviction, as: relative_improvement, comparison: {matched: 2 000, bias: 5 %}, lag: 3 months}
  better lives: {of: wellbeing, as: improvement, for_each: cohort, comparison: {rct: 300}, error: 0.5}
  kept homes: {of: eviction, as: total, reported: {every: year, from: 2027-01, until: 2029-01},
               missing: 10 %, missing_as: failed}
  sign-ups: {of: starts, as: total, reported: [2026-07, 2027-01]}
contract:
  payments:
    fee: {amount: 1 m, over: 2 years, to: provider}
    success:
      measure: fewer evictions
      line: [[otherwise, 0], [5 %, 10 %], [above 30 %, {2026: 110 %, 2029-07: 120 %}]]
      of: drawn
      band: [none, 40 %]
      if: [{better lives: above 0, kept homes: at least 10}, {fewer evictions: at least 5 %}]
      by: {fund: {2026: 30 %, 2029: 20 %}, payer: rest}
      floor: 5 %
      cap: {total: 120 %, per_year: 3 m}
      to: loan
    bonus: {measure: success, per_unit: 0.1, at: [4 years, 2031-01]}
  cap: 9 m
costs:
  service: {amount: 15 500, per: starter, over: 1 year, index: 2 %}
  evaluation: {amount: 200 000, over: 3 years, from: 2026-07, by: payer, to: outside}
benefits:
  less care: {of: eviction, kind: cashable, worth: care cost, per: year, share: 30 %}
finance:
  tranches:
    loan: {amount: 4 m, rate: 3 %, hurdle: 2 %}
    gift: {by: backer, amount: 500 000, kind: grant, drawn: upfront}
  distribute: 2031-01
  surplus: {loan: 60 %, provider: rest}
  shortfall: payer
  guarantees:
    cover: {by: backer, covers: [loan], over: 1 m, share: 50 %, up_to: {2026: 1 m, 2028: 2 m}}
options:
  dear: {inputs.care cost: 100 k}
"""


def write(folder: Path, text: str, name: str = "pilot.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def pilot(tmp_path: Path) -> Scenario:
    return load(write(tmp_path, PILOT))


def test_header(pilot: Scenario, tmp_path: Path) -> None:
    assert (pilot.name, pilot.title, pilot.currency) == ("pilot", "Homes kept: a pilot", "SEK")
    assert (pilot.start, pilot.step_months, pilot.horizon, pilot.price_year) == (date(2026, 1, 1), 3, 24, 2026)
    assert (pilot.budget_year, pilot.discount_rate) == (4, Number(0.03, "percent"))
    assert pilot.sha256 == hashlib.sha256(PILOT.encode()).hexdigest()
    assert pilot.available_options == ("dear",)
    assert pilot.sources == {"EVAL": {"title": "An evaluation", "year": "2024"}}
    fund = pilot.party("fund")
    assert (fund.name, fund.cash, fund.discount_rate) == (
        "An outcomes fund",
        Number(3e6, "money"),
        Number(0.025, "percent"),
    )


def test_inputs(pilot: Scenario) -> None:
    risk, care, baseline, dropout = pilot.inputs
    assert [i.name for i in pilot.inputs] == ["relative risk", "care cost", "baseline", "participants.dropout"]
    assert [i.dimension for i in pilot.inputs] == [0, 1, None, 2]
    assert [i.unit for i in pilot.inputs] == ["number", "money", "percent", "percent"]
    # the median of a lognormal with this interval is the geometric mean of its ends
    assert math.isclose(risk.distribution.mean / math.exp(risk.distribution.log_sd**2 / 2), math.sqrt(0.60 * 0.90))  # type: ignore[attr-defined]
    assert math.isclose(care.distribution.mean, (40_000 + 4 * 60_000 + 90_000) / 6)
    assert (baseline.distribution.name, baseline.distribution.mean) == ("fixed", 0.5)
    assert (risk.evidence.source, risk.evidence.note, care.evidence.status) == ("EVAL", "from 31 programmes", "assumed")
    assert dropout.evidence.shown == "beta: mean 20 %, sd 6 %"
    assert pilot.correlations[0].between == ("relative risk", "care cost")


def test_evidence_of_every_figure_that_has_it(pilot: Scenario) -> None:
    known = {e.path: (e.shown, e.source, e.status) for e in pilot.evidence}
    assert known["discount_rate"] == ("3 %", "EVAL", None)
    assert known["participants.cohorts.second.size"] == ("200", "EVAL", None)
    assert known["inputs.baseline"] == ("50 %", None, None)
    assert any("3 figures have no source: care cost, baseline, participants.dropout" in w for w in pilot.warnings)


def test_cohorts_take_what_they_do_not_say(pilot: Scenario) -> None:
    first, second = pilot.cohorts
    assert (first.name, first.size, first.start, first.intake, first.duration) == ("first", Number(100.0), 0, 6.0, 12.0)
    assert (second.size, second.start, second.intake) == (Number(200.0), 4, 0.0)
    assert first.dropout == Ref("participants.dropout")
    assert second.dropout == Number(0.1, "percent")


def test_outcomes(pilot: Scenario) -> None:
    eviction, debts, wellbeing = pilot.outcomes
    assert eviction.without == Level(Ref("baseline"))
    assert eviction.effect is not None
    assert (eviction.effect.kind, eviction.effect.among, eviction.over) == ("ratio", "offered", 24.0)
    assert eviction.lasts is not None
    assert (eviction.lasts.kind, eviction.lasts.months) == ("half_life", 36.0)
    assert debts.without == Level(Number(0.3, "percent"), per_year=True)
    assert debts.over is None
    assert debts.lasts is not None
    assert debts.lasts.kind == "always"
    assert wellbeing.lasts is not None
    assert wellbeing.lasts.table == ((0.0, 1.0), (24.0, 0.4))
    assert wellbeing.is_causal


def test_measures(pilot: Scenario) -> None:
    fewer, lives, kept, sign_ups = pilot.measures
    assert (fewer.follow_up, fewer.lag, fewer.reported, fewer.unit) == (24.0, 3.0, None, "percent")
    assert (fewer.comparison.kind, fewer.comparison.n, fewer.comparison.bias) == (
        "matched",
        Number(2000.0),
        Number(0.05, "percent"),
    )
    # the second cohort starts in column 4; two years later, and the lag of one column
    assert report_columns(pilot, fewer) == {None: (13,)}
    assert (lives.for_each_cohort, lives.unit, lives.error) == (True, "number", Number(0.5))
    assert report_columns(pilot, lives) == {"first": (5,), "second": (8,)}
    assert (kept.follow_up, kept.reported, kept.missing_as, kept.unit) == (None, (4, 8, 12), "failed", "number")
    assert (sign_ups.of, sign_ups.reported) == ("starts", (2, 4))


def test_payments(pilot: Scenario) -> None:
    fee, success, bonus = pilot.payments
    assert (fee.shape, fee.parameter, fee.over, fee.to, fee.by) == (
        "amount",
        Number(1e6, "money"),
        24.0,
        "provider",
        (("payer", "rest"),),
    )
    assert success.shape == "line"
    assert success.parameter == (
        Row(None, Number(0.0)),
        Row(Number(0.05, "percent"), Number(0.1, "percent")),
        Row(Number(0.3, "percent"), OverTime(((0, Number(1.1, "percent")), (14, Number(1.2, "percent")))), strict=True),
    )
    assert success.band == (None, Number(0.4, "percent"))
    assert success.by == (
        ("fund", OverTime(((0, Number(0.3, "percent")), (12, Number(0.2, "percent"))))),
        ("payer", "rest"),
    )
    assert success.cap == Cap(total=Number(1.2, "percent"), per_year=Number(3e6, "money"))
    assert success.if_ is not None
    lives_and_homes, fewer = success.if_.alternatives
    assert [(t.left, t.comparison, t.right) for t in lives_and_homes] == [
        ("better lives", "above", Number(0.0)),
        ("kept homes", "at least", Number(10.0)),
    ]
    assert fewer[0].right == Number(0.05, "percent")
    assert (bonus.measure, bonus.at, bonus.to) == ("success", (16, 20), "account")
    assert pilot.contract_cap == Cap(total=Number(9e6, "money"))


def test_costs_benefits_finance(pilot: Scenario) -> None:
    service, evaluation = pilot.costs
    assert (service.by, service.to, service.per, service.over) == ("account", "provider", "starter", 12.0)
    assert (evaluation.from_, evaluation.over, evaluation.by, evaluation.to) == (2, 36.0, "payer", "outside")
    assert pilot.benefits[0].worth == Ref("care cost")
    assert pilot.finance is not None
    loan, gift = pilot.finance.tranches
    assert (loan.by, loan.rate, loan.drawn, gift.kind, gift.drawn) == (
        "investor",
        Number(0.03, "percent"),
        "as needed",
        "grant",
        "upfront",
    )
    assert pilot.finance.distribute == (20,)
    assert pilot.finance.surplus == (("loan", Number(0.6, "percent")), ("provider", Number(0.4, "percent")))
    assert pilot.finance.guarantees[0].up_to == OverTime(((0, Number(1e6, "money")), (8, Number(2e6, "money"))))


def test_without_finance_the_account_is_the_providers(tmp_path: Path) -> None:
    text = PILOT[: PILOT.index("finance:")].replace("of: drawn", "of: 4 m").replace("      to: loan\n", "")
    scenario = load(write(tmp_path, text))
    assert {p.to for p in scenario.payments} == {"provider"}
    assert [(c.by, c.to) for c in scenario.costs] == [("provider", "outside"), ("payer", "outside")]


def test_smallest_contract_without_participants(tmp_path: Path) -> None:
    text = """\
sibsim: 1
title: One number
currency: USD
start: 2020-01
step: year
parties: {payer: a city}
outcomes:
  fall: {type: score, each: cohort, better: more, over: 4 years, without: 0 %, effect: {difference: 10 %}}
measures:
  found: {of: fall, as: average, error: 3 %}
"""
    scenario = load(write(tmp_path, text))
    assert not scenario.has_people
    assert len(scenario.cohorts) == 1
    assert scenario.outcomes[0].sd == Number(0.0)
    assert report_columns(scenario, scenario.measures[0]) == {None: (4,)}


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b"\xef\xbb\xbf" + b,
        lambda b: b.replace(b"\n", b"\r\n"),
        lambda b: b.replace(b"15 500", "15\u202f500".encode()),
    ],
)
def test_bom_crlf_and_no_break_spaces_change_nothing(tmp_path: Path, change: object, pilot: Scenario) -> None:
    path = tmp_path / "other.yaml"
    path.write_bytes(change(PILOT.encode()))  # type: ignore[operator]
    other = load(path)
    assert other.costs == pilot.costs
    assert other.payments == pilot.payments
    assert other.title == pilot.title
