"""A drawn contract as a scenario file: every figure with where it comes from, what is uncertain left uncertain.

The text stands in templates, in which ``$name`` is filled in; ``$D`` and ``$A`` are the evidence of what is drawn from
statistics and of what is assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from string import Template

from sibsim.reference import statistics as known
from sibsim.reference.drawing import Line, Terms
from sibsim.reference.planning import PLANNED, USED, cumulative, payments, plan_revolving

__all__ = ["SOURCES", "Way", "contract_text", "month"]

TOO_LITTLE, LOOK_AT = 0.25, 0.4
"""A contract that has achieved less than this part of its targets ends at this part of its term. Assumed."""
ENDS_EARLY = known.ENDS_EARLY[0] / sum(known.ENDS_EARLY)
KINDS = {"A": "capital funds the whole programme", "B": "revolving working capital"}

SOURCES = f"""sources:
  INDIGO:
    title: "INDIGO Impact Bond Dataset v2, as downloaded on {known.SNAPSHOT}: statistics of it, no rows"
    publisher: "Government Outcomes Lab, Blavatnik School of Government, University of Oxford"
    year: 2025
    url: "https://golab.bsg.ox.ac.uk/knowledge-bank/indigo/impact-bond-dataset-v2/"
"""
HEAD = """# A made-up contract. Its terms are drawn from statistics of the INDIGO database of the Government Outcomes
# Lab, University of Oxford, as of $snapshot; it is no row of it, and no contract that exists. What is not in
# those statistics is assumed, and says so. What it may be used for: docs/reference-class.md of sibsim.
sibsim: 1
title: "Reference contract $number: $field, type $kind ($what)"
${sources}currency: $currency
start: $start
step: quarter
parties: {payer: Payer $number, investor: Investor, provider: Provider $number}

inputs:
  project:
    normal: {mean: $project, sd: $between, within: [0, $top]}
    source: INDIGO
    status: derived
    note: "achieved / target, what the metrics have in common; one vote for each $vote. England, 2012-2024"
  course:
    mixture: [[$collapse, {uniform: {low: 0, high: $least}}], [$works, 1]]
    source: INDIGO
    status: derived
    note: "below 1: it collapses, and achieves at most a fifth of its targets"
"""
LUCK = """  luck of $name: {normal: {mean: 0, sd: $sd}, $D, note: "between metrics of a contract: $line"}
  result of $name: {product: [course, {sum: [project, luck of $name]}], $D}
"""
PEOPLE = """
participants: {size: {value: $users, $D}, duration: {value: $months months, $D}}

outcomes:                                 # the part of its target that each achieves; $metrics metrics in all
"""
OUTCOME = """  $name:
    type: score
    better: more
    each: cohort
    over: {value: $months months, $D}
    with: result of $name
"""
MEASURE = """  $name achieved:
    of: $name
    as: average
    follow_up: {value: $wait months, $A}
    reported: {value: $first, $A}
"""
PAYMENT = """    for $name:
      measure: $name achieved
      band: [{value: 0, $D}, {value: $top, $D}]
      per_unit:
        value: {$amounts}
        source: INDIGO
        status: derived
        note: "$note"
      index: {value: 0 %, $A}
      at: $at
"""
SETTING_UP = """  setting up: {amount: {value: $amount, $A, note: "so much that the plan needs $used of the capital"}}
"""
REVOLVING = """  service:
    amount: {value: $amount, $A, note: "each time; leaves the lenders their rate if $planned of the most is paid"}
    index: {value: 0 %, $A}
    at: {every: quarter, from: {value: $first, $A}, until: {value: $last, $A}}

finance:
  tranches:
    loan:
      amount: {value: $capital, $D}
      rate: {value: $rate, source: INDIGO, $A, note: "the highest returns of 22 contracts: 1 to 17 %, median 8 %"}
  recycle: all
  surplus: {provider: {value: 100 %, $A}}
"""
WHOLE = """
costs:
  programme:
    amount: {value: $amount, $D, note: "the capital funds it all, paid a year ahead (assumed)"}
    at: $at
    index: {value: 0 %, $A}

finance:
  tranches:
    loan: {amount: {value: $capital, $D}}
"""
LEAST = """  least result: {value: $little, $A, note: "of all targets; with less it ends at two fifths of its term"}
"""
FAILS = """  results fail: {at: {value: $look, $A}, if: {achieved: below least result}, stops: everything}
"""
ENDS = """  ends early:
    chance_per_year:
      value: $chance
      source: INDIGO
      status: assumed
      note: "$all: 6 of 128 are documented, up to a quarter ended half a year early"
    from: {value: $second, $A}
    until: {value: $before_last, $A}
    stops: everything

options:
  as planned:
    inputs.project: $plan
    inputs.course: 1
