"""The flow of people in sentences: how many start, when, how many at a time, who leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sibsim.report.frequency import futures
from sibsim.report.numbers import fixed, is_number, significant
from sibsim.report.reading import Summary, replicates

__all__ = ["MONTHS", "WHOLE", "count", "month", "sentences"]

Entry = Mapping[str, Any]
WHOLE = 1e-6
"""What is nearer to a whole number of people is one: shares of people add up to whole ones."""
MOST = "in at least 90 of 100 futures"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def sentences(summary: Summary) -> list[str]:
    """What a reader needs first."""
    total = next(row for row in summary["totals"] if row["cohort"] is None)
    said = [_starts(total), _when(total, summary), _service(total, summary["scenario"]["step"]), _leave(total)]
    return [one for one in said if one]


def count(value: float | None) -> str:
    """A number of people: whole where it is, or where it has three digits.

    >>> count(925.0), count(748.3), count(7.25), count(0.0004)
    ('925', '748', '7.25', '0.0004')
    """
    if value is None or not is_number(value):
        return significant(value)
    if abs(value - round(value)) < WHOLE or value >= 99.95:
        return fixed(value, 0)
    return significant(value) if value >= 0.01 else significant(value, 1)


def _is_sure(figure: Entry) -> bool:
    return not figure["mc_error"] and figure["p05"] == figure["mean"] == figure["p95"]


def _range(figure: Entry) -> str:
    low, high = count(figure["p05"]), count(figure["p95"])
    return f"{MOST} {low}" if low == high else f"{MOST} {low} to {high}"


def _people(number: float) -> str:
    return f"{count(number)} {'person' if number == 1 else 'people'}"


# ------------------------------------------------------------------------------------------------ who starts
def _starts(total: Entry) -> str:
    offered, started, never = total["offered"], total["started"], total["never_started"]
    is_everyone = _is_sure(never) and not never["mean"]
    left_out = ""
    if total["kept_away"]["mean"]:
        left_out = (
            f" {count(total['kept_away']['mean'])} more were planned, on average: events, or want of money, leave "
            "them without a start."
        )
    if _is_sure(offered) and _is_sure(started):
        return _surely(offered["mean"], started["mean"]) + left_out
    if is_everyone:
        text = f"On average {count(offered['mean'])} people are offered the programme, and all of them start"
        return f"{text}; {_range(started)}.{left_out}"
    if _is_sure(offered):
        of = f"Of {_people(offered['mean'])} offered the programme, {count(started['mean'])} start on average"
    else:
        of = f"On average {count(offered['mean'])} people are offered the programme, and {count(started['mean'])} start"
    return f"{of}; {_range(started)}.{left_out}"


def _surely(offered: float, started: float) -> str:
    if not offered:
        return "Nobody is offered the programme, in any future."
    if offered == started:
        return f"All {_people(offered)} who are offered the programme start, in every future."
    who = f"{count(started)} start" if started else "nobody starts"
    return f"Of {_people(offered)} offered the programme {who}, in every future."


def _when(total: Entry, summary: Summary) -> str:
    first, last = total["first_start"], total["last_start"]
    if first["p50"] is None:
        return ""
    nobody = first["nobody"]
    text = f"The first start {_dated(first)}, the last {_dated(last)}."
    if first["p05"] == first["p95"] == last["p05"] == last["p95"] and first["is_same"] and last["is_same"]:
        text = f"All start {_dated(first)}."
    if nobody["value"]:
        chance = {**nobody, "count": round(nobody["value"] * summary["draws"]), "draws": summary["draws"]}
        text += f" Nobody starts {futures(chance, replicates(summary))}; the dates are of the others."
    return text


def _dated(dates: Entry) -> str:
    if dates["is_same"]:
        return f"in {month(dates['p50'])}"
    if dates["p05"] == dates["p95"]:
        return f"in {month(dates['p50'])} {MOST}"
    return f"from {month(dates['p05'])} to {month(dates['p95'])} {MOST}"


def month(day: str) -> str:
    """A date of the summary in words.

    >>> month("2020-06"), month("2020-06-15")
    ('June 2020', '15 June 2020')
    """
    year, number, *rest = day.split("-")
    name = f"{MONTHS[int(number) - 1]} {year}"
    return f"{int(rest[0])} {name}" if rest else name


# ------------------------------------------------------------------------------------------------ who is there
def _service(total: Entry, step: str) -> str:
    months, busiest = total["person_months"], total["busiest"]
    if not total["started"]["p95"]:
        return ""
    if not months["p95"]:
        return "The file does not say how long the programme takes, so that nobody is counted in service."
    years = f"they get {count(months['mean'] / 12)} person-years of service"
    if _is_sure(busiest):
        return f"In the busiest {step} {count(busiest['mean'])} are in service at a time; in all {years}."
    return (
        f"In the busiest {step} {count(busiest['mean'])} are in service at a time on average, in at least 95 of 100 "
        f"futures no more than {count(busiest['p95'])}; in all {years} on average."
    )


def _leave(total: Entry) -> str:
    dropped, completed, cut = total["dropped_out"], total["completed"], total["cut_off"]
    if not total["started"]["p95"] or not total["person_months"]["p95"]:
        return ""
    if not dropped["p95"] and not dropped["mean"]:
        text = "Nobody drops out: the file has no `dropout`."
        if not cut["mean"]:
            return text
    else:
        spread = _range(dropped)
        text = f"On average {count(dropped['mean'])} drop out ({spread}) and {count(completed['mean'])} complete."
    if cut["mean"]:
        text += f" An event ends the service of {count(cut['mean'])} before they complete, on average."
    return text
