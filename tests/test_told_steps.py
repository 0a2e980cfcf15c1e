"""Every step of a payment in words: small contracts without chance, and what each sentence must say.

The amounts are worked out beside them. x is 10 from 2021 on; columns are years from 2020.
"""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.replay import trace
from sibsim.replay.recorder import Recorder
from sibsim.report.steps import SENTENCES, Words, sentence
from sibsim.simulate import future
from tests.support import HEAD, deal, scenario

COHORTS = {
    "participants": "{cohorts: {a: {size: 30, start: 2020-01}, b: {size: 10, start: 2021-01}}}",
    "measures": "{x: {of: result, as: average, for_each: cohort}}",
}
LOAN = "{loan: {by: investor, amount: 100}}"
SERVICE = "{service: {amount: 100, at: 2020-01}}"


def payments(**terms: str) -> str:
    return "{payments: {" + ", ".join(f"{name}: {{{text}}}" for name, text in terms.items()) + "}}"


def steps(text: str, draw: int = 0) -> list[tuple[str, str]]:
    """What is told, and each step in words."""
    what = scenario(text)
    context = begin(what, Streams(1, range(1)))
    context.watch = recorder = Recorder(what, draw)
    future(context)
    words = Words({p.id: p.name for p in what.parties})
    told = []
    for step in trace(what, recorder):
        whose = f" ({step['cohort']})" if step["cohort"] else ""
        told.append((step["what"], f"{step['date']} {step['subject']}{whose}: {sentence(step, words)}"))
    return told


