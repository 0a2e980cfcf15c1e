"""What ``sibsim settle`` prints beside the payments: parties, the account, what is open and expected."""

from __future__ import annotations

from typing import Any

import pytest

from sibsim.errors import ScenarioError
from sibsim.replay import settled, settlement_summary
from sibsim.report.layout import Layout, width_of
from sibsim.report.settlement import RENDERERS
from tests.support import scenario

LOANS = """
sibsim: 1
title: By hand
currency: EUR
start: 2020-01
step: year
parties: {payer: Town, investor: Lender, fund: Fund, provider: Charity}
measures: {units: {as: total, reported: [2021-01, 2022-01]}}
contract: {payments: {success: {measure: units, per_unit: 1}}}
costs: {service: {amount: 4 000 000, at: 2020-01}}
finance:
  tranches:
    first senior loan: {amount: 1 m, rate: 5 %, rank: 1}
    second senior loan: {amount: 1 m, rate: 5 %, rank: 1}
    first junior loan: {amount: 1 m, rank: 2}
    second junior loan: {amount: 1 m, rank: 2}
actuals: {measures: {units: {2021-01: 100 000, 2022-01: 1 000 000.55}}}
"""
GRANT = """
sibsim: 1
title: By hand
currency: EUR
start: 2020-01
step: year
parties: {payer: Town, fund: Arnold, provider: Charity}
measures: {units: {as: total, reported: [2021-01, 2022-01]}}
contract: {payments: {success: {measure: units, per_unit: 1}}}
costs: {service: {amount: 100, at: 2020-01}}
finance: {tranches: {gift: {by: fund, amount: 100, kind: grant}}, surplus: {fund: 75 %, provider: rest}}
actuals: {measures: {units: {2021-01: 60, 2022-01: 40}}}
"""
COHORTS = """
sibsim: 1
title: By hand
currency: EUR
start: 2020-01
step: year
parties: {payer: Town, investor: Lender, provider: Charity}
participants: {cohorts: {spring: {start: 2020-01}, autumn: {start: 2021-01}}}
measures: {jobs: {as: total, for_each: cohort, follow_up: 1 year}, sites: {as: total, reported: [2021-01, 2023-01]}}
contract:
  payments: {success: {measure: jobs, per_unit: 10}, opened: {measure: sites, per_unit: 5}}
costs: {service: {amount: 1 000}}
finance: {tranches: {loan: {amount: 1 000}}}
actuals:
  measures: {jobs: {spring: 40}, sites: {2021-01: 2}}
  expected: EXPECTED
"""


def summary_of(text: str, **changed: str) -> dict[str, Any]:
    for name, value in changed.items():
        text = text.replace(name, value)
    return settlement_summary(settled(scenario(text)))


def printed(text: str, columns: int = 80) -> str:
    return RENDERERS["text"](summary_of(text), Layout(columns))


def agrees(*figures: str, text: str = COHORTS) -> dict[str, bool | None]:
    found = summary_of(text, EXPECTED=f"{{{', '.join(figures)}}}")["expected"]
    return {one["figure"]: one["agrees"] for one in found}


# ------------------------------------------------------------------------------------------------ the account
@pytest.mark.parametrize("columns", [60, 80, 100])
def test_every_loan_has_its_column_whatever_the_width(columns: int) -> None:
    text = printed(LOANS, columns)
    table = text[text.index("The account") : text.index("How it was worked out")]
    for loan in ("first senior loan", "second senior loan", "first junior loan", "second junior loan"):
        assert table.count(loan) == 1
    assert max(width_of(line) for line in text.splitlines()) <= columns


def test_a_date_on_which_money_only_passes_through_is_kept() -> None:
    """2021: 60 come in and go out again; the cash is 0 before and after, and no loan is owed anything."""
    text = printed(GRANT)
    rows = [line.split() for line in text[text.index("The account") :].splitlines()[2:5]]
    assert rows == [["2020-01", "100", "100", "0"], ["2021-01", "60", "60", "0"], ["2022-01", "40", "40", "0"]]
    days = {one["date"]: one for one in summary_of(GRANT)["account"]}
    assert (days["2021-01"]["came_in"], days["2021-01"]["went_out"]) == (60.0, 60.0)


def test_what_came_in_less_what_went_out_is_the_cash() -> None:
    for text in (LOANS, GRANT):
        cash = 0.0
        for one in summary_of(text)["account"]:
            cash += one["came_in"] - one["went_out"]
            assert one["cash"] == pytest.approx(cash, abs=1e-6)


# ------------------------------------------------------------------------------------------------ the parties
def test_what_each_party_paid_and_got() -> None:
    """The town pays 60 + 40; of the 100 left over Arnold, who gave 100, gets 75; the charity 25, and 100 more."""
    found = summary_of(GRANT)["parties"]
    assert {id: (one["paid"], one["got"], one["net"]) for id, one in found.items()} == {
        "payer": (100.0, 0.0, -100.0),
        "fund": (100.0, 75.0, -25.0),
        "provider": (0.0, 125.0, 125.0),
    }
    text = " ".join(printed(GRANT).split())
    assert "Grants gift (Arnold): 100 drawn; a grant, which is not paid back. Arnold also got 75 of what" in text
    assert "What the lenders got" not in text
    assert "Arnold 100 75 -25" in text


def test_what_a_loan_got_of_what_was_left_over_is_not_told_twice() -> None:
    """Of 100 lent 250 came back: 150 beyond what is owed, by the loan itself."""
    text = GRANT.replace("kind: grant}}, surplus: {fund: 75 %, provider: rest}", "kind: loan}}")
    text = text.replace("2021-01: 60, 2022-01: 40", "2021-01: 60, 2022-01: 190")
    assert summary_of(text)["parties"]["fund"]["surplus"] == 0.0
    assert summary_of(text)["tranches"]["gift"]["received"] == 250.0
    assert "also got" not in printed(text)


