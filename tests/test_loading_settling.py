"""What a contract is settled on: costs that came, figures that are expected, files that can only be settled."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load, load_settled
from sibsim.replay import settlement_summary
from sibsim.replay.settled import settled
from sibsim.report.layout import Layout
from sibsim.report.settlement import RENDERERS
from sibsim.simulate import simulate

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
measures: {points: {of: result, as: average, follow_up: 1 year, covers: to date, reported: [2021-01, 2022-01]}}
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
        ("payments.success.soon: 90", "a cohort or a date, e.g. 2018-10; got 'soon'"),
        ("payments.success.2019-01: 90", "2019-01 is before `start`"),
        ("payments.success.2020-05: 90", "2020-05 is no date of the calendar: write 2021-01"),
        ("tranches.loan: 90", "write tranches.loan.drawn (drawn, received"),
        ("tranches.loan.irrr: 5 %", "did you mean 'irr'?"),
        ("tranches.bond.irr: 5 %", "no tranche is called 'bond'"),
        ("tranches.loan.irr: 5", "is a percent, e.g. 5.5 %; got 5"),
        ("total_paid: 5 %", "'total_paid' is money; got 5 %"),
        ("guarantees.g: 90", "no guarantee is called 'g'"),
        ("parties.payer.gross: 90", "write parties.payer.net"),
        ("payers.payer.net: 90", "write payers.payer alone"),
        ("measures.points.soon: 90", "after a measure stands nothing (its last report) or a date, e.g. 2018-10"),
        ("measures.points.2023-01: 90", "no report of 'points' is due then: it is reported in 2021-01 and 2022-01"),
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


# ------------------------------------------------------------------------------------------------ without outcomes
ONLY = """\
sibsim: 1
title: A contract that has run, without any forecast
currency: GBP
start: 2014-01
step: quarter
parties: {payer: A town, investor: A fund, provider: A charity}
participants: {cohorts: {c1: {start: 2014-01}, c2: {start: 2015-01}}}
measures:
  gain: {as: relative_improvement, for_each: cohort, follow_up: 12 months, lag: 3 months}
  reached: {as: total, reported: [2015-01, 2016-01]}
  saving: {as: total, reported: 2016-01}
  days: {as: improvement, reported: 2016-01, unit: number}
contract:
  payments:
    success: {measure: gain, steps: [[5 %, 10 k], [10 %, 20 k]], to: loan}
    card: {measure: reached, prices: {moves in: 500, stays: 700}}
    part: {measure: saving, share: 50 %}
    days in a home: {measure: days, per_unit: 100}
costs: {service: {amount: 100 k}}
finance: {tranches: {loan: {amount: 100 k}}}
actuals:
  measures:
    gain: {c1: 8.4 %, c2: 12 %}
    reached: {2015-01: {moves in: 10, stays: 5}, 2016-01: {moves in: 3, stays: 0}}
    saving: 40 k
    days: 12.5
