"""What is written and what it means: numbers, percents, money, durations, dates; and how to write all else."""

from __future__ import annotations

from datetime import date

import pytest

from sibsim.loading.scalars import (
    Quantity,
    explain_date,
    explain_duration,
    explain_number,
    parse_date,
    parse_duration,
    parse_quantity,
)

THIN, NARROW, NO_BREAK, FIGURE = "\u2009", "\u202f", "\u00a0", "\u2007"


@pytest.mark.parametrize(
    ("text", "value", "unit", "currency"),
    [
        ("12", 12.0, "number", None),
        ("0", 0.0, "number", None),
        ("-0.5", -0.5, "number", None),
        ("0.8", 0.8, "number", None),
        ("9 000", 9000.0, "number", None),
        ("-1 234.5", -1234.5, "number", None),
        ("2 163 042", 2_163_042.0, "number", None),
        (f"9{NO_BREAK}000", 9000.0, "number", None),
        (f"9{NARROW}000{THIN}000", 9_000_000.0, "number", None),
        (f"9{FIGURE}000", 9000.0, "number", None),
        ("5 %", 0.05, "percent", None),
        ("50%", 0.5, "percent", None),
        (f"50{NO_BREAK}%", 0.5, "percent", None),
        ("8.5 %", 0.085, "percent", None),
        ("-2 %", -0.02, "percent", None),
        ("1 000 %", 10.0, "percent", None),
        ("4.8 m", 4_800_000.0, "money", None),
        ("10.176 m", 10_176_000.0, "money", None),
        ("500 k", 500_000.0, "money", None),
        ("1.2 bn", 1.2e9, "money", None),
        ("43.16 CHF", 43.16, "money", "CHF"),
        ("30 MSEK", 30e6, "money", "SEK"),
        ("500 kSEK", 500e3, "money", "SEK"),
        ("4.8 m SEK", 4.8e6, "money", "SEK"),
        ("5 MXN", 5.0, "money", "MXN"),
        ("5 MMXN", 5e6, "money", "MXN"),
    ],
)
def test_quantities(text: str, value: float, unit: str, currency: str | None) -> None:
    found = parse_quantity(text)
    assert found == Quantity(value, unit, currency)  # type: ignore[arg-type]


NO_QUANTITIES = """
8e3|0,8|9,000|9_000|.nan|.inf|nan|inf|12:30|007|0x1F|+5|.5|5.|1/2|yes|no|true|4.8m|5MSEK|30MSEK|1'000|−5|5%%|10 00
1000 000|9  000|1 2|5 M|5 sek|3 months|2020-06|| |5 %  %|SEK 5
"""


@pytest.mark.parametrize("text", NO_QUANTITIES.strip().replace("\n", "|").split("|"))
def test_no_quantities(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("8e3", "write 8 000"),
        ("1.5e6", "write 1 500 000"),
        ("8e999999999", "exponent"),
        ("0,8", "write 0.8"),
        ("-12,5 %", "write -12.5 %"),
        ("9,000", "write 9 000 (or 9 if a decimal comma was meant)"),
        ("1,234,567.8", "write 1 234 567.8"),
        ("9_000", "write 9 000"),
        ("9_000_000 %", "write 9 000 000 %"),
        (".nan", "not a finite number"),
        ("-.inf", "not a finite number"),
        ("Infinity", "not a finite number"),
        ("12:30", "':'"),
        ("007", "write 7"),
        ("0", ""),
        ("yes", "not a yes or no"),
        ("Off", "not a yes or no"),
        ("4.8m", "write 4.8 m"),
        ("4.8 million", "write 4.8 m"),
        ("500K", "write 500 k"),
        ("2 billion", "write 2 bn"),
        ("5 percent", "write 5 %"),
        ("30MSEK", "write 30 MSEK"),
        ("30 msek", "write 30 MSEK"),
        ("SEK 30", "write 30 SEK"),
        ("$5", "write 5 alone"),
        ("1'000", "write 1 000"),
        ("−5", "write -5"),
        ("+5", "write 5"),
        (".5", "write 0.5"),
        ("5.", "write 5"),
        ("3/4", "write 0.75"),
        ("1/0", "fraction"),
        ("10 00", "three digits"),
        ("48 KSEK", "write 48 kSEK"),
        ("48 tkr", "write 48 k"),
        ("6.5 mnkr", "write 6.5 m"),
        ("2 miljoner", "write 2 m"),
        ("1.2 mdkr", "write 1.2 bn"),
        ("48 000:-", "write 48 000 alone"),
        ("48 000 kr", "write 48 000 alone"),
        ("ca 12 %", "write 12 % alone"),
        ("5-20 %", "{uniform: {low: 5 %, high: 20 %}}"),
        ("5 % to 20 %", "{uniform: {low: 5 %, high: 20 %}}"),
        ("normal(12 %, 6 %)", "{normal: {mean: 0.8, sd: 0.1}}"),
        ("a" * 10_000, ""),
        ("relative risk", ""),
    ],
)
def test_right_spelling_of_numbers(text: str, says: str) -> None:
    found = explain_number(text)
    assert says in found if says else not found


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("18 months", 18.0),
        ("1 month", 1.0),
        ("2 quarters", 6.0),
        ("1.5 years", 18.0),
        ("0 years", 0.0),
        ("365.25 days", 12.0),
        ("52.178571428571428571 weeks", 12.0),
    ],
)
def test_durations(text: str, months: float) -> None:
    assert parse_duration(text) == pytest.approx(months, abs=1e-12)


@pytest.mark.parametrize("text", ["3 m", "18", "18months", "18 mo", "-1 month", "2020-06", "1,5 years", "1 decade", ""])
def test_no_durations(text: str) -> None:
    assert parse_duration(text) is None


def test_several_dates_in_words() -> None:
    for text in ("quarterly", "every year", "2027-01 to 2028-10", "monthly"):
        assert "write {every: quarter, from: 2027-01, until: 2028-10}" in explain_date(text)
    assert explain_date("June 2020") == "write 2020-06 or 2020-06-15"


def test_durations_in_swedish() -> None:
    assert explain_duration("2 år") == "write 2 years"
    assert explain_duration("24 mån") == explain_duration("24 månader") == "write 24 months"
    assert explain_duration("3 veckor") == "write 3 weeks"
    assert explain_duration("10 dagar") == "write 10 days"
    assert explain_duration("2,5 år") == "a decimal comma is not read; write 2.5 years"
    assert explain_duration("18 kr") == ""


def test_right_spelling_of_durations() -> None:
    assert explain_duration("18m") == explain_duration("18 mo") == explain_duration("18 mths") == "write 18 months"
    assert explain_duration("2y") == explain_duration("2 yrs") == "write 2 years"
    assert "18 months or 18 years" in explain_duration("18")
    assert "not negative" in explain_duration("-1 month")


def test_dates() -> None:
    assert parse_date("2020-06") == date(2020, 6, 1)
    assert parse_date("2020-02-29") == date(2020, 2, 29)
    assert parse_date("2020") == date(2020, 1, 1)
    for text in ("2021-02-29", "2020-13", "2020-6", "20-06", "2020/06", "June 2020", "0000", ""):
        assert parse_date(text) is None


def test_right_spelling_of_dates() -> None:
    assert explain_date("2020-6") == "write 2020-06"
    assert explain_date("2020/06/1") == "write 2020-06-01"
    assert explain_date("06-2020") == "write 2020-06"
    assert "year first" in explain_date("15.06.2020")
    assert explain_date("2021-02-29") == "there is no such day"
    assert "2020-06-15" in explain_date("15 June 2020")