${lucks}    events.ends early.chance_per_year: 0 %
"""


@dataclass(frozen=True)
class Way:
    """How contracts are written.

    Parameters
    ----------
    start : (int, int)
        Year and month in which the portfolio starts.
    currency : str
    dollar : float
        What one US dollar is worth in it.
    achieved : {'project', 'metric'}
        Which reading of the results: a vote for each project, or for each metric.
    planned : float
        Part of the most that is paid for which the service of type B is budgeted.
    """

    start: tuple[int, int] = (2026, 1)
    currency: str = "USD"
    dollar: float = 1.0
    achieved: str = "project"
    planned: float = PLANNED

    def of(self, terms: Terms) -> Terms:
        """The terms in the currency."""
        if self.dollar == 1.0:
            return terms
        capital, most = (float(f"{x * self.dollar:.3g}") for x in (terms.capital, terms.most))
        lines = tuple(replace(line, price=line.price * most / terms.most) for line in terms.lines)
        return replace(terms, capital=capital, most=most, lines=lines)


def month(start: tuple[int, int], quarters: int) -> str:
    """The date so many quarters after a month.

    >>> month((2026, 1), 5)
    '2027-04'
    """
    months = 12 * start[0] + start[1] - 1 + 3 * quarters
    return f"{months // 12}-{months % 12 + 1:02d}"


def contract_text(terms: Terms, way: Way) -> str:
    """The file of one contract.

    >>> from sibsim.reference.drawing import draw_terms
    >>> contract_text(draw_terms(1, 1), Way()).splitlines()[4]
    'title: "Reference contract 1: employment and training, type A (capital funds the whole programme)"'
    """
    of = _Writer(way.of(terms), way)
    money = of.revolving() if of.plan else of.whole()
    return of.head() + of.results() + of.contract() + money + of.ends()


def _money(x: float) -> str:
    """Whole units, digits in threes.

    >>> _money(1436512.4)
    '1 436 512'
    """
    return f"{round(x):,}".replace(",", " ")


def _percent(x: float) -> str:
    return f"{round(100.0 * x, 4):g} %"


class _Writer:
    """Writes the sections of one contract."""

    def __init__(self, terms: Terms, way: Way) -> None:
        self.terms, self.way, self.n = terms, way, terms.quarters
        self.known = known.ACHIEVED[way.achieved]
        self.first = min(terms.first, self.n)
        self.plan = None
        if terms.kind == "B":
            self.plan = plan_revolving(terms.most, terms.capital, self.n, self.first, terms.rate, way.planned)
            self.first = self.plan.first
        self.look = max(self.first, round(LOOK_AT * self.n))
        names, number = [], 1
        for line in terms.lines:
            names.append(f"metric {number}" if line.metrics == 1 else f"metrics {number}-{number + line.metrics - 1}")
            number += line.metrics
        self.lines: list[tuple[str, Line]] = list(zip(names, terms.lines, strict=True))

    def filled(self, template: str, **words: object) -> str:
        """A template with the terms, and these words, filled in."""
        usual = {
            "D": "source: INDIGO, status: derived",
            "A": "status: assumed",
            "capital": _money(self.terms.capital),
            "first": self.date(self.first),
            "months": self.terms.months,
            "plan": f"{self.way.planned:g}" if self.plan else "1",
            "planned": _percent(self.way.planned),
            "top": f"{self.known.most:g}",
        }
        return Template(template).substitute({**usual, **words})

    def date(self, quarters: int) -> str:
        return month(self.way.start, self.terms.begins + quarters)

    def head(self) -> str:
        """What the contract is called, and its inputs."""
        t, k = self.terms, self.known
        text = self.filled(
            HEAD,
            snapshot=known.SNAPSHOT,
            number=t.number,
            field=t.field,
            kind=t.kind,
            what=KINDS[t.kind],
            sources=SOURCES,
            currency=self.way.currency,
            start=self.date(0),
            project=k.project,
            between=k.between,
            vote=self.way.achieved,
            collapse=_percent(k.collapse),
            works=_percent(1.0 - k.collapse),
            least=k.least,
        )
        for name, line in self.lines:
            of_line = "one metric" if line.metrics == 1 else f"mean of {line.metrics}"
            text += self.filled(LUCK, name=name, line=of_line, sd=round(k.within / math.sqrt(line.metrics), 4))
        if self.look < self.n:
            text += self.filled(LEAST, little=TOO_LITTLE)
        return text

    def results(self) -> str:
        """Participants, outcomes, measures."""
        text = self.filled(PEOPLE, users=_money(self.terms.users), metrics=self.terms.metrics)
        text += "".join(self.filled(OUTCOME, name=name) for name, _ in self.lines)
        text += "\nmeasures:\n"
        text += "".join(self.filled(MEASURE, name=name, wait=3 * self.first) for name, _ in self.lines)
        weights = (f"{name} achieved: {{value: {_percent(line.share)}, $A}}" for name, line in self.lines)
        return text + self.filled(f"  achieved: {{weighted: {{{', '.join(weights)}}}}}\n")

    def _to_date(self) -> list[tuple[int, float]]:
        """(quarter, part of all payments to date) of every date."""
        if self.plan:
            shares = payments(self.n, self.first)
            return [(k, sum(shares[: k + 1])) for k in range(self.first, self.n + 1)]
        return [(k, cumulative(k / self.n)) for k in (*range(4, self.n, 4), self.n)]

    def contract(self) -> str:
        dates = self._to_date()
        at = f"[{', '.join(f'{{value: {self.date(k)}, $A}}' for k, _ in dates)}]"
        if self.plan and len(dates) > 1:
            at = f"{{every: quarter, from: {{value: $first, $A}}, until: {{value: {self.date(self.n)}, $A}}}}"
        text = "\ncontract:\n  payments:\n"
        share = 0.0
        for name, line in self.lines:
            whole = round(self.terms.most * (share + line.share)) - round(self.terms.most * share)
            share += line.share
            sums = [0, *(round(whole * part) for _, part in dates)]
            parts = (f"{self.date(k)}: {_money(sums[i + 1] - sums[i])}" for i, (k, _) in enumerate(dates))
            note = "all of the target, by the S-curve of payments"
            if line.target:
                note = f"{_money(line.target)} outcomes at {_money(line.price)} each, by the S-curve of payments"
            text += self.filled(PAYMENT, name=name, amounts=", ".join(parts), note=note, at=self.filled(at))
        ratio = f"{self.terms.most / self.terms.capital:.3g} times the capital"
        most = _money(self.terms.most)
        return text + self.filled('  cap: {value: $most, $D, note: "$ratio"}\n', most=most, ratio=ratio)

    def revolving(self) -> str:
        """Costs and finance of type B."""
        plan = self.plan
        assert plan is not None
        text = "\ncosts:\n"
        if plan.setting_up >= 1.0:
            text += self.filled(SETTING_UP, amount=_money(plan.setting_up), used=_percent(USED))
        due = [(k, _money(cost)) for k, cost in enumerate(plan.costs) if cost > 0.0]
        levels = [(k, cost) for i, (k, cost) in enumerate(due) if i == 0 or cost != due[i - 1][1]]
        amount = levels[0][1]
        if len(levels) > 1:
            amount = f"{{{', '.join(f'{self.date(k)}: {cost}' for k, cost in levels)}}}"
        first, last = self.date(due[0][0]), self.date(due[-1][0])
        return text + self.filled(REVOLVING, amount=amount, first=first, last=last, rate=_percent(self.terms.rate))

    def whole(self) -> str:
        """Costs and finance of type A."""
        years = list(range(0, self.n, 4))
        to_date = [round(self.terms.capital * min(k + 4, self.n) / self.n) for k in years]
        parts = [due - before for before, due in pairwise([0, *to_date])]
        amount = _money(parts[0])
        if len(years) > 1:
            levels = ((k, part) for k, part, before in zip(years, parts, [0, *parts], strict=False) if part != before)
            amount = f"{{{', '.join(f'{self.date(k)}: {_money(part)}' for k, part in levels)}}}"
        at = f"[{', '.join(f'{{value: {self.date(k)}, $A}}' for k in years)}]"
        return self.filled(WHOLE, amount=amount, at=self.filled(at))

    def ends(self) -> str:
        """It ends early if it fails, and else by chance: together as often as the statistics say. Options."""
        k, noise = self.known, math.fsum(line.share**2 / line.metrics for line in self.terms.lines)
        sd = math.hypot(k.between, k.within * math.sqrt(noise))
        failing = k.collapse + (1.0 - k.collapse) * 0.5 * math.erfc((k.project - TOO_LITTLE) / sd / math.sqrt(2.0))
        text = "\nevents:\n"
        if self.look < self.n:
            text += self.filled(FAILS, look=self.date(self.look))
        else:
            failing = 0.0
        by_chance = max(1.0 - (1.0 - ENDS_EARLY) / (1.0 - failing), 0.0)
        known_to_end = _percent(round(ENDS_EARLY, 3))
        return text + self.filled(
            ENDS,
            chance=_percent(1.0 - (1.0 - by_chance) ** (4.0 / (self.n - 1))),
            all=f"{known_to_end} in all" if by_chance else f"{known_to_end} in all, and more than that fail",
            second=self.date(1),
            before_last=self.date(self.n - 1),
            lucks="".join(f"    inputs.luck of {name}: 0\n" for name, _ in self.lines),
        )