"""


def only(folder: Path, old: str = "", new: str = "") -> Path:
    assert ONLY.count(old) == 1 or not old
    path = folder / "only.yaml"
    path.write_text(ONLY.replace(old, new), encoding="utf-8")
    return path


def paid(path: Path) -> dict[tuple[str, int], float]:
    """What each payment paid at each column."""
    found: dict[tuple[str, int], float] = {}
    for entry in settled(load(path)).settlement.ledger:
        for column, amount in entry.amounts.items() if entry.kind == "payment" else ():
            found[entry.label, column] = found.get((entry.label, column), 0.0) + float(np.ravel(amount)[0])
    return found


@pytest.mark.key("measures.unit", "file.outcomes")
def test_a_contract_without_outcomes_is_settled_on_what_came(tmp_path: Path) -> None:
    """8.4 % reaches the first step, 12 % the second; 10 x 500 + 5 x 700, then 3 x 500; half of 40 k; 12.5 x 100."""
    scenario = check_file(only(tmp_path))
    assert [m.unit for m in scenario.measures] == ["percent", "number", "money", "number"]
    assert paid(only(tmp_path)) == {
        ("success", 5): pytest.approx(10e3),
        ("success", 9): pytest.approx(20e3),
        ("card", 4): pytest.approx(8500),
        ("card", 8): pytest.approx(1500),
        ("part", 8): pytest.approx(20e3),
        ("days in a home", 8): pytest.approx(1250),
    }
    with pytest.raises(ScenarioError, match="settle it on what came, with `sibsim settle"):
        simulate(scenario)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  gain: {as", "  gain: {of: relapse, as", 9, "the file has no `outcomes`, so that it can only be settled"),
        ("unit: number}", "comparison: {rct: 9}}", 12, "without `outcomes` readings are given: say it in a 'note'"),
        ("unit: number}", "missing: 9 %}", 12, "without `outcomes` readings are given: say it in a 'note'"),
        ("reported: 2016-01, unit: number}", "unit: number}", 12, "missing key 'reported'"),
        ("{as: improvement, rep", "{rep", 12, "missing key 'as'"),
        ("unit: number}", "unit: points}", 12, "must be number, percent or money, got points"),
        ("reported: 2016-01, unit: number}", "weighted: {gain: 1}}", 12, "stands for nothing beside 'weighted'"),
        ("prices: {moves in: 500, stays: 700}", "prices: {gain: 500}", 16, "'reached' does not count 'gain'"),
        ("{measure: reached, prices", "{prices", 16, "no measure is called 'moves in', or counts it in total; say"),
        ("{measure: gain, steps", "{split: size, measure: gain, steps", 7, "missing key 'size'"),
        ("{moves in: 10, stays: 5}", "15", 24, "'reached' is reported for each item: write {moves in: 20, ...}"),
        ("{moves in: 10, stays: 5}", "{moves in: 10}", 24, "lacks stays; write 0 for what did not come"),
        ("{moves in: 10, stays: 5}", "{moves in: 10, stay: 5}", 24, "no item 'stay'; did you mean 'stays'?"),
        ("{moves in: 10, stays: 5}", "{moves in: -1, stays: 5}", 24, "must be 0 or more, got -1"),
        ("gain: {c1: 8.4 %, c2: 12 %}", "gain: {c1: 8.4 %, c2: 12}", 23, "12 is 1200 %; write 12 %"),
        ("gain: {c1: 8.4 %, c2: 12 %}", "gain: 12 %", 23, "is reported for each cohort: write {c1: 8.4 %, ...}"),
        ("days: 12.5", "days: 12.5 %", 26, "12.5 % is a percent"),
        ("saving: 40 k", "saving: 40 %", 17, "'saving' is a percent, not money"),
    ],
)  # fmt: skip
def test_mistakes_in_what_is_only_settled(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    found = mistakes(only(tmp_path, old, new))
    assert any(one.startswith(f"{line}: ") and says in one for one in found), found


@pytest.mark.parametrize("left", ["", "outcome: {result: {type: score}}\n"])
def test_outcomes_taken_out_beside_sources_are_told(tmp_path: Path, left: str) -> None:
    """`sources` is a key of its own, not `outcomes` misspelt: nothing was said, and reading broke off."""
    (line,) = (line for line in BASE.splitlines(keepends=True) if line.startswith("outcomes:"))
    path = tmp_path / "without.yaml"
    path.write_text(BASE.replace(line, left), encoding="utf-8")
    found = mistakes(path)
    says = "unknown key; did you mean 'outcomes'?" if left else "the file has no `outcomes`, so that it can only be"
    assert sum(says in one for one in found) == 1, found


def test_cohorts_and_steps_and_several_outcomes_at_once(tmp_path: Path) -> None:
    """2 x 5 + 1 x 7 for the first cohort, 3 x 5 for the second; a theft is 2 and 1 relapse 3."""
    path = tmp_path / "both.yaml"
    path.write_text(
        """\
sibsim: 1
title: Steps by cohort
currency: SEK
start: 2020-01
step: year
parties: {payer: A town, provider: A charity}
participants: {duration: 1 year, cohorts: {c1: {size: 9}, c2: {size: 9, start: 2021-01}}}
outcomes:
  homes: {type: milestones, better: more, steps: {moves in: [80 %, 1 month], stays: [75 %, 6 months]}}
  relapse: {type: event, better: fewer, with: 10 %}
  theft: {type: event, better: fewer, with: 10 %}
