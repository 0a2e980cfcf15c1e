"""Patterns of group C, thresholds and slides: what a report is worth. Settled on readings at and around each corner."""

from __future__ import annotations

import pytest

from tests.patterns.hand import settle, simulate

HEAD = """sibsim: 1
title: A pattern
currency: EUR
start: 2014-01
step: year
parties: {payer: A payer, investor: A fund, provider: A charity}
"""


def contract(payments: str, capital: str = "100", years: int = 4, level: str = "0", **more: str) -> str:
    """One result after some years, read as ``result``, and a bullet loan that is drawn at the start."""
    sections = {
        "outcomes": f"{{truth: {{type: score, each: cohort, better: more, over: {years} years, with: {level}}}}}",
        "measures": "{result: {of: truth, as: average}}",
        "contract": f"{{payments: {payments}}}",
        "costs": f"{{service: {{amount: {capital}}}}}",
        "finance": f"{{tranches: {{loan: {{amount: {capital}, drawn: upfront}}}}}}",
    }
    return HEAD + "".join(f"{name}: {text}\n" for name, text in (sections | more).items())


def both(text: str, reading: str) -> tuple[dict[str, float], dict[str, float]]:
    """What each payment pays in all: settled on a reading, and simulated where that is the truth."""
    if reading.endswith("%"):
        text = text.replace("with: 0}", "with: 0 %}")
    came, drawn = settle(text, f"result: {reading}"), simulate(text, f"outcomes.truth.with={reading}")
    names = [p.name for p in came.scenario.payments]
    return {name: came.total(name) for name in names}, {name: drawn.total(name) for name in names}


def check(text: str, reading: str, **expected: float) -> None:
    for found in both(text, reading):
        assert found == pytest.approx({name.replace("_", " "): x for name, x in expected.items()}, abs=1e-6)


# ------------------------------------------------------------------------------------------------ C1
AUGSBURG = contract("{back: {measure: result, steps: [[20, 103 %]], of: drawn, to: loan}}", "250 000", 2)


@pytest.mark.parametrize(("placed", "pays"), [("20", 257_500), ("19", 0), ("0", 0), ("22", 257_500), ("69", 257_500)])
def test_pattern_C1_cliff(placed: str, pays: float) -> None:
    """Augsburg: with 20 young people in work the 250,000 come back with 3 %; with 19 nothing does."""
    check(AUGSBURG, placed, back=pays)


def test_pattern_C1_cliff_that_zero_does_not_pass() -> None:
    """Cuyahoga: no fewer days than in the comparison pays nothing; the least bit fewer pays."""
    text = contract("{back: {measure: result, steps: [[above 0 %, 1 m]]}}")
    for reading, pays in (("0 %", 0), ("-3 %", 0), ("0.01 %", 1e6)):
        check(text, reading, back=pays)


def test_pattern_C1_three_percent_a_year() -> None:
    """The other reading of Augsburg's 3 %: by the year over 28 months, 250,000 x 1.03 ** (28 / 12)."""
    text = AUGSBURG.replace("step: year", "step: month").replace("over: 2 years", "over: 28 months")
    yearly = "interest: {measure: result, steps: [[20, 3 %]], of: drawn, per: year, compound: true, to: loan}"
    text = text.replace("[[20, 103 %]]", "[[20, 100 %]]")
    text = text.replace("payments: {back", f"payments: {{{yearly}, back")
    check(text, "20", back=250_000, interest=250_000 * (1.03 ** (28 / 12) - 1))
    check(text, "19", back=0, interest=0)


# ------------------------------------------------------------------------------------------------ C3
STEPS = "[[8.5 %, 4.8 m], [10 %, 9.6 m], [11 %, 10.08 m], [12 %, 10.176 m], [12.5 %, 10.272 m], [13 %, 10.368 m], [16 %, 10.944 m], [20 %, 11.712 m]]"  # noqa: E501
RIKERS = contract(f"{{city: {{measure: result, steps: {STEPS}, to: loan}}}}", "9.6 m")


@pytest.mark.parametrize(
    ("reduction", "millions"),
    [
        ("-10 %", 0), ("0 %", 0), ("8.4999 %", 0), ("8.5 %", 4.8), ("9.9999 %", 4.8), ("10 %", 9.6), ("11 %", 10.08),
        ("12 %", 10.176), ("12.5 %", 10.272), ("13 %", 10.368), ("15.9999 %", 10.368), ("16 %", 10.944),
        ("20 %", 11.712), ("100 %", 11.712),
    ],
)  # fmt: skip
def test_pattern_C3_step_table(reduction: str, millions: float) -> None:
    """Rikers Island: fewer bed-days in jail by at least so many per cent pay so much, the highest step reached."""
    check(RIKERS, reduction, city=millions * 1e6)