TOLD: dict[str, tuple[str, str]] = {
    # 10 reaches the rows at 8 and 10, not the one at 12; the cap leaves 70, of which P pays 60 % and C the rest
    "rows": (
        deal(
            contract=payments(
                success="measure: x, steps: [[8, 60], [10, 100], [12, 200]], cap: 70, to: provider,"
                " by: {payer: 60 %, city: rest}"
            )
        ),
        """
        2021-01 success: x: 10
        2021-01 success: 10 meets 8: a later row counts
        2021-01 success: 10 meets 10: 100
        2021-01 success: 10 is under 12: that row is not reached
        2021-01 success: 100 is due
        2021-01 success: the cap in total, 70: cuts 30, leaves 70
        2021-01 success: pays 42 from P to D (60 % of 70)
        2021-01 success: pays 28 from C to D (40 % of 70)
        """,
    ),
    "no row": (
        deal(contract=payments(success="measure: x, steps: [[above 10, 100]], to: provider, floor: 5")),
        """
        2021-01 success: x: 10
        2021-01 success: 10 is not above 10: that row is not reached
        2021-01 success: no row is reached: nothing
        2021-01 success: the floor of 5 lifts 0 to 5
        2021-01 success: 5 is due
        2021-01 success: pays 5 from P to D
        """,
    ),
    # half way between 100 and 200, then 10 % dearer after a year
    "line": (
        deal(
            contract=payments(
                success="measure: x, line: [[otherwise, 0], [8, 100], [12, 200]], to: provider, index: 10 %",
                beyond="measure: x, line: [[otherwise, 0], [4, 50], [8, 80]], to: provider",
                below="measure: x, line: [[otherwise, 3], [12, 50]], to: provider",
            )
        ),
        """
        2021-01 success: x: 10
        2021-01 success: 10 lies between 8 (100) and 12 (200): 150
        2021-01 success: indexed, x 1.1: 165
        2021-01 success: 165 is due
        2021-01 beyond: x: 10
        2021-01 beyond: 10 is at or beyond the last corner, 8: 80
        2021-01 beyond: 80 is due
        2021-01 below: x: 10
        2021-01 below: no row is reached: otherwise 3
        2021-01 below: 3 is due
        2021-01 success: pays 165 from P to D
        2021-01 beyond: pays 80 from P to D
        2021-01 below: pays 3 from P to D
        """,
    ),
    # of 1,000 saved, 300 to 800 counts: 500, and 20 % of it
    "share": (
        deal(
            outcomes="{saved: {type: money, each: cohort, better: more, over: 1 year, without: 0, with: 1 000}}",
            measures="{x: {of: saved, as: total}}",
            contract=payments(success="measure: x, share: 20 %, band: [300, 800], to: provider"),
        ),
        """
        2021-01 success: x: 1 k
        2021-01 success: of 1 k, 500 is in the band from 300 up to 800
        2021-01 success: 20 % of 500 = 100
        2021-01 success: 100 is due
        2021-01 success: pays 100 from P to D
        """,
    ),
    # everybody succeeds: 100 points at 3
    "points": (
        deal(
            participants="{size: 10}",
            outcomes="{job: {type: event, better: more, over: 1 year, with: 100 %}}",
            measures="{x: {of: job, as: average}}",
            contract=payments(success="measure: x, per_point: 3, to: provider"),
        ),
        """
        2021-01 success: x: 100 %
        2021-01 success: 100 points x 3 = 300
        2021-01 success: 300 is due
        2021-01 success: pays 300 from P to D
        """,
    ),
    # 10 x 7.345 = 73.45, times 10; 734.5 to the nearest 100 is 700. The other side pays 50 back
    "times and back": (
        deal(
            measures="{x: {of: result, as: average}, n: {of: result, as: total}}",
            contract=payments(
                success="measure: x, per_unit: 7.345, times: n, round: 100, to: provider",
                penalty="measure: x, steps: [[otherwise, -50], [12, 200]], to: provider, at: 2022-01",
            ),
        ),
        """
        2021-01 success: x: 10
        2021-01 success: 10 x 7.345 = 73.45
        2021-01 success: times n, 10: 734.5
        2021-01 success: 734.5 rounded to the nearest 100: 700
        2021-01 success: 700 is due
        2021-01 success: pays 700 from P to D
        2022-01 penalty: x: 10
        2022-01 penalty: 10 is under 12: that row is not reached
        2022-01 penalty: no row is reached: otherwise -50
        2022-01 penalty: 50 is to be paid back
        2022-01 penalty: 50 goes back from D to P
        """,
    ),
    "spread": (
        deal(contract=payments(fee="amount: 90, over: 2 years, to: provider")),
        """
        2020-01 fee: the amount is 90
        2020-01 fee: the part of this period, 50 %: 45
        2020-01 fee: 45 is due
        2020-01 fee: pays 45 from P to D
        2021-01 fee: the amount is 90
        2021-01 fee: the part of this period, 50 %: 45
        2021-01 fee: 45 is due
        2021-01 fee: pays 45 from P to D
        """,
    ),
    # 100 to date, of which the cap pays 80; then 40 to date: of the 60 too much 20 had never been paid
    "to date": (
        deal(
            measures="{x: {of: result, as: average, covers: to date, reported: [2021-01, 2022-01]}}",
            contract=payments(
                success="measure: x, per_unit: {2020-01: 10, 2022-01: 4}, cumulative: true, to: provider, cap: 80"
            ),
        ),
        """
        2021-01 success: x: 10
        2021-01 success: 10 x 10 = 100
        2021-01 success: 100 is due
        2021-01 success: the cap in total, 80: cuts 20, leaves 80
        2021-01 success: pays 80 from P to D
        2022-01 success: x: 10
        2022-01 success: 10 x 4 = 40
        2022-01 success: 40 to date, less 100 due before: -60
        2022-01 success: 60 is to be paid back
        2022-01 success: what a cap had cut, 20, comes off first: 40 is to be paid back
        2022-01 success: 40 goes back from D to P
        """,
    ),
    # 60 in advance; 40 are due in the end, so that 20 go back
    "less": (
        deal(
            contract=payments(
                advance="amount: 60, at: 2020-01, to: provider",
                success="measure: x, per_unit: 4, less: advance, to: provider",
            )
        ),
        """
        2020-01 advance: the amount is 60
        2020-01 advance: 60 is due
        2020-01 advance: pays 60 from P to D
        2021-01 success: x: 10
        2021-01 success: 10 x 4 = 40
        2021-01 success: 40, less 60 paid by advance: -20
        2021-01 success: 20 is to be paid back
        2021-01 success: 20 goes back from D to P
        """,
    ),
    # 30 of 40 people, 75 of 100; the cohort may get 60, the year 50
    "cohorts": (
        deal(
            **COHORTS,
            contract=payments(
                success="measure: x, amount: 100, split: size, if: {x: at least 5}, to: provider,"
                " cap: {per_cohort: 60, per_year: 50}"
            ),
        ),
        """
        2021-01 success (a): x: 10
        2021-01 success (a): condition met: x 10 meets 5
        2021-01 success (a): the amount is 100
        2021-01 success (a): this cohort's part by size, 75 %: 75
        2021-01 success (a): 75 is due
        2021-01 success (a): the cap for the cohort, 60: cuts 15, leaves 60
        2021-01 success: the cap for the year, 50: cuts 10, leaves 50
        2021-01 success: pays 50 from P to D
        2022-01 success (b): x: 10
        2022-01 success (b): condition met: x 10 meets 5
        2022-01 success (b): the amount is 100
        2022-01 success (b): this cohort's part by size, 25 %: 25
        2022-01 success (b): 25 is due
        2022-01 success (b): the cap for the cohort, 60: cuts nothing
        2022-01 success: the cap for the year, 50: cuts nothing
        2022-01 success: pays 25 from P to D
        """,
    ),
    # 60 of 100 is paid; the other 40 % of the 10 is paid for at 5
    "rest": (
        deal(
            contract=payments(
                first="measure: x, per_unit: 10, to: provider, cap: 60",
                more="measure: x, per_unit: 5, rest_of: first, to: provider",
            )
        ),
        """
        2021-01 first: x: 10
        2021-01 first: 10 x 10 = 100
        2021-01 first: 100 is due
        2021-01 first: the cap in total, 60: cuts 40, leaves 60
        2021-01 more: x: 10
        2021-01 more: the cap of first left 40 % of it unpaid: 4 of 10
        2021-01 more: 4 x 5 = 20
        2021-01 more: 20 is due
        2021-01 first: pays 60 from P to D
        2021-01 more: pays 20 from P to D
        """,
    ),
    # four people have both, 7 + 9 = 16 each, and may bring 12
    "rate card": (
        deal(
            participants="{size: 4}",
            outcomes="{job: {type: event, better: more, over: 1 year, with: 100 %},"
            " home: {type: event, better: more, over: 1 year, with: 100 %}}",
            measures="{jobs: {of: job, as: total, follow_up: 1 year}, homes: {of: home, as: total, follow_up: 1 year}}",
            contract=payments(card="prices: {jobs: 7, homes: 9}, to: provider, cap: {per_person: 12}"),
        ),
        """
        2021-01 card: jobs: 4
        2021-01 card: homes: 4
        2021-01 card: jobs: 4 x 7 = 28
        2021-01 card: homes: 4 x 9 = 36
        2021-01 card: 64 is due
        2021-01 card: the cap for each person, room for 48: cuts 16, leaves 48
        2021-01 card: pays 48 from P to D
        """,
    ),
    "events": (
        deal(
            events="{review: {at: 2021-01, if: [{x: below 5}, {x: above 9}], stops: payments},"
            " never: {at: 2021-01, chance: 0 %}}",
            contract=payments(
                fee="amount: 10, at: review, to: provider",
                success="measure: x, per_unit: 3, at: [2021-01, 2022-01], to: provider, if: {x: at least 20}",
                late="amount: 5, at: 2022-01, to: provider, if: {review: happened}",
            ),
        ),
        """
        2021-01 review: alternative 1 not met: x 10 is not under 5
        2021-01 review: alternative 2 met: x 10 is above 9
        2021-01 review: happens
        2021-01 never: does not happen
        2021-01 fee: on the day of review
        2021-01 fee: the amount is 10
        2021-01 fee: 10 is due
        2021-01 success: x: 10
        2021-01 success: condition not met: x 10 is under 20
        2021-01 success: nothing is due
        2021-01 fee: pays 10 from P to D
        2022-01 success: x: 10
        2022-01 success: condition not met: x 10 is under 20
        2022-01 success: payments are stopped: nothing is due from here on
        2022-01 late: condition met: review has happened
        2022-01 late: payments are stopped: nothing is due from here on
        """,
    ),
    # 10 % compounded for two years is 21 %; and 10 % of 1,000 a year for two years, 200
    "by the year": (
        deal(
            contract=payments(
                coupon="amount: 10 %, of: drawn, per: year, compound: true, at: 2022-01, to: provider",
                rise="measure: x, steps: [[8, 10 %]], of: drawn, per: year, compound: true, at: 2022-01, to: provider",
                plain="amount: 10 %, of: 1 000, per: year, at: 2022-01, to: provider",
            ),
            finance="{tranches: {loan: {by: investor, amount: 100, drawn: upfront}}}",
        ),
        """
        2020-01 loan: 100 is drawn from I; 100 of 100 by now
        2022-01 coupon: 10 % a year, compounded, of 100 drawn: 21
        2022-01 coupon: 21 is due
        2022-01 rise: x: 10
        2022-01 rise: 10 meets 8: 10 % a year, compounded, of 100 drawn
        2022-01 rise: compounded on what is drawn from the day it was drawn: 21
        2022-01 rise: 21 is due
        2022-01 plain: 10 % a year of 1 k, for 2 years: 200
        2022-01 plain: 200 is due
        2022-01 coupon: pays 21 from P to D
        2022-01 rise: pays 21 from P to D
        2022-01 plain: pays 200 from P to D
        2022-01 account: 100 is paid out, 100 of it drawn and not spent
        2022-01 loan: 100 from the account to I: 100 counts as repayment
        """,
    ),
    # 1.1 x 100 = 110 may come back; at 5 % a year 110.25 - 70 x 1.05 = 36.75 is still lacking after two years
    "caps on the return": (
        deal(
            contract="{payments: {a: {amount: 70, at: 2021-01, cap: {multiple: 1.1}},"
            " b: {amount: 70, at: 2022-01, cap: {irr: 5 %}}}, cap: {multiple: 1.3}}",
            costs=SERVICE,
            finance=f"{{tranches: {LOAN}}}",
        ),
        """
        2020-01 loan: 100 is drawn from I; 100 of 100 by now
        2020-01 service: 100 from the account (newly drawn) to D
        2021-01 a: the amount is 70
        2021-01 a: 70 is due
        2021-01 a: the cap on the loans' return, 1.1 times, room for 110: cuts nothing
        2021-01 contract: the cap on the loans' return, 1.3 times, room for 130: cuts nothing
        2021-01 a: pays 70 from P to the account
        2021-01 account: 70 is paid out
        2021-01 loan: 70 from the account to I: 70 counts as repayment
        2022-01 b: the amount is 70
        2022-01 b: 70 is due
        2022-01 b: the cap on the loans' return, 5 % a year, room for 36.75: cuts 33.25, leaves 36.75
        2022-01 contract: the cap on the loans' return, 1.3 times, room for 60: cuts nothing
        2022-01 b: pays 36.75 from P to the account
        2022-01 account: 36.75 is paid out
        2022-01 loan: 30 from the account to I: 30 counts as repayment
        2022-01 account: 6.75 is left when every rank is paid
        2022-01 loan: 6.75 of what is left over goes to I: 6.75 beyond what is owed
        """,
    ),
    # 80 of 100: each gets 80 %
    "the contract's cap": (
        deal(
            contract="{payments: {a: {amount: 70, at: 2021-01, to: provider}, b: {amount: 30, at: 2021-01,"
            " to: provider}}, cap: {total: 80}}"
        ),
        """
        2021-01 a: the amount is 70
        2021-01 a: 70 is due
        2021-01 b: the amount is 30
        2021-01 b: 30 is due
        2021-01 contract: the cap in total, 80: cuts 20, leaves 80
        2021-01 a: the contract's cap leaves 56 of 70
        2021-01 b: the contract's cap leaves 24 of 30
        2021-01 a: pays 56 from P to D
        2021-01 b: pays 24 from P to D
        """,
    ),
    "pays at most": (
        deal(
            HEAD.replace("payer: P", "payer: {name: P, pays_at_most: 30}"),
            contract=payments(a="amount: 100, at: 2021-01, to: provider, by: {payer: 50 %, city: rest}"),
        ),
        """
        2021-01 a: the amount is 100
        2021-01 a: 100 is due
        2021-01 a: at most 30 from P in all: 30 of 50
        2021-01 a: pays 30 from P to D (its own part is 50 % of 100)
        2021-01 a: pays 70 from C to D (its own part is 50 % of 100)
        """,
    ),
    # 30 upfront and 15 of grants come first: 5 of the loan. Interest 5 % on 5, then on 55.25, then on 52.0125.
    # The coupon is 5 % of 35 and 85, as they stood. 55 - 6 = 49 is lost; half of 44 is 22, at most 20
    "finance": (
        deal(
            contract="{payments: {coupon: {amount: 5 %, of: drawn, per: year, at: 2022-01},"
            " final: {measure: x, steps: [[8, 20 %]], of: drawn, at: 2023-01, to: second}}, cap: 120}",
            costs="{service: {amount: 50, at: [2020-01, 2021-01]}, study: {amount: 10, at: 2021-01, by: payer}}",
            finance="{tranches: {loan: {by: investor, amount: 60, rate: 5 %}, second: {by: lender, amount: 30,"
            " drawn: upfront, cap: {multiple: 0.1}}, grant: {by: fund, amount: 15, kind: grant}},"
            " guarantees: {g: {by: guarantor, covers: [loan], over: 5, share: 50 %, up_to: 20}}}",
        ),
        """
        2020-01 second: 30 is drawn from L; 30 of 30 by now
        2020-01 grant: 15 is drawn from F; 15 of 15 by now
        2020-01 loan: 5 is drawn from I; 5 of 60 by now
        2020-01 service: 50 from the account (30 drawn money, 20 newly drawn) to D
        2021-01 loan: 0.25 of interest is added, 5 % a year on 5
        2021-01 loan: 50 is drawn from I; 55 of 60 by now
        2021-01 service: 50 from the account (newly drawn) to D
        2021-01 study: 10 from P to D
        2022-01 loan: 2.7625 of interest is added, 5 % a year on 55.25
        2022-01 coupon: 5 % a year of what was drawn, as it stood, which comes to 120 for one year: 6
        2022-01 coupon: 6 is due
        2022-01 contract: the cap in total, 120: cuts nothing
        2022-01 coupon: pays 6 from P to the account
        2022-01 account: 6 is paid out
        2022-01 loan: 3.0125 from the account to I: 3.0125 interest
        2022-01 loan: 2.9875 from the account to I: 2.9875 counts as repayment
        2023-01 loan: 2.600625 of interest is added, 5 % a year on 52.0125
        2023-01 final: x: 10
        2023-01 final: 10 meets 8: 6 (20 % of 30 drawn)
        2023-01 final: 6 is due
        2023-01 contract: the cap in total, 120 with 6 paid before: cuts nothing
        2023-01 final: the loan's own cap, room for 3: cuts 3, leaves 3
        2023-01 final: pays 3 from P to second
        2023-01 second: 3 straight from P to L: 3 counts as repayment
        2023-01 g: 50 % of a loss of 49 over 5, up to 20: 20 from G
        2023-01 loan: 20 of the guarantee from G to I: 2.600625 interest, 17.39937 principal
        2023-01 loan: 34.61313 is never repaid
        2023-01 second: 27 is never repaid
        """,
    ),
    # 30 a year: drawn, then from receipts, of which a year ahead is kept; at last 20 can be drawn and 10 are short.
    # P has paid 100 and 10, of which G bears what is over 30
    "receipts that pay costs": (
        deal(
            contract=payments(fee="amount: 100, at: 2021-01"),
            costs="{service: {amount: 120, over: 4 years}}",
            finance="{tranches: {loan: {by: investor, amount: 50}}, recycle: 12 months, shortfall: payer,"
            " guarantees: {g: {by: guarantor, covers: [payer], over: 30}}}",
        ),
        """
        2020-01 loan: 30 is drawn from I; 30 of 50 by now
        2020-01 service: 30 from the account (newly drawn) to D
        2021-01 fee: the amount is 100
        2021-01 fee: 100 is due
        2021-01 fee: pays 100 from P to the account
        2021-01 service: 30 from the account (receipts) to D
        2021-01 account: 30 of receipts is kept for costs ahead
        2021-01 account: 40 is paid out
        2021-01 loan: 30 from the account to I: 30 counts as repayment
        2021-01 account: 10 is left when every rank is paid
        2021-01 loan: 10 of what is left over goes to I: 10 beyond what is owed
        2022-01 service: 30 from the account (receipts) to D
        2023-01 loan: 20 is drawn from I; 50 of 50 by now
        2023-01 service: 30 from the account (20 newly drawn, 10 short, borne by P) to D
        2023-01 g: 100 % of a loss of 110 over 30: 80 from G
        2023-01 g: 80 from G to P, who paid
        2023-01 loan: 20 is never repaid
        """,
    ),
    # 200 less 105 is 95; the loan may get 120 in all, so 15 of it; the rest goes back as it was paid, 3 to 1
    "back to those who paid": (
        deal(
            contract=payments(fee="amount: 200, at: 2021-01, by: {payer: 75 %, city: rest}"),
            costs=SERVICE,
            finance="{tranches: {loan: {by: investor, amount: 100, rate: 5 %, cap: {multiple: 1.2}}}}",
        ),
        """
        2020-01 loan: 100 is drawn from I; 100 of 100 by now
        2020-01 service: 100 from the account (newly drawn) to D
        2021-01 loan: 5 of interest is added, 5 % a year on 100
        2021-01 fee: the amount is 200
        2021-01 fee: 200 is due
        2021-01 fee: pays 150 from P to the account (75 % of 200)
        2021-01 fee: pays 50 from C to the account (25 % of 200)
        2021-01 account: 200 is paid out
        2021-01 loan: 5 from the account to I: 5 interest
        2021-01 loan: 100 from the account to I: 100 counts as repayment
        2021-01 account: 95 is left when every rank is paid
        2021-01 loan: 15 of what is left over goes to I: 15 beyond what is owed
        2021-01 account: 60 of what is left over goes back to P, who paid
        2021-01 account: 20 of what is left over goes back to C, who paid
        """,
    ),
    "surplus": (
        deal(
            contract=payments(fee="amount: 200, at: 2021-01"),
            costs=SERVICE,
            finance=f"{{tranches: {LOAN}, surplus: {{city: 60 %, loan: 40 %}}}}",
        ),
        """
        2020-01 loan: 100 is drawn from I; 100 of 100 by now
        2020-01 service: 100 from the account (newly drawn) to D
        2021-01 fee: the amount is 200
        2021-01 fee: 200 is due
        2021-01 fee: pays 200 from P to the account
        2021-01 account: 200 is paid out
        2021-01 loan: 100 from the account to I: 100 counts as repayment
        2021-01 account: 100 is left when every rank is paid
        2021-01 account: 60 of what is left over goes to C
        2021-01 loan: 40 of what is left over goes to I: 40 beyond what is owed
        """,
    ),
    # ten people a year at 24 each over two years: 240 is enough for two groups
    "no money for a group": (
        deal(
            participants="{size: 40, intake: 4 years, duration: 2 years}",
            contract=payments(p="amount: 240, at: 2026-01"),
            costs="{people: {amount: 24, per: starter, over: 2 years}}",
            finance="{tranches: {loan: {by: investor, amount: 240}}, shortfall: stop intake}",
        ),
        """
        2020-01 loan: 120 is drawn from I; 120 of 240 by now
        2020-01 people: 120 from the account (newly drawn) to D
        2021-01 account: the money there is does not cover a group that is to start: nobody starts from here on
        2021-01 loan: 120 is drawn from I; 240 of 240 by now
        2021-01 people: 120 from the account (newly drawn) to D
        2026-01 p: the amount is 240
        2026-01 p: 240 is due
        2026-01 p: pays 240 from P to the account
        2026-01 account: 240 is paid out
        2026-01 loan: 240 from the account to I: 240 counts as repayment
        """,
    ),
    # 150: 5 of interest, 100 kept for the principal, 20 for the adviser's tranche, and 25 over that wait a year
    "what is kept": (
        deal(
            contract=payments(fee="amount: 150, at: 2021-01", later="amount: 30, at: 2022-01"),
            costs="{service: {amount: 100, at: 2020-01}, adviser: {amount: 20, at: 2021-01, paid_from: deferred}}",
            finance="{tranches: {loan: {by: investor, amount: 100, rate: 5 %, matures: 2022-01},"
            " deferred: {by: lender, amount: 20, rank: 2}}, surplus: {city: 100 %}, surplus_from: 2022-01}",
        ),
        """
        2020-01 loan: 100 is drawn from I; 100 of 100 by now
        2020-01 service: 100 from the account (newly drawn) to D
        2021-01 loan: 5 of interest is added, 5 % a year on 100
        2021-01 fee: the amount is 150
        2021-01 fee: 150 is due
        2021-01 fee: pays 150 from P to the account
        2021-01 deferred: 20 is drawn from L; 20 of 20 by now
        2021-01 adviser: 20 from the account (newly drawn) to D
        2021-01 account: 150 is there for what is owed, and for what is kept
        2021-01 loan: 5 from the account to I: 5 interest
        2021-01 account: 100 is kept for principal that is not due yet
        2021-01 deferred: 20 from the account to L: 20 counts as repayment
        2021-01 account: 25 of surplus is kept: it is not paid before its date
        2022-01 loan: 5 of interest is added, 5 % a year on 100
        2022-01 later: the amount is 30
        2022-01 later: 30 is due
        2022-01 later: pays 30 from P to the account
        2022-01 account: 155 is paid out
        2022-01 loan: 5 from the account to I: 5 interest
        2022-01 loan: 100 from the account to I: 100 counts as repayment
        2022-01 account: 50 is left when every rank is paid
        2022-01 account: 50 of what is left over goes to C
        """,
    ),
    # 50 come in, of which 2 are the coupon; 48 pay the costs of 2022, and nothing is left for that year's 2
    "a coupon before what is kept": (
        deal(
            contract=payments(fee="amount: 50, at: 2021-01"),
            costs="{service: {amount: 50, at: [2020-01, 2021-01, 2022-01]}}",
            finance="{tranches: {loan: {by: investor, amount: 100, drawn: upfront, rate: 2 %, matures: 2023-01}},"
            " recycle: all}",
        ),
        """
        2020-01 loan: 100 is drawn from I; 100 of 100 by now
        2020-01 service: 50 from the account (drawn money) to D
        2021-01 loan: 2 of interest is added, 2 % a year on 100
        2021-01 fee: the amount is 50
        2021-01 fee: 50 is due
        2021-01 fee: pays 50 from P to the account
        2021-01 service: 50 from the account (drawn money) to D
        2021-01 account: 50 is there for what is owed, and for what is kept
        2021-01 loan: 2 from the account to I: 2 interest
        2021-01 account: 48 of receipts is kept for costs ahead
        2022-01 loan: 2 of interest is added, 2 % a year on 100
        2022-01 service: 50 from the account (48 receipts, 2 short, borne by D) to D
        2022-01 loan: 2 of its coupon is not paid, for the account has no more: still owed
        2023-01 loan: 2.04 of interest is added, 2 % a year on 102
        2023-01 loan: 100 is never repaid
        """,
    ),
    "less than none": (
        deal(
            outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: -10}}",
            contract=payments(success="measure: x, per_unit: 5, to: provider"),
        ),
        """
        2021-01 success: x: -10
        2021-01 success: -10 counts as none: 0 x 5 = 0
        2021-01 success: nothing is due
        """,
    ),
}
UNCERTAIN = deal(
    inputs="{price: {normal: {mean: 1, sd: 30}}}",
    contract=payments(success="measure: x, per_unit: price, to: provider"),
)