measures:
  reached: {of: homes, as: total, for_each: cohort}
  crimes: {of: [relapse, theft], as: total, follow_up: 1 year}
contract:
  payments:
    steps: {measure: reached, prices: {moves in: 5, stays: 7}}
    crimes avoided: {measure: crimes, prices: {relapse: 3, theft: 2}}
actuals:
  measures:
    reached: {c1: {moves in: 2, stays: 1}, c2: {moves in: 3, stays: 0}}
    crimes: {relapse: 1, theft: 1}
""",
        encoding="utf-8",
    )
    assert paid(path) == {("steps", 1): 17, ("steps", 2): 15, ("crimes avoided", 2): 5}
    text = path.read_text(encoding="utf-8")
    for old, new, says in (
        ("crimes: {relapse: 1, theft: 1}", "crimes: 2", "payments have a price for each of these: write {relapse"),
        ("reached: {c1: {moves in: 2, stays: 1}, c2: {moves in: 3, stays: 0}}", "reached: {moves in: 4, stays: 2}",
         "has no cohort 'moves in'"),
        ("c2: {moves in: 3, stays: 0}", "c2: 3", "is reported for each step: write {moves in: 20, ...}"),
    ):  # fmt: skip
        path.write_text(text.replace(old, new), encoding="utf-8")
        assert any(says in one for one in mistakes(path)), mistakes(path)


# ------------------------------------------------------------------------------------------------ --actuals FILE
def came_in(folder: Path, text: str) -> Path:
    path = folder / "came.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "measures: {points: {2021-01: 7}}\n",
        "note: from the letter of May\nactuals:\n  measures: {points: {2021-01: 7}}\n",
        "sources: {LETTER: {title: A letter}}\nactuals: {measures: {points: {2021-01: {value: 7, source: LETTER}}}}\n",
    ],
)
def test_what_came_may_stand_in_a_file_of_its_own(tmp_path: Path, text: str) -> None:
    """It replaces the whole section: the report of 2022 is no longer known, and 7 x 10 are paid in place of 4 x 10."""
    path, file = of(tmp_path, "drawn: {loan: {2020-01: 60}}"), came_in(tmp_path, text)
    scenario = load(path, actuals=file)
    assert scenario.actuals is not None
    assert scenario.actuals.measures == {"points": ((1, 7.0),)}
    assert scenario.actuals.drawn == {}
    assert scenario.sha256 != load(path).sha256
    assert [(one.subject, one.column) for one in settled(scenario).recorder.open] == [("success", 2)]
    assert load(path, sets=["actuals.measures.points={2021-01: 8}"], actuals=file).actuals.measures == {  # type: ignore[union-attr]
        "points": ((1, 8.0),)
    }


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("measures:\n  pointz: 7\n", "came.yaml:2:3", "no measure is called 'pointz'; did you mean 'points'?"),
        ("measures:\n  points: {2021-01: 7, 2024-01: 1}\n", "came.yaml:2:24", "no report of 'points' is due then"),
        ("actuals:\n  drawn: {loan: {2020-01: 500}}\n", "came.yaml:2:17", "400 SEK more than the tranche's `amount`"),
        ("actuals: {}\nfinance: {}\n", "2:1", "cannot stand in a file of what came"),
        (BASE, "1:1", "this is a whole scenario"),
        ("", "1:1", "the file is empty; write what came"),
        ("- 1\n- 2\n", "1:1", "what came is keys with values"),
        ("measures: &a {points: 7}\n", "1:11", "anchors are not used here"),
        ("measures: {points: 7\n", "2:1", "has no ',' or '}'"),
        ("a: " * 60, "1:5", "a ':' cannot stand here"),
        ("{a: " * 60, "", "nested more than 50 deep"),
        ("measures: {points: 7}\nmeasures: {points: 8}\n", "2:1", "'measures' stands twice"),
        ("x" * 1_000_001, "", "is larger than 1 MB"),
    ],
)
def test_a_file_of_what_came_is_checked_under_its_own_name(tmp_path: Path, text: str, place: str, says: str) -> None:
    file = came_in(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        load(of(tmp_path, ""), actuals=file)
    shown = [line for line in str(caught.value).splitlines() if says in line]
    assert shown, str(caught.value)
    assert place in shown[0]
    assert "came.yaml" in str(caught.value)


def test_there_is_no_such_file_of_what_came(tmp_path: Path) -> None:
    for name in ("nothing.yaml", ".", "a\x00b"):
        with pytest.raises(ScenarioError):
            load(of(tmp_path, ""), actuals=tmp_path / name)


# ------------------------------------------------------------------------------------------------ what must be known
def lacking(path: Path, *sets: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_settled(path, sets=sets)
    return [f"{problem.line}: {problem.path}: {problem.message}" for problem in caught.value.problems]


def test_what_must_be_known_to_settle_is_told_all_at_once(tmp_path: Path) -> None:
    path = of(
        tmp_path,
        "",
        "per_unit: 10}",
        "per_unit: price, cap: {normal: {mean: 900, sd: 9}}}\ninputs: {price: {normal: {mean: 10, sd: 1}}}",
    )
    path.write_text(path.read_text(encoding="utf-8").replace("{amount: 60}", "{amount: 1, per: starter}"))
    check_file(path)
    found = lacking(path)
    assert found[0].startswith(
        "13: contract.payments.success.cap: what stands here is not known, and contract.payments"
    )
    assert found[1].startswith("14: inputs.price: 'price' is not known, and contract.payments.success uses it")
    assert "actuals: {inputs: {price: ...}}" in found[1]
    assert found[2].startswith(
        "16: finance.tranches.loan: 'loan' is drawn as costs fall due, what 'service' came to is not known, and "
        "contract.payments.success hangs on it"
    )
    assert len(found) == 3
    given = "actuals={measures: {points: {2021-01: 4}}, inputs: {price: 9, contract.payments.success.cap: 1 k}%s}"
    for more in (", drawn: {loan: {2020-01: 60}}", ", costs: {service: {2020-01: 60}}"):
        done = settled(load_settled(path, sets=[given % more]))
        assert done.recorder.balances[1].outstanding["loan"] == 24


PER_PERSON = "{amount: 1, per: starter}"


def test_where_nothing_looks_at_draws_payments_are_settled_and_no_lender_is_told(tmp_path: Path) -> None:
    """4 x 10 and 5 x 10 are paid whatever was drawn; what the lender got, and the provider, nobody can tell."""
    found = settlement_summary(settled(load_settled(of(tmp_path, "", "{amount: 60}", PER_PERSON))))
    assert (found["total_paid"], found["payers"]["payer"]["net"]) == (90.0, 90.0)
    for name in ("loan", "all"):
        one = found["tranches"][name]
        assert one["reason"] == "What was drawn is not known, so what the lenders got cannot be told"
        assert all(one[key] is None for key in ("drawn", "received", "net_gain", "loss", "irr", "moic"))
    nets = {party: one["net"] for party, one in found["parties"].items()}
    assert nets == {"payer": -90.0, "investor": None, "provider": None}
    assert found["account"] == []
    assert {step["subject"] for step in found["trace"]} == {"success"}
    assert any("what lenders got and what the service cost is not told" in w for w in found["warnings"])
    schema = json.loads((Path(__file__).parents[1] / "docs" / "settlement.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(RENDERERS["json"](found, Layout())))
    text = " ".join(RENDERERS["text"](found, Layout()).split())
    assert "What was drawn is not known, so what the lenders got cannot be told: loan." in text
    assert "The account" not in text


@pytest.mark.parametrize(
    "line",
    [
        "contract.payments.success={measure: points, steps: [[1, 50 %]], of: drawn}",
        "contract.payments.success.cap={irr: 5 %}",
        "contract.cap={multiple: 1.5}",
        "contract.payments.success.cumulative=true",
        "contract.payments.success.floor=-5",
        "finance.tranches.loan.cap={irr: 5 %}",
        "finance.guarantees={g: {by: payer, covers: [loan]}}",
        "finance.shortfall=stop intake",
    ],
)
def test_where_something_looks_at_draws_they_must_be_known(tmp_path: Path, line: str) -> None:
    path = of(tmp_path, "", "{amount: 60}", PER_PERSON)
    place = line.partition("=")[0].removesuffix(".cumulative").removesuffix(".floor").removesuffix(".of")
    place = place.replace("success.cap", "success").replace("finance.guarantees", "finance.guarantees.g")
    told = lacking(path, line)
    assert len(told) == 1
    assert f"and {place} hangs on it: say what was drawn" in told[0]


def test_receipts_that_pay_unknown_costs_need_the_costs(tmp_path: Path) -> None:
    path = of(tmp_path, "drawn: {loan: {2020-01: 60}}", "{amount: 60}", "{amount: 1, per: starter}")
    load_settled(path)
    found = lacking(path, "finance.recycle=all")
    assert len(found) == 1
    assert "receipts pay costs, and what 'service' came to is not known" in found[0]
    load_settled(path, sets=["finance.recycle=all", "actuals.costs={service: {2020-01: 60}}"])


# ------------------------------------------------------------------------------------------------ what cannot have come
THREE = """\
sibsim: 1
title: Three cohorts
currency: GBP
start: 2014-01
step: year
parties: {payer: A town, investor: A fund, provider: A charity}
participants:
  cohorts: {c1: {start: 2014-01}, c2: {start: 2015-01}, c3: {start: 2016-01, after: more money}}
