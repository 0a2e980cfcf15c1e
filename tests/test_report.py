"""What the report says is true, readable at 80 columns, and never a number that is not one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibsim.report import RENDERERS, Layout
from sibsim.report.frequency import futures
from sibsim.report.layout import Column, table, width_of, wrap
from sibsim.report.numbers import amount, fixed, percent
from tests.reports import keeps_to
from tests.summary_fixture import DRAWS, chance, distribution, full_summary, value

Change = Callable[[dict[str, Any]], object]
SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "output.schema.json").read_text(encoding="utf-8"))


def rendered(change: Change | None = None, layout: Layout | None = None) -> str:
    summary = full_summary()
    if change is not None:
        change(summary)
    return RENDERERS["text"](summary, layout or Layout())


def one_line(text: str) -> str:
    """Without line ends, so that a wrapped sentence can be looked for."""
    return " ".join(text.split())


# ------------------------------------------------------------------------------------------------ natural frequencies
@pytest.mark.parametrize(
    ("count", "draws", "error", "said"),
    [
        (0, DRAWS, 0.0, "in none of 16,384 futures (under 1 in 5,461)"),
        (DRAWS, DRAWS, 0.0, "in all of 16,384 futures (otherwise in under 1 in 5,461)"),
        (1, DRAWS, 6e-5, "in 1 of 16,384 futures (under 1 in 3,453)"),
        (DRAWS - 1, DRAWS, 6e-5, "in 16,383 of 16,384 futures (otherwise in under 1 in 3,453)"),
        (8192, DRAWS, 0.0, "in 50 of 100 futures"),
        (1966, DRAWS, 0.0028, "in 12 of 100 futures (11.4-12.6)"),  # 0.12 -+ 2.131 x 0.0028
        (82, DRAWS, 0.0005, "in 5 of 1,000 futures (3.9-6.1)"),
        (8, DRAWS, 0.0001, "in 5 of 10,000 futures (2.8-7.0)"),
        (DRAWS - 82, DRAWS, 0.0005, "in 995 of 1,000 futures (994-996)"),
        (1_240_000, 10_000_000, 0.00001, "in 124 of 1,000 futures"),  # 12 of 100 would lie outside its own interval
        (200, DRAWS, 0.008, "in 1 of 100 futures (at most 2.9)"),
    ],
)
def test_chances_are_said_in_natural_frequencies(count: int, draws: int, error: float, said: str) -> None:
    assert futures(chance(count, error, draws), 16) == said


@given(count=st.integers(0, 16_384), error=st.floats(0.0, 0.02))
def test_a_chance_is_never_nothing_or_everything_unless_it_was(count: int, error: float) -> None:
    said = futures(chance(count, error), 16)
    number, base = re.match(r"in (\S+) of (\S+) futures", said).groups()  # type: ignore[union-attr]
    assert (number == "none") == (count == 0)
    assert (number == "all") == (count == DRAWS)
    if 0 < count < DRAWS:
        shown = int(number.replace(",", "")) / int(base.replace(",", ""))
        assert 0 < shown < 1
        assert abs(shown - count / DRAWS) <= 0.5 / int(base.replace(",", "")) + 1e-12


def test_none_seen_holds_with_95_percent_confidence() -> None:
    """With a chance of 1 in 5,461, seeing none of 16,384 has a chance of 5 %: (1 - p) ** n."""
    said = re.search(r"under 1 in ([\d,]+)", futures(chance(0), 16)).group(1)  # type: ignore[union-attr]
    assert (1 - 1 / int(said.replace(",", ""))) ** DRAWS == pytest.approx(0.05, abs=0.001)


# ------------------------------------------------------------------------------------------------ numbers
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"),
        (0.42, "0.420"),
        (950, "950"),
        (999.6, "1.00 k"),
        (12_345, "12.3 k"),
        (999_499, "999 k"),
        (999_600, "1.00 m"),
        (-4_800_000, "-4.80 m"),
        (2.5e9, "2.50 bn"),
        (1e13, "10,000 bn"),
        (None, "n/a"),
        (float("nan"), "n/a"),
        (float("inf"), "n/a"),
    ],
)
def test_amounts_have_three_digits_and_a_scale(number: float | None, said: str) -> None:
    assert amount(number) == said


def test_there_is_no_minus_zero_and_a_small_percent_is_not_zero() -> None:
    assert fixed(-0.0001, 2) == "0.00"
    assert percent(-0.00001) == "0.0 %"
    assert percent(0.00001) == "under 0.1 %"
    assert percent(-1.0) == "-100.0 %"


def row_of(text: str, label: str) -> list[float]:
    line = next(line for line in text.splitlines() if line.strip().startswith(label))
    return [float(cell.replace(",", "")) for cell in re.findall(r"-?[\d.,]*\d", line[len(label) + 2 :])]


@pytest.mark.parametrize(
    ("party", "metric", "label", "divisor", "half"),
    [
        ("payer", "outcome_payments", "Outcome payments, SEK m", 1e6, 0.05),
        ("payer", "net_budget_effect_pv", "Net budget effect, pv, SEK m", 1e6, 0.05),
        ("payer", "societal_benefit_pv", "Value to society, pv, SEK", 1.0, 0.5),
        ("investor", "irr", "IRR, % a year", 0.01, 0.05),
        ("investor", "moic", "Multiple, times", 1.0, 0.005),
        ("provider", "lowest_cash", "Lowest cash, SEK k", 1e3, 0.05),
    ],
)
def test_the_tables_show_the_summarys_own_numbers(
    party: str, metric: str, label: str, divisor: float, half: float
) -> None:
    found = full_summary()["parties"][party]["metrics"][metric]
    mean, _error, *quantiles = row_of(rendered(), label)
    assert mean == pytest.approx(found["mean"] / divisor, abs=half + 1e-9)
    expected = [found[key] / divisor for key in ("p05", "p25", "p50", "p75", "p95")]
    assert quantiles == pytest.approx(expected, abs=half + 1e-9)


def test_the_years_show_the_summarys_own_numbers() -> None:
    summary = full_summary()
    for row in summary["yearly"]:
        paid, most, saved, capacity, balance = row_of(rendered(), str(row["year"]))
        expected = [row["payments"]["mean"], row["payments"]["p95"], row["cashable_benefit"]["mean"]]
        expected += [row["capacity_benefit"]["mean"], row["balance"]["mean"]]
        assert [paid, most, saved, capacity, balance] == pytest.approx([e / 1e6 for e in expected], abs=0.005 + 1e-9)


# ------------------------------------------------------------------------------------------------ lines
LONG = (
    "A very long name of a public body that commissions services, and its subsidiaries Aktiebolag-with-one-endless-word"
)


@pytest.mark.parametrize("columns", [20, 60, 72, 80, 100, 250])
@pytest.mark.parametrize("name", ["Region", LONG, "東近江市の一般財団法人" * 3])
def test_no_line_is_wider_than_the_terminal(columns: int, name: str) -> None:
    def change(summary: dict[str, Any]) -> None:
        summary["parties"]["payer"]["name"] = name
        summary["inputs"][0]["name"] = name
        summary["drivers"][0]["input"] = name
        summary["measures"][name] = summary["measures"].pop("fewer cases")
        summary["outcomes"][name] = summary["outcomes"].pop("diabetes")
        summary["assumed"] = [f"contract.payments.{name}.steps"]

    layout = Layout(columns)
    text = rendered(change, layout)
    assert max(width_of(line) for line in text.splitlines()) <= layout.width
    assert all(part in text for part in name.split()[:1] if len(part) < 20)


def test_80_columns_keep_every_column_of_a_party() -> None:
    titles = next(line for line in rendered().splitlines() if line.startswith("Region Stockholm (payer)"))
    assert titles.split()[3:] == ["mean", "±", "5", "%", "25", "%", "median", "75", "%", "95", "%"]
    narrow = rendered(layout=Layout(60))
    assert "median" in narrow
    assert "25 %" not in narrow


cells = st.text(alphabet="0123456789.-,", min_size=1, max_size=9)
labels = st.text(alphabet="abcdef åäö神戸", min_size=1, max_size=60).filter(lambda text: text.strip())


@given(
    rows=st.lists(st.tuples(labels, st.tuples(cells, cells, cells)), min_size=1, max_size=8), width=st.integers(60, 100)
)
def test_figures_stand_right_under_their_titles(rows: list[tuple[str, tuple[str, ...]]], width: int) -> None:
    lines = table("Heading", [Column("mean"), Column("5 %"), Column("95 %")], rows, Layout(width))
    assert len({width_of(line) for line in lines if re.search(r"[\d.,-]$", line) or line.endswith("95 %")}) == 1
    assert max(width_of(line) for line in lines) <= width
    shown = " ".join(lines)
    assert all(cell in shown for _, figures in rows for cell in figures)


@given(st.text(max_size=200), st.integers(10, 80))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = wrap(text, width, "  ", "    ")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line) <= width for line in lines)


def test_style_only_on_a_terminal_that_shows_it() -> None:
    assert "\x1b" not in rendered()
    styled = rendered(layout=Layout(80, has_style=True))
    assert "\x1b[1m" in styled
    assert re.sub(r"\x1b\[\d+m", "", styled) == rendered()


# ------------------------------------------------------------------------------------------------ nothing lost
def test_words_in_brackets_stay() -> None:
    text = one_line(rendered())
    assert "type-2 diabetes [pilot]" in text
    assert "see [inputs] in the file" in text


def test_names_cannot_command_the_terminal() -> None:
    def change(summary: dict[str, Any]) -> None:
        summary["scenario"]["title"] = "red \x1b[31m title\nsecond line \u202egnp"
        summary["warnings"] = ["a\rb\x07"]

    text = rendered(change)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert text.splitlines()[0] == "red ?[31m title second line ?gnp"


def test_same_bytes_twice() -> None:
    assert rendered() == rendered()
    assert RENDERERS["json"](full_summary(), Layout()) == RENDERERS["json"](full_summary(), Layout())


NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none\b(?! of)|null)\b", re.IGNORECASE)


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
@pytest.mark.parametrize("metric", sorted({m for p in full_summary()["parties"].values() for m in p["metrics"]}))
def test_what_is_not_a_number_is_never_shown_as_one(metric: str, nothing: float | None) -> None:
    def change(summary: dict[str, Any]) -> None:
        for party in summary["parties"].values():
            found = party["metrics"].get(metric, {})
            for key in ("mean", "sd", "mc_error", "p05", "p25", "p50", "p75", "p95", "value"):
                if key in found:
                    found[key] = nothing
            found.pop("histogram", None)
        summary["variance_by_layer"] = {}

    assert not NOT_A_NUMBER.search(rendered(change))


def test_draws_that_have_no_figure_are_counted() -> None:
    assert "not applicable in 9,011 futures, left out" in rendered()
    assert "no figure in under 0.1 % of futures" in rendered()


def test_a_return_that_a_few_futures_make_is_said_to_be_so() -> None:
    def lent_for_a_day(summary: dict[str, Any]) -> None:
        summary["parties"]["investor"]["metrics"]["irr"] = distribution("percent", 40.0, 1.0, p05=-1.0, p95=0.08)

    said = "a few futures make the mean: read the median"
    assert said in rendered(lent_for_a_day)
    assert said not in rendered()


def test_savings_of_different_kinds_are_never_added_up() -> None:
    sizes = {"cashable_benefit_pv": 1_400_000, "capacity_benefit_pv": 13_900_000, "societal_benefit_pv": 57_700_000}

    def change(summary: dict[str, Any]) -> None:
        for name, size in sizes.items():
            summary["parties"]["payer"]["metrics"][name] = distribution("SEK", size, 0.0)

    text = rendered(change)
    assert all(shown in text for shown in ("1.4 ", "13.9", "57.7"))
    assert not any(total in text for total in ("15.3", "59.1", "71.6", "73.0"))
    assert "not added up" in one_line(text)


def test_an_unknown_metric_is_shown_not_dropped() -> None:
    def change(summary: dict[str, Any]) -> None:
        summary["parties"]["investor"]["metrics"]["modified_irr"] = value("per year", 0.0123, 0.001)

    assert row_of(rendered(change), "Modified irr, % a year") == [1.2, 0.10]


def test_several_tranches_have_tables_of_their_own() -> None:
    def change(summary: dict[str, Any]) -> None:
        tranche = summary["parties"]["investor"]["tranches"]["bond"]
        summary["parties"]["investor"]["tranches"] = {"senior": tranche, "junior [B]": tranche}

    assert "senior (tranche of Skandia)" not in rendered()
    assert "senior (tranche of Skandia)" in rendered(change)
    assert "junior [B] (tranche of Skandia)" in rendered(change)


# ------------------------------------------------------------------------------------------------ sources, spread
def test_inputs_carry_their_source_or_are_marked_assumed() -> None:
    text = one_line(rendered())
    assert "0.73 to 0.87 [NHSDPP]" in text
    assert "0.0151 to 0.083 [assumed, no source]" in text
    assert "Without a source (1): costs.evaluation.amount" in text


def test_the_strongest_driver_comes_first_and_a_layer_without_chance_is_none() -> None:
    text = rendered()
    lines = [line.strip() for line in text.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("What drives it"))
    assert [lines[start + i].split()[0] for i in (1, 2, 3)] == ["hazard", "progression", "comparison"]
    assert re.search(r"71 % \(± 1\)\s+29 % \(± 1\)\s+none", text)
    assert "under 1 % (± <1)" in text  # an estimate of -0.002 is no negative share


# ------------------------------------------------------------------------------------------------ JSON
def test_json_keeps_everything_and_fits_its_schema() -> None:
    shown = json.loads(RENDERERS["json"](full_summary(), Layout()))
    assert shown == full_summary()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    keeps_to(shown, SCHEMA)


def test_json_has_null_for_what_is_not_a_number() -> None:
    summary = full_summary()
    summary["parties"]["payer"]["metrics"]["benefit_cost_ratio"] = value("multiple", float("nan"))
    summary["parties"]["investor"]["metrics"]["irr"]["mc_errors"]["p95"] = float("inf")
    text = RENDERERS["json"](summary, Layout())
    shown = json.loads(text, parse_constant=pytest.fail)
    assert shown["parties"]["payer"]["metrics"]["benefit_cost_ratio"]["value"] is None
    assert shown["parties"]["investor"]["metrics"]["irr"]["mc_errors"]["p95"] is None
    keeps_to(shown, SCHEMA)


@pytest.mark.parametrize("key", ["draws", "parties", "contract", "warnings"])
def test_the_schema_refuses_a_summary_without(key: str) -> None:
    summary = full_summary()
    del summary[key]
    with pytest.raises(jsonschema.ValidationError):
        keeps_to(summary, SCHEMA)


def test_what_is_zero_in_every_future_takes_one_line() -> None:
    def change(summary: dict[str, Any]) -> None:
        for name in ("margin", "lowest_cash"):
            summary["parties"]["provider"]["metrics"][name] = distribution("SEK", 0.0, 0.0)

    lines = rendered(change, Layout(80, has_style=True)).splitlines()
    start = lines.index("\x1b[1mHealth Integrator (provider)\x1b[0m")
    assert lines[start + 1] == "    0 in every future: Margin; Lowest cash"
    assert "\x1b[1m\x1b[0m" not in lines