# ------------------------------------------------------------------------------------------------ C4
JAIL = contract("{jail: {measure: result, per_point: 160 000, band: [0 %, 65 %], if: {result: at least 20 %}}}")
ABOVE = contract("{jail: {measure: result, per_point: 160 000, band: [20 %, 65 %]}}")


@pytest.mark.parametrize(
    ("points", "from_nothing", "above_the_start"),
    [
        ("31.9", 5.104e6, 1.904e6), ("19.99", 0, 0), ("20", 3.2e6, 0), ("20.01", 3_201_600, 1_600),
        ("65", 10.4e6, 7.2e6), ("80", 10.4e6, 7.2e6), ("0", 0, 0), ("-27", 0, 0),
    ],
)  # fmt: skip
def test_pattern_C4_by_the_point(points: str, from_nothing: float, above_the_start: float) -> None:
    """Denver's jail payment: 31.9 points x 160,000 = 5,104,000, so every point counts once 20 are reached, up to 65.

    The other reading, in which only points above 20 count, is a band from 20 on.
    """
    check(JAIL, f"{points} %", jail=from_nothing)
    check(ABOVE, f"{points} %", jail=above_the_start)


# ------------------------------------------------------------------------------------------------ C5
@pytest.mark.parametrize(
    ("rate", "pays"), [("0 %", 0), ("20 %", 25), ("40 %", 50), ("80 %", 100), ("81 %", 100), ("-8 %", 0)]
)
def test_pattern_C5_pro_rata_to_a_target(rate: str, pays: float) -> None:
    """Kobe's kidney measure: what was reached over the target (80 % here), of the whole sum, at most all of it."""
    check(contract("{eGFR: {measure: result, line: [[0 %, 0 %], [80 %, 100 %]], of: 100}}"), rate, eGFR=pays)


# ------------------------------------------------------------------------------------------------ C6
@pytest.mark.parametrize(
    ("points", "pays"), [(0, 0), (0.55, 0), (0.549, 0), (0.69, 50), (0.83, 100), (1, 100), (-1.4, 0)]
)
def test_pattern_C6_between_two_bounds(points: float, pays: float) -> None:
    """Reconnections: nothing at 0.55 points less lonely, all at 0.83, a straight line between."""
    text = contract("{loneliness: {measure: result, line: [[0.55, 0 %], [0.83, 100 %]], of: 100}}")
    check(text, str(points), loneliness=pays)


@pytest.mark.parametrize(("rate", "pays"), [("76.9 %", 0), ("77 %", 40), ("82 %", 70), ("87 %", 100), ("95 %", 100)])
def test_pattern_C6_from_something_at_the_lower_bound(rate: str, pays: float) -> None:
    """As Hachioji's detailed examinations: at the lower bound (77 % here) already 40 % is due, below it nothing."""
    text = contract("{exams: {measure: result, line: [[otherwise, 0 %], [77 %, 40 %], [87 %, 100 %]], of: 100}}")
    check(text, rate, exams=pays)


# ------------------------------------------------------------------------------------------------ C6b
IOD = contract(
    "{principal: {measure: result, steps: [[1 %, 100 %]], of: drawn, to: loan},"
    " premium: {measure: result, line: [[50 %, 0 %], [100 %, 7.5 %]], of: drawn, to: loan}}"
)


@pytest.mark.parametrize(
    ("above", "principal", "premium"),
    [("-4 %", 0, 0), ("0 %", 0, 0), ("1 %", 100, 0), ("50 %", 100, 0), ("75 %", 100, 3.75), ("100 %", 100, 7.5),
     ("150 %", 100, 7.5)],
)  # fmt: skip
def test_pattern_C6b_steps_above_a_control_group(above: str, principal: float, premium: float) -> None:
    """IOD: below the control group all is lost, above it the loan comes back, from +50 % to +100 % up to 7.5 % more."""
    check(IOD, above, principal=principal, premium=premium)


@pytest.mark.parametrize(("above", "back"), [("9.99 %", 0), ("10 %", 103), ("20 %", 105), ("30 %", 107), ("90 %", 107)])
def test_pattern_C6b_principal_and_a_range_of_bonus(above: str, back: float) -> None:
    """DUO for a JOB: at 10 % above the control group the loan and 3 %, rising to 7 % (here at 30 %)."""
    text = contract(
        "{back: {measure: result, line: [[otherwise, 0 %], [10 %, 103 %], [30 %, 107 %]], of: drawn, to: loan}}"
    )
    check(text, above, back=back)


