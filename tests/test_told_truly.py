"""Sentences of ``run`` and ``explain`` that say nothing that is not so: people, money, reports and limits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scipy.special import gammainc

from sibsim.distributions import Gamma
from sibsim.replay import explained
from sibsim.report import explanation
from sibsim.report.layout import Layout
from sibsim.report.text import render
from tests.support import run, scenario

EVENT = """
sibsim: 1
title: No money for all
currency: USD
start: 2020-01
step: year
parties: {payer: State, fund: Endowment, provider: NFP}
participants: {size: 100, intake: 2 years}
outcomes: {birth: {type: event, better: fewer, over: 1 year, without: 12 %, effect: {ratio: 0.8}}}
measures: {fewer: {of: birth, as: relative_improvement, comparison: {fixed: 12 %}}}
contract: {payments: {success: {measure: fewer, steps: [[9 %, 1 k]], to: provider}}}
costs: {service: {amount: 10, per: starter}}
finance: {tranches: {grant: {by: fund, amount: 600, kind: grant}}, shortfall: stop intake}
"""
BOUND = """
sibsim: 1
title: Two payers
currency: EUR
start: 2020-01
step: year
parties: {belgium: Belgium, fund: Foundation, provider: Red Cross}
outcomes: {centres: {type: score, each: cohort, better: more, over: 1 year, with: {discrete: [[3, 50 %], [2, 50 %]]}}}
measures: {open: {of: centres, as: average, reported: 2021-01}}
contract:
  payments:
    full: {amount: 20 m, at: 2021-01, if: {open: at least 3}, by: {belgium: 90 %, fund: rest}}
    part: {amount: 12 m, at: 2021-01, if: {open: below 3}, by: {belgium: 90 %, fund: rest}}
"""
COUNTED = """
sibsim: 1
title: Nobody new
currency: AUD
start: 2020-01
step: year
parties: {payer: State, provider: Charity}
participants: {size: 100}
outcomes: {days: {type: days, better: fewer, over: 1 year, without: 30, with: 20, sd: 10}}
measures: {avoided: {of: days, as: total_improvement, follow_up: so far, comparison: {fixed: 30}, reported: [2021-01, 2022-01]}}
contract: {payments: {half: {measure: avoided, per_unit: 1}}}
"""  # noqa: E501
LENT = """
sibsim: 1
title: A loan
currency: EUR
start: 2020-01
step: year
parties: {payer: Town, investor: Lender, provider: Charity}
outcomes: {cover: {type: score, each: cohort, better: more, over: 1 year, with: {normal: {mean: 20 %, sd: 2 %}}}}
measures: {share: {of: cover, as: average, reported: 2022-01}}
contract: {payments: {success: {measure: share, line: [[otherwise, 0], [0 %, 80], [20 %, 100]], to: loan}}}
costs: {service: {amount: 100}}
finance:
  tranches: {loan: {amount: 100HURDLE}}
  guarantees: {net: {by: payer, covers: [loan], up_to: 10}}
"""


def told(text: str) -> str:
    one = explained(scenario(text), draw=1, n_draws=1024)
    return explanation.RENDERERS["text"](one.summary(), Layout())


def report(text: str) -> str:
    return " ".join(render(run(text, n_draws=1024).summary(), Layout(100)).split())


def test_who_is_kept_away_for_want_of_money_is_not_kept_away_by_an_event() -> None:
    text = told(EVENT)
    assert "50 people were to start; there is no money for them, which keeps them away" in text
    assert "an event" not in text


def test_a_file_without_people_or_account_is_told_of_neither() -> None:
    text = told(BOUND)
    assert "start" not in text
    assert "On the account" not in text


def test_a_limit_is_of_all_payments_and_those_who_pay_are_payers() -> None:
    text = report(BOUND)
    assert "it can never be asked for more than 28.8 m (all payments added up)." in text
    assert "And all payers together?" in text
    assert "public" not in text


def test_a_report_in_which_nobody_is_new() -> None:
    text = report(COUNTED)
    assert "nothing new to report" in text
    assert "people are not counted" not in text


def test_a_lender_without_a_hurdle_is_told_of_none() -> None:
    without, with_one = report(LENT.replace("HURDLE", "")), report(LENT.replace("HURDLE", ", hurdle: 5 %"))
    assert "hurdle" not in without
    assert "NPV at the hurdle" in with_one
    assert "Returns less than the hurdle" in with_one


def test_a_percent_of_a_whole_cohort_has_no_price() -> None:
    assert "Paid per outcome" not in report(LENT.replace("HURDLE", ""))
    assert "Paid per outcome" in report(BOUND)


def test_what_a_payer_guarantees_besides_is_not_in_the_limit() -> None:
    text = report(LENT.replace("HURDLE", ""))
    assert "under the contract, without its guarantee, it can never be asked for more than 100" in text


@pytest.mark.parametrize(("mean", "sd"), [(1.0, 0.5), (5.0, 20.0), (300.0, 4.0)])
@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.5, 6.0), (295.0, 305.0), (2.0, float("inf"))])
def test_the_chance_of_a_gamma_is_that_of_the_incomplete_gamma_function(
    mean: float, sd: float, ends: tuple[float, float]
) -> None:
    law = Gamma.from_keys({"mean": mean, "sd": sd})
    shape, scale = law.parameters
    low, high = (float(gammainc(shape, end / scale)) for end in ends)
    assert law.chance_within(*ends) == pytest.approx(high - low, abs=1e-11)


def test_a_gamma_where_values_have_a_limit_is_checked_without_numpy(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(
        COUNTED.replace("size: 100", "size: 100, take_up: {gamma: {mean: 50 %, sd: 5 %}}"), encoding="utf-8"
    )
    code = (
        f"import sys; from sibsim import cli; r = cli.main(['validate', {str(file)!r}]); print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False", done.stdout + done.stderr


LATE = """
sibsim: 1
title: Late starts
currency: SEK
start: 2027-01
step: month
parties: {payer: A town, provider: A charity}
participants: {duration: 6 months, queue: {referrals: 8, until: 2028-01, places: 20, last_start: 2029-01}}
outcomes: {work: {type: event, better: more, over: 12 months, without: 20 %, effect: {difference: 10 %}}}
measures: {came: {of: starts, as: total, reported: [2027-12, 2029-01]}}
contract: {payments: {fee: {measure: came, per_unit: 1 000}}}
"""


def test_those_who_start_after_waiting_are_new_although_nobody_was_referred_since() -> None:
    text = report(LATE)
    assert "came, 2029-01 (total)" in text
    assert "nobody is new" not in text
    assert "nothing new" not in told(LATE)


def test_the_use_of_places_says_until_when() -> None:
    text = report(LATE.replace("places: 20", "places: 200"))
    assert "As long as people may start, " in text
    assert "Until then" not in text


def test_a_queue_for_which_nobody_is_eligible_is_told_so() -> None:
    text = report(LATE.replace("places: 20", "places: 20, eligible: 0 %"))
    assert "Nobody who is referred is eligible." in text
    assert "Nobody is referred" not in text
