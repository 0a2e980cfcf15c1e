"""What really came, beside what might have: how likely it was by this file, in sentences and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sibsim.report.frequency import futures, futures_short
from sibsim.report.layout import Column, Layout, Row, plain, table, wrap
from sibsim.report.numbers import NOT_APPLICABLE, amount, fixed, percent, significant
from sibsim.report.people import MOST_COHORTS
from sibsim.report.reading import Summary, replicates
from sibsim.report.wording import month
from sibsim.scenario import BUILT_IN_MEASURES

__all__ = ["came_list", "reading_text"]

WORKED_OUT = {
    "assumed": "An assumed",
    "unverified": "An unverified",
    "from memory": "A remembered",
    "derived": "A derived",
}
"""Statuses of a reading that nobody published as it stands, and how a sentence on it begins."""
NOT_KNOWN = ("assumed", "unverified", "from memory")
"""Statuses of a reading with which what the contract paid is not known, but only what it would pay."""
ORDINARY = 0.1
"""Share of the futures as far out on its side, from which a report is not called unexpected."""
Reading = Mapping[str, Any]


def came_list(summary: Summary, layout: Layout) -> list[str]:
    """Sentences on the whole payment and on the report least expected, then every report in a table."""
    came = summary.get("came")
    if not came:
        return []
    n = replicates(summary)
    lines = [layout.bold("What really came")]
    for sentence in [_paid(came, n), _least_expected(summary, n)]:
        lines += wrap(sentence, layout.width, "  ", "    ") if sentence else []
    return lines + (_every_report(came["reports"], n, layout) if came["reports"] else [])


def _paid(came: Mapping[str, Any], n_replicates: int) -> str:
    """How likely the whole payment was; or why that cannot be said yet."""
    total, still_open = came["total_paid"], came["open"]
    if total is None and still_open is None:
        return "What the contract paid cannot be worked out: an input that it uses is not given in 'actuals'."
    if total is None:
        what, shown = ("1 thing is", "it") if still_open == 1 else (f"{still_open} things are", "them")
        return f"What the contract pays in all is not known yet: {what} still open (sibsim settle shows {shown})."
    sum_paid = f"{amount(total['value'])} {total['unit']}"
    is_known = not any(one["status"] in NOT_KNOWN for one in came["reports"])
    begins = "The contract paid" if is_known else "By these reports, some of which nobody published, the contract pays"
    says = f"{begins} {'nothing' if abs(total['value']) < 0.005 else sum_paid}"
    if total["is_constant"]:
        is_same = total["at_or_below"]["count"] and total["at_or_above"]["count"]
        return (
            f"{says}, as it does in every future." if is_same else f"{says}, which it does in no future of this file."
        )
    if _rarity(total) > 0.5:  # more futures pay just that than lie on either side
        return f"{says}, and so it does {futures(total['equal'], n_replicates)}."
    is_low = _is_low(total)
    tail = total["at_or_below" if is_low else "at_or_above"]
    how = (
        "pays nothing"
        if abs(total["value"]) < 0.005
        else "pays as little or less"
        if is_low
        else "pays as much or more"
    )
    return f"{says}: {futures(tail, n_replicates)} it {how}."


def _least_expected(summary: Summary, n_replicates: int) -> str:
    """The report of which the fewest futures are so far out: of those that were published, if there are any.

    What is counted without an evaluator (who started, who completed) hangs on the size of the file and is left out.
    """
    measures = summary["measures"]
    candidates = [
        one
        for one in summary["came"]["reports"]
        if not one["is_constant"]
        and one["at_or_below"]["draws"]
        and measures[one["measure"]]["of"] not in BUILT_IN_MEASURES
    ]
    candidates = [one for one in candidates if one["status"] not in WORKED_OUT] or candidates
    if not candidates:
        return ""
    one = min(candidates, key=_rarity)
    is_low = _is_low(one)
    tail = one["at_or_below" if is_low else "at_or_above"]
    who = WORKED_OUT.get(one["status"], "The evaluator's")
    where = "" if one["reported"] == 1.0 else " of those in which it is reported"
    others = "" if len(candidates) == 1 else f"; {_standing(one)} of {len(candidates)} reports"
    return (
        f"{who} {reading_text(one)} ({_name(one)}, "
        f"{month(one['date'])}): {futures(tail, n_replicates)}{where} it is as "
        f"{'low or lower' if is_low else 'high or higher'}{others}."
    )


def _standing(one: Reading) -> str:
    """What the report is among all: one that many futures pass on its side is not unexpected."""
    return "the least expected" if _rarity(one) < ORDINARY else "the one furthest out"


def _rarity(one: Reading) -> float:
    return min(float(one["at_or_below"]["value"]), float(one["at_or_above"]["value"]))


def _is_low(one: Reading) -> bool:
    """Whether what came lies in the lower half of the futures."""
    return float(one["at_or_below"]["value"]) <= float(one["at_or_above"]["value"])


def _every_report(reports: Sequence[Reading], n_replicates: int, layout: Layout) -> list[str]:
    columns = [Column("came"), Column("median", spare=1), Column("so low"), Column("so high")]
    rows: list[Row] = []
    for one in _chosen(reports):
        said = f" ({one['status']})" if one["status"] in WORKED_OUT else ""
        median = reading_text({**one, "value": one["median"]})
        shares = [_share(one, side, n_replicates) for side in ("at_or_below", "at_or_above")]
        rows.append((f"{_name(one)}, {one['date'][:7]}{said}", [reading_text(one), median, *shares]))
    note = "So low, so high: futures in which the report is that or lower, that or higher; a tie counts in both."
    return [*table("  What was reported", columns, rows, layout), *wrap(note, layout.width, "  ", "  ")]


def _chosen(reports: Sequence[Reading]) -> list[Reading]:
    """All reports; of many cohorts on one date, the one least expected."""
    found: list[Reading] = []
    for key in dict.fromkeys((one["measure"], one["date"]) for one in reports):
        here = [one for one in reports if (one["measure"], one["date"]) == key]
        told = [one for one in here if one["at_or_below"]["draws"]]
        if len(here) <= MOST_COHORTS or not told:
            found += here
            continue
        least = min(told, key=_rarity)
        found.append({**least, "cohort": f"{least['cohort']} (least expected of {len(here)} cohorts)"})
    return found


def _share(one: Reading, side: str, n_replicates: int) -> str:
    """Futures on one side; what no chance decides is all of them, or none."""
    if not one[side]["draws"]:
        return NOT_APPLICABLE
    if one["is_constant"]:
        return "all" if one[side]["count"] else "none"
    return futures_short(one[side], n_replicates).partition(" (")[0]


def _name(one: Reading) -> str:
    return plain(one["measure"]) + (f", {plain(one['cohort'])}" if one["cohort"] else "")


def reading_text(one: Reading) -> str:
    """A reading as its contract would say it.

    >>> reading_text({"unit": "percent", "value": 0.084}), reading_text({"unit": "number", "value": 1812.0})
    ('8.4 %', '1,812')
    """
    value = one["value"]
    if one["unit"] == "percent":
        is_short = value is None or abs(round(1000 * value) - 1000 * value) < 1e-6
        return percent(value, 1 if is_short else 2)
    if one["unit"] == "money":
        return amount(value)
    return fixed(value, 0) if value is not None and float(value).is_integer() else significant(value)