# ------------------------------------------------------------------------------------------------ C6c
REGINA = contract(
    "{principal: {measure: result, steps: [[75 %, 75 %], [82 %, 100 %]], of: drawn, to: loan},"
    " interest: {measure: result, steps: [[82 %, 1.3 %]], of: drawn, per: year, compound: true, to: loan}}",
    "1 m",
    5,
)


@pytest.mark.parametrize(
    ("graduates", "principal", "interest"),
    [("74.9 %", 0, 0), ("75 %", 750_000, 0), ("81.9 %", 750_000, 0), ("82 %", 1e6, 1e6 * (1.013**5 - 1)),
     ("100 %", 1e6, 1e6 * (1.013**5 - 1)), ("0 %", 0, 0)],
)  # fmt: skip
def test_pattern_C6c_part_of_the_principal(graduates: str, principal: float, interest: float) -> None:
    """Mother Teresa School: 82 % graduates all and 1.3 % a year, 75 % three quarters, below nothing (five years)."""
    check(REGINA, graduates, principal=principal, interest=interest)


@pytest.mark.parametrize(
    ("children", "back"), [("16", 0), ("17", 750_000), ("21", 750_000), ("22", 1.05e6), ("54", 1.05e6)]
)
def test_pattern_C6c_sweet_dreams(children: str, back: float) -> None:
    """22 children at home: the million and 5 %; from 17 three quarters of it."""
    check(
        contract("{back: {measure: result, steps: [[17, 75 %], [22, 105 %]], of: drawn}}", "1 m"), children, back=back
    )


# ------------------------------------------------------------------------------------------------ C7
@pytest.mark.parametrize(
    ("facilities", "pays"), [("405", 7.29e6), ("440", 7.92e6), ("444", 7.992e6), ("445", 8e6), ("0", 0), ("1", 18_000)]
)
def test_pattern_C7_price_for_each(facilities: str, pays: float) -> None:
    """Utkrisht: 18,000 dollars for each of 405 facilities, 8 m at most."""
    check(contract("{ready: {measure: result, per_unit: 18 000, cap: 8 m}}"), facilities, ready=pays)


# ------------------------------------------------------------------------------------------------ C8
UTAH = (
    HEAD
    + """
outcomes: {saving: {type: score, each: cohort, better: more, over: 3 years, with: 180}}
measures: {saved: {of: saving, as: total, follow_up: so far, reported: [2015-01, 2016-01, 2017-01]}}
contract:
  payments:
    first 95: {measure: saved, per_unit: 0.95, to: loan, cap: {irr: 5 %}}
    then 40: {measure: saved, per_unit: 0.4, rest_of: first 95, to: loan}
costs: {service: {amount: 100}}
finance: {tranches: {loan: {amount: 100, drawn: upfront}}}
"""
)


def test_pattern_C8_share_of_a_saving_that_falls() -> None:
    """Utah: 95 % of the saving until the loan and 5 % are back, 40 % of what saving is left of it then.

    Of 60 a year: 57; then 105 - 57 = 48, with 5 % 50.40, which 53.0526 of saving bring; 40 % of the other 6.9474; 24.
    """
    came = settle(UTAH, "saved: {2015-01: 60, 2016-01: 60, 2017-01: 60}")
    assert came.paid("first 95") == pytest.approx({"2015-01": 57, "2016-01": 50.4})
    assert came.paid("then 40") == pytest.approx({"2016-01": 0.4 * (60 - 50.4 / 0.95), "2017-01": 24})
    exactly = settle(UTAH, "saved: {2015-01: 110.526315789473684, 2016-01: 0, 2017-01: 10}")
    assert exactly.paid("first 95") == pytest.approx({"2015-01": 105})
    assert exactly.paid("then 40") == pytest.approx({"2017-01": 4})
    worse = settle(UTAH, "saved: {2015-01: -5, 2016-01: 0, 2017-01: 0}")
    assert worse.paid("first 95") == worse.paid("then 40") == {}
    assert worse.net("investor") == -100


@pytest.mark.parametrize(("saving", "pays"), [("1 m", 500_000), ("0 EUR", 0), ("-1 m", 0), ("30 m", 14.3e6)])
def test_pattern_C8_share_of_a_saving(saving: str, pays: float) -> None:
    """Half of what is saved, at most the fund of 14.3 m."""
    text = contract(
        "{half: {measure: result, share: 50 %, cap: 14.3 m}}",
        outcomes="{truth: {type: money, each: cohort, better: more, over: 4 years, without: 0, with: 0}}",
        measures="{result: {of: truth, as: improvement, comparison: {fixed: 0}}}",
    )
    check(text, saving, half=pays)