@pytest.mark.parametrize("name", TOLD)
def test_a_contract_told_step_by_step(name: str) -> None:
    text, expected = TOLD[name]
    assert [words for _, words in steps(text)] == [line.strip() for line in expected.strip().splitlines()]


def test_a_price_below_nothing_counts_as_nothing() -> None:
    """The thin tail of an uncertain price: what it would take away is not asked back."""
    what = scenario(UNCERTAIN)
    price = begin(what, Streams(1, range(1))).inputs["price"]
    draw = int(np.argmin(price))
    told = [words for what, words in steps(UNCERTAIN, draw) if what == "not below 0"]
    amount = f"{10 * price[draw]:.7g}"
    assert price[draw] < -10
    assert told == [f"2021-01 success: {amount} is below 0 and counts as 0"]


def test_every_kind_of_step_is_told_somewhere() -> None:
    seen = {what for text, _ in TOLD.values() for what, _ in steps(text)} | {"not below 0", "open"}
    assert seen == set(SENTENCES)


def test_figures_that_differ_look_different() -> None:
    """7.49999 % is under 7.5 %, and must not read as 7.5 % is under 7.5 %."""
    figures = {"of": "x", "cohort": None, "comparison": "at least", "to": None, "unit": "percent", "holds": 0.0}
    more = {"value": 0.07499999, "limit": 0.075, "alternative": 1.0, "alternatives": 1.0}
    step = {"what": "test", "figures": {**figures, **more}}
    assert sentence(step, Words(digits=3)) == "condition not met: x 7.499999 % is under 7.5 %"


def test_a_step_without_words_is_shown_all_the_same() -> None:
    assert sentence({"what": "new", "figures": {"value": 5.0, "to": "a"}}, Words()) == "new: value 5, to a"
