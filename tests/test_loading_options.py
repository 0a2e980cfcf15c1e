"""Options and --set: what is put in replaces what stood there, whole; lattice dimensions do not move."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from sibsim.scenario import Cap, Number, Scenario

BASE = """\
sibsim: 1
title: Two bonds in one
currency: EUR
start: 2026-01
step: year
parties: {payer: a town, fund: a fund, investor: a bank, provider: a charity}
inputs:
  risk: {uniform: {low: 0.7, high: 0.9}, status: assumed}
  price: {uniform: {low: 1 k, high: 2 k}, status: assumed}
participants: {size: 200, duration: 1 year, dropout: {uniform: {low: 5 %, high: 9 %}}}
outcomes:
  relapse: {type: event, better: fewer, without: {beta: {mean: 40 %, sd: 5 %}}, effect: {ratio: risk}}
measures:
  fewer relapses: {of: relapse, as: improvement, comparison: {fixed: 40 %}}
contract:
  payments:
    success: {measure: fewer relapses, per_point: price, cap: {total: 50 k, per_year: 40 k}}
costs:
  service: {amount: 30 k}
  advice: {amount: 5 k, by: payer, to: outside}
finance:
  tranches: {loan: {amount: 30 k, drawn: upfront}}
options:
  fixed risk: {inputs.risk: 1}
  grown: {inputs.price: {pert: {low: 1 k, mode: 2 k, high: 9 k}}, costs.advice.amount: {uniform: {low: 1 k, high: 2 k}}}
  no advice: {costs.advice: none}
  flat cap: {contract.payments.success.cap: 20 k}
  lower: {contract.payments.success.cap.total: 10 k, note: only the total}
  no bond: {finance: none, contract.payments: {fee: {amount: 30 k, at: 2026-01}}}
  nothing: {measures: none, contract: none, costs: none, finance: none, participants.size: 0}
  shared: {contract.payments.success.by: {fund: 30 %, payer: rest}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two.yaml"
    path.write_text(BASE, encoding="utf-8")
    return path


def dimensions(scenario: Scenario) -> dict[str, int | None]:
    return {i.name: i.dimension for i in scenario.inputs}


def test_options_replace_whole_and_remove(file: Path) -> None:
    assert load(file, ["flat cap"]).payments[0].cap == Cap(total=Number(20_000.0, "money"))
    lower = load(file, ["lower"]).payments[0].cap
    assert lower == Cap(total=Number(10_000.0, "money"), per_year=Number(40_000.0, "money"))
    assert [c.name for c in load(file, ["no advice"]).costs] == ["service"]
    bare = load(file, ["no bond"])
    assert (bare.finance, [p.name for p in bare.payments]) == (None, ["fee"])
    nothing = load(file, ["nothing"])
    assert (nothing.measures, nothing.payments, nothing.costs, nothing.finance) == ((), (), (), None)
    assert nothing.cohorts[0].size == Number(0.0)
    assert load(file, ["shared"]).payments[0].by == (("fund", Number(0.3, "percent")), ("payer", "rest"))
    assert [c.name for c in load(file).costs] == ["service", "advice"]


def test_order_is_options_as_given_then_sets(file: Path) -> None:
    total = "contract.payments.success.cap.total"
    with pytest.raises(
        ScenarioError, match=r"without keys of its own; write the whole of 'contract\.payments\.success\.cap'"
    ):
        load(file, ["flat cap", "lower"])
    assert load(file, ["lower", "flat cap"]).payments[0].cap == Cap(total=Number(20_000.0, "money"))
    found = load(file, ["lower"], [f"{total}=7 k", f"{total}=8 k"])
    assert found.payments[0].cap.total == Number(8_000.0, "money")
    assert found.options == ("lower",)


def test_set_reads_yaml(file: Path) -> None:
    found = load(file, [], ["contract.cap={total: 9 k}", "inputs.risk={value: 0.9, status: contract}", "title='a: b'"])
    assert found.contract_cap == Cap(total=Number(9_000.0, "money"))
    assert found.title == "a: b"
    assert found.inputs[0].evidence.status == "contract"
    assert load(file, [], ["costs.advice=none"]).costs == load(file, ["no advice"]).costs


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("contract.cap=-5", "--set contract.cap  must be 0 or more, got -5"),
        ("contract.cap={totl: 5}", "--set contract.cap.totl  unknown key; did you mean 'total'?"),
        ("contract.cap", "write --set path=value, got 'contract.cap'"),
        ("=5", "write --set path=value"),
        ("contract.cap=", "has no value; write none to remove it"),
        ("contract.cap=[1", "--set contract.cap"),
        ("contract.cap=*a", "aliases are not used here"),
        ("contrct.cap=5", "there is no 'contrct' to change; did you mean 'contract'?"),
        ("costs.servce=none", "there is no 'costs.servce' to remove; did you mean 'service'?"),
        ("title.a=5", "'title' is Two bonds in one, without keys of its own"),
        ("options.lower=none", "an option cannot change 'options'"),
        ("contract..cap=5", "a path is keys joined by dots"),
        ("participants.size=8e3", "write 8 000"),
        ("contract.cap=\ud800", "holds a character that no text has"),
        ("participants.size=0\x00", "holds a character that no text has"),
    ],
)
def test_a_wrong_set_is_named(file: Path, change: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(file, [], [change])
    assert says in str(caught.value)
    assert all((p.line, p.column) == (0, 0) for p in caught.value.problems)


def test_unknown_option_and_all_problems_at_once(file: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(file, ["no advise", "nobody"], ["contract.cap=-5"])
    text = str(caught.value)
    assert "no option is called 'no advise'; did you mean 'no advice'?" in text
    assert "no option is called 'nobody'" in text
    assert "--set contract.cap" in text


# --------------------------------------------------------------------------------------------- dimensions
def test_dimensions_of_the_file_as_it_stands(file: Path) -> None:
    # declared first, then written in place, in file order
    assert dimensions(load(file)) == {"risk": 0, "price": 1, "participants.dropout": 2, "outcomes.relapse.without": 3}


def test_an_option_moves_no_dimension(file: Path) -> None:
    base = dimensions(load(file))
    fixed = dimensions(load(file, ["fixed risk"]))
    assert fixed == {**base, "risk": None}
    assert dimensions(load(file, ["grown"])) == {**base, "costs.advice.amount": 4}
    both = dimensions(load(file, ["grown"], ["costs.service.amount={uniform: {low: 1 k, high: 2 k}}"]))
    assert both == {**base, "costs.advice.amount": 4, "costs.service.amount": 5}
    # by name, not by where they stand
    loan = "finance.tranches.loan.amount={uniform: {low: 30 k, high: 31 k}}"
    benefit = "benefits={z: {of: relapse, kind: cashable, worth: {uniform: {low: 1, high: 2}}}}"
    swapped = dimensions(load(file, [], [loan, benefit]))
    assert (swapped["benefits.z.worth"], swapped["finance.tranches.loan.amount"]) == (4, 5)


def test_no_more_dimensions_than_the_lattice_has(tmp_path: Path) -> None:
    inputs = "".join(f"  x{i}: {{uniform: {{low: 0, high: 1}}}}\n" for i in range(30))
    path = tmp_path / "many.yaml"
    path.write_text(BASE.replace("inputs:\n", "inputs:\n" + inputs), encoding="utf-8")
    found = dimensions(load(path))
    assert [found[f"x{i}"] for i in range(30)] == [*range(24), *[None] * 6]
    assert found["risk"] is None


def test_a_correlation_with_what_an_option_fixed_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "joint.yaml"
    lines = "correlations:\n  - {between: [risk, price], rank: 0.5}\nparticipants:"
    path.write_text(BASE.replace("participants:", lines), encoding="utf-8")
    assert len(load(path).correlations) == 1
    assert load(path, ["fixed risk"]).correlations == ()


# --------------------------------------------------------------------------------------------- validate
def test_a_wrong_option_stops_validate_but_not_run(tmp_path: Path) -> None:
    path = tmp_path / "later.yaml"
    text = BASE + "  bundled: {portfolio: Many bonds}\n  odd: {contract.paymnts: none, title: none}\n"
    path.write_text(text, encoding="utf-8")
    assert load(path).available_options[-2:] == ("bundled", "odd")
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    messages = [p.message for p in caught.value.problems]
    assert any(m.startswith("option 'bundled': this file is a portfolio") for m in messages)
    assert any(m.startswith("option 'odd': missing key 'title'") for m in messages)
    assert any(m.startswith("option 'odd': there is no 'contract.paymnts' to remove") for m in messages)


def test_a_problem_of_the_file_is_told_once_not_for_each_option(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(BASE.replace("size: 200", "size: -200"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    assert len(caught.value.problems) == 1