measures:
  test: {as: improvement, unit: percent, for_each: cohort, follow_up: 1 year, reported: [2015-01, 2016-01, 2017-01]}
contract:
  payments:
    success: {measure: test, steps: [[5 %, 10]]}
    bonus: {amount: 5, at: 2015-01, if: {test: at least 5 %}}
costs: {service: {amount: 30}}
finance: {tranches: {loan: {amount: 30, drawn: {2014-01: 10, 2015-01: 10, 2016-01: 10}}}}
events:
  more money: {at: [2015-01, 2016-01]}
  break: {at: [2015-01, 2016-01], if: {more money: not happened}, stops: [draws], cancels: [c2]}
actuals:
  measures: {test: {2015-01: {c1: 6 %}}}
  drawn: {loan: {2014-01: 10}}
"""


def three(folder: Path, old: str = "", new: str = "") -> Path:
    assert THREE.count(old) == 1 or not old
    path = folder / "three.yaml"
    path.write_text(THREE.replace(old, new), encoding="utf-8")
    return path


def test_a_report_that_can_count_nobody_is_not_waited_for(tmp_path: Path) -> None:
    """In 2015 only c1 has been followed for a year: of c2 and c3 nothing is waited for until 2016, and 2017."""
    came = "actuals={measures: {test: {2015-01: {c1: 6 %%}, 2016-01: {c1: 1 %%}}}, events: {break: never%s}}"
    for more, late in ((", more money: 2016-01", ["c1", "c2", "c3"]), (", more money: never", ["c1", "c2"])):
        done = settled(load(three(tmp_path), sets=[came % more]))
        waits = [(one.column, one.key) for one in done.recorder.open if one.subject == "success"]
        assert waits == [(2, "c2"), *((3, cohort) for cohort in late)]
    assert ("success", 1) in paid(three(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "events", "line", "says"),
    [
        ("{c1: 6 %}", "{c1: 6 %, c2: 4 %}", "{break: never}", 21,
         "nobody of 'c2' can be counted in 2015-01: the follow-up"),
        ("{c1: 6 %}}}", "{c1: 6 %}, 2017-01: {c3: 1 %}}}", "{more money: never}", 21,
         "there can be no report of 'c3': it starts only after 'more money', which had not happened by 2016-01"),
        ("{c1: 6 %}}}", "{c1: 6 %}, 2016-01: {c2: 1 %}}}", "{break: 2015-01}", 21,
         "there can be no report of 'c2': 'break' of 2015-01 cancelled it"),
        ("{2014-01: 10}}\n", "{2014-01: 10, 2016-01: 9}}\n", "{break: 2016-01}", 22,
         "'break' stopped all draws in 2016-01"),
        ("", "", "{break: 2016-01, more money: 2015-01}", 23, "cannot have happened then: 'more money' had happened"),
        ("not happened}", "happened}", "{break: 2015-01, more money: 2016-01}", 23,
         "cannot have happened then: it needs 'more money', which came later (2016-01)"),
        ("drawn: {2014-01: 10, 2015-01: 10, 2016-01: 10}}", "after: more money}", "{more money: 2016-01}", 22,
         "'more money' had not happened by then, and opens this tranche"),
    ],
)  # fmt: skip
def test_what_contradicts_what_else_came(tmp_path: Path, old: str, new: str, events: str, line: int, says: str) -> None:
    path = three(tmp_path, old, new)
    path.write_text(path.read_text(encoding="utf-8") + f"  events: {events}\n", encoding="utf-8")
    found = mistakes(path)
    assert any(one.startswith(f"{line}: ") and says in one for one in found), found


# ------------------------------------------------------------------------------------------------ strange terms
@pytest.mark.parametrize(
    ("old", "new", "says", "near"),
    [
        ("points, per_unit: 10}", "points, per_unit: 10, cap: 50}",
         "lenders surely lose: all that can ever be paid is 50 of 60", "points, per_unit: 10, cap: 60}"),
        ("points, per_unit: 10}", "points, amount: 20, cap: {per_year: 90, total: 80}}",
         "cap.per_year: has no effect: it is", "points, amount: 20, cap: {per_year: 80, total: 80}}"),
        ("{loan: {amount: 100}}", "{loan: {amount: 100}}, guarantees: {g: {by: payer, covers: [loan], over: 100}}",
         "begins above 100 SEK, all that can be lost: it never pays",
         "{loan: {amount: 100}}, guarantees: {g: {by: payer, covers: [loan], over: 99}}"),
        ("points: {of: result, as: average,", "points: {of: result, as: average, short_of: 20,",
         "actuals.measures.points: is read as what was missing ('short_of'), not as what came", ""),
    ],
)  # fmt: skip
def test_strange_terms_are_warned_of(tmp_path: Path, old: str, new: str, says: str, near: str) -> None:
    """And not the nearest that are as they should be."""
    assert any(says in warning for warning in load(of(tmp_path, "", old, new)).warnings)
    assert not any(says in warning for warning in load(of(tmp_path, "", *((old, near) if near else ()))).warnings)


PEOPLE = """\
sibsim: 1
title: Jobs
currency: SEK
start: 2020-01
step: year
parties: {payer: A town, provider: A charity}
participants: {size: 100, duration: 1 year}
outcomes: {job: {type: event, better: more, without: 20 %, with: 40 %}}
measures:
  jobs: {of: job, as: total, follow_up: 1 year}
  more jobs: {of: job, as: improvement, comparison: {rct: 100}}