def test_all_parties_together_come_to_nothing() -> None:
    for text in (LOANS, GRANT):
        parties = summary_of(text)["parties"].values()
        assert sum(one["net"] for one in parties) == pytest.approx(0.0, abs=1e-6)
        assert all(one["got"] - one["paid"] == pytest.approx(one["net"], abs=1e-6) for one in parties)


# ------------------------------------------------------------------------------------------------ what is open
def test_no_return_while_something_is_open_and_less_came_back() -> None:
    loan = summary_of(COHORTS, EXPECTED="{total_paid: 1}")["tranches"]["loan"]
    assert (loan["irr"], loan["bond_equivalent_yield"]) == (None, None)
    text = RENDERERS["text"](summary_of(COHORTS, EXPECTED="{total_paid: 1}"), Layout())
    assert "IRR" not in text
    less = LOANS.replace(", 2022-01: 1 000 000.55", "")
    assert all(one["irr"] is None for one in summary_of(less)["tranches"].values())
    much = less.replace("2021-01: 100 000", "2021-01: 9 m")
    assert summary_of(much)["is_open"]
    assert summary_of(much)["tranches"]["all"]["irr"] > 0


def test_what_hangs_on_something_open_is_not_said_to_agree() -> None:
    """Spring's 40 x 10 and the first sites' 2 x 5 have come; autumn and the sites of 2023 have not."""
    sums = ("payments.success: 400", "payments.opened: 10", "total_paid: 410", "payers.payer: 410")
    rest = ("tranches.loan.received: 410", "tranches.all.loss: 590", "parties.payer.net: -410")
    assert set(agrees(*sums, *rest).values()) == {None}
    known = ("payments.success.spring: 400", "payments.opened.2021-01: 10", "tranches.loan.drawn: 1 000")
    assert set(agrees(*known, "payments.success.2021-01: 400").values()) == {True}
    assert agrees("payments.success.2021-01.spring: 300", "payments.success.autumn: 0") == {
        "payments.success.2021-01.spring": False,
        "payments.success.autumn": None,
    }


def test_under_a_cap_a_later_payment_may_change_an_earlier_one_may_not() -> None:
    text = COHORTS.replace(
        "opened: {measure: sites, per_unit: 5}}", "opened: {measure: sites, per_unit: 5}}\n  cap: 450"
    )
    text = text.replace("{spring: 40}, sites: {2021-01: 2}", "{autumn: 30}, sites: {2021-01: 2, 2023-01: 1}")
    expected = agrees("payments.opened.2021-01: 10", "payments.opened.2023-01: 5", text=text)
    assert expected == {"payments.opened.2021-01": None, "payments.opened.2023-01": None}
    uncapped = agrees("payments.opened.2023-01: 5", "payments.opened: 15", text=text.replace("  cap: 450", ""))
    assert set(uncapped.values()) == {True}


def test_once_everything_has_come_all_is_compared() -> None:
    text = COHORTS.replace(
        "{spring: 40}, sites: {2021-01: 2}", "{spring: 40, autumn: 1}, sites: {2021-01: 2, 2023-01: 0}"
    )
    assert set(agrees("total_paid: 420", "tranches.loan.received: 420", "measures.sites: 0", text=text).values()) == {
        True
    }


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ("payments.opened.spring", "'opened' pays nothing for 'spring': it pays for all cohorts together"),
        ("payments.success.2021-01.autum", "after a date stands nothing, or a cohort; got 'autum'"),
        ("payments.success.autum", "a cohort or a date, e.g. 2018-10; got 'autum'"),
        ("payments.success.spring.2021-01", "got 'spring'"),
    ],
)
def test_figures_of_a_cohort_that_there_are_not(figure: str, says: str) -> None:
    with pytest.raises(ScenarioError) as wrong:
        scenario(COHORTS.replace("EXPECTED", f"{{{figure}: 1}}"))
    assert says in str(wrong.value)


# ------------------------------------------------------------------------------------------------ every step
def test_money_in_the_trace_is_written_as_in_the_tables() -> None:
    steps = printed(LOANS).partition("How it was worked out")[2]
    assert "50,000.00 of interest is added, 5 % a year on 1,000,000.00" in " ".join(steps.split())
    assert "1,000,000.55 x 1.00 = 1,000,000.55" in " ".join(steps.split())
    assert " k" not in steps
    assert " m " not in steps


def test_repayment_without_interest_is_not_called_principal() -> None:
    steps = " ".join(
        printed(COHORTS.replace("  expected: EXPECTED\n", "")).partition("How it was worked out")[2].split()
    )
    assert "410 from the account to Lender: 410 counts as repayment" in steps


def test_a_cancelled_cohort_is_told_once() -> None:
    text = COHORTS.replace("  expected: EXPECTED\n", "  events: {new law: 2020-01}\n")
    text = text.replace("actuals:", "events: {new law: {at: 2020-01, chance: 50 %, cancels: [autumn]}}\nactuals:")
    text = text.replace("follow_up: 1 year", "reported: [2022-01, 2023-01]").replace(
        "spring: 40", "2022-01: {spring: 40}"
    )
    trace = summary_of(text)["trace"]
    ours = [(one["what"], one["date"]) for one in trace if one["cohort"] == "autumn"]
    assert ours == [("due", "2022-01")]
    text = RENDERERS["text"](summary_of(text), Layout())
    assert text.count("the cohort is cancelled: nothing is due for it") == 1