contract:
  payments:
    ladder: {measure: jobs, steps: [[50, 10 k], [100, 20 k]]}
    success: {measure: more jobs, steps: [[5 %, 10 k], [10 %, 20 k]]}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[100, 20 k]", "[101, 20 k]", "contract.payments.ladder.steps.2: is never reached: 'jobs' is at most 100"),
        ("[10 %, 20 k]", "[10 %, 9 k]", "contract.payments.success.steps.2: pays less than the row before"),
    ],
)
def test_steps_that_are_strange(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "jobs.yaml"
    for text, is_strange in ((PEOPLE, False), (PEOPLE.replace(old, new), True)):
        path.write_text(text, encoding="utf-8")
        assert any(says in warning for warning in load(path).warnings) == is_strange


def test_lenders_with_a_way_out_are_not_said_to_lose(tmp_path: Path) -> None:
    """A grant pays 20 of the 60; recycling changes nothing; no more is spent than there is; an event may end it all."""
    says = "lenders surely lose"
    for more, finance, is_sure in (
        (", cap: 40", "{tranches: {loan: {amount: 100}, gift: {amount: 20, kind: grant}}}", False),
        (", cap: 39", "{tranches: {loan: {amount: 100}, gift: {amount: 20, kind: grant}}}", True),
        (", cap: 59", "{tranches: {loan: {amount: 100}}, recycle: all}", True),
        (", cap: 30", "{tranches: {loan: {amount: 30}}}", False),
        (", cap: 59", "{tranches: {loan: {amount: 100}}}\nevents: {end: {at: 2021-01, stops: everything}}", False),
    ):
        path = of(tmp_path, "", "per_unit: 10}", f"per_unit: 10{more}}}")
        text = path.read_text(encoding="utf-8").replace("{tranches: {loan: {amount: 100}}}", finance)
        path.write_text(text, encoding="utf-8")
        assert any(says in warning for warning in load(path).warnings) == is_sure, (more, finance)
