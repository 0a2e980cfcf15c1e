"""The flow of people in sentences: how many start, when, how many at a time, who leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sibsim.report.frequency import futures
from sibsim.report.numbers import fixed, is_number, percent, significant
from sibsim.report.reading import Summary, replicates
from sibsim.report.wording import day_in_words

__all__ = ["WHOLE", "all_queue", "count", "is_sure", "sentences"]

Entry = Mapping[str, Any]
WHOLE = 1e-6
"""What is nearer to a whole number of people is one: shares of people add up to whole ones."""
MOST = "in at least 90 of 100 futures"


def sentences(summary: Summary) -> list[str]:
    """What a reader needs first."""
    total = next(row for row in summary["totals"] if row["cohort"] is None)
    queue = total["queue"]
    starts = _starts(total) if queue is None or not all_queue(summary) else _referred(total, queue)
    said = [starts, _when(total, summary)]
    said += [] if queue is None else _line(queue, "" if all_queue(summary) else " from the queue")
    said += [_service(total, summary["scenario"]["step"]), _leave(total)]
    return [one for one in said if one]


def all_queue(summary: Summary) -> bool:
    """Whether everybody comes through a queue."""
    return all(total["queue"] is not None for total in summary["totals"])


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


def is_sure(figure: Entry) -> bool:
    """Whether it is the same in every future, but for rounding."""
    if "value" in figure:
        return not figure["mc_error"]
    ends = max(abs(figure["p05"] - figure["mean"]), abs(figure["p95"] - figure["mean"]), figure["mc_error"])
    return bool(ends <= 1e-9 * max(abs(figure["mean"]), 1.0))


def _range(figure: Entry) -> str:
    low, high = count(figure["p05"]), count(figure["p95"])
    return f"{MOST} {low}" if low == high else f"{MOST} {low} to {high}"


def _people(number: float) -> str:
    return f"{count(number)} {'person' if number == 1 else 'people'}"


# ------------------------------------------------------------------------------------------------ who starts
def _starts(total: Entry) -> str:
    offered, started, never = total["offered"], total["started"], total["never_started"]
    is_everyone = is_sure(never) and not never["mean"]
    left_out = _kept_away(total)
    if is_sure(offered) and is_sure(started):
        return _surely(offered["mean"], started["mean"]) + left_out
    if is_everyone:
        text = f"On average {count(offered['mean'])} people are offered the programme, and all of them start"
        return f"{text}; {_range(started)}.{left_out}"
    if is_sure(offered):
        of = f"Of {_people(offered['mean'])} offered the programme, {count(started['mean'])} start on average"
    else:
        of = f"On average {count(offered['mean'])} people are offered the programme, and {count(started['mean'])} start"
    return f"{of}; {_range(started)}.{left_out}"


def _kept_away(total: Entry) -> str:
    if not total["kept_away"]["mean"]:
        return ""
    return (
        f" {count(total['kept_away']['mean'])} more were planned, on average: events, or want of money, leave them "
        "without a start."
    )


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


def _on(date: str) -> str:
    """A month or a day, with its preposition.

    >>> _on("2027-08"), _on("2027-08-15")
    ('in August 2027', 'on 15 August 2027')
    """
    return f"{'on' if len(date) > len('2027-08') else 'in'} {day_in_words(date)}"


def _dated(dates: Entry) -> str:
    if dates["is_same"]:
        return _on(dates["p50"])
    if dates["p05"] == dates["p95"]:
        return f"{_on(dates['p50'])} {MOST}"
    return f"from {day_in_words(dates['p05'])} to {day_in_words(dates['p95'])} {MOST}"


# ------------------------------------------------------------------------------------------------ who waits
def _referred(total: Entry, queue: Entry) -> str:
    """How many are referred, are eligible, want it and start."""
    referred, offered, wanted, started = (
        figure["mean"] for figure in (queue["referred"], total["offered"], queue["wanted"], total["started"])
    )
    steps = [] if total["kept_away"]["mean"] or offered == referred else [f"{count(offered)} of them are eligible"]
    if wanted != offered:
        steps.append(f"{count(wanted)} want a place")
    steps.append(f"{count(started)} start")
    text = f"On average {count(referred)} people are referred" + (": " if len(steps) > 1 else "")
    text += f"{', '.join(steps[:-1])} and {steps[-1]}"
    spread = ", in every future" if is_sure(total["started"]) else f"; {_range(total['started'])} start"
    return f"{text}{spread}.{_kept_away(total)}"


def _line(queue: Entry, which: str) -> list[str]:
    """How long they wait, who does in vain, and how full the places are; ``which`` of those who start it is about."""
    return [_wait(queue, which), _end_of_line(queue), _places(queue, " of the queue" if which else "")]


def _wait(queue: Entry, which: str) -> str:
    waits, mean = queue["share_waits"]["value"], queue["wait"]["value"]
    if not is_number(waits):
        return ""
    if not waits:
        return f"Nobody who starts{which} had to wait."
    half, most = queue["wait_p50"]["value"], queue["wait_p95"]["value"]
    typical = f"half of them at most {_time(half)}" if half else "half of them not at all"
    return (
        f"Of 100 who start{which} {_of_100(waits)} had to wait. All who start{which} waited {_time(mean)} on average, "
        f"{typical}, 95 of 100 at most {_time(most)}."
    )


def _end_of_line(queue: Entry) -> str:
    gave_up, left = queue["share_gave_up"]["value"], queue["turned_away"]
    said = [f"Of 100 who want a place {_of_100(gave_up)} give up waiting"] if gave_up else []
    if left["mean"]:
        said.append(f"{count(left['mean'])} on average still wait when nobody starts any more")
    return f"{'; '.join(said)} ({_range(left)})." if left["mean"] else "".join(f"{one}." for one in said)


def _places(queue: Entry, which: str) -> str:
    use = queue["use_of_places"]["value"]
    if not is_number(use):
        return ""
    return f"As long as people may start, {percent(use)} of the places{which} are in use on average."


def _of_100(share: float) -> str:
    """A share in a hundred; never none or all where it is not.

    >>> _of_100(0.2), _of_100(0.034), _of_100(0.0001), _of_100(0.9999), _of_100(1.0)
    ('20', '3.4', 'under 0.1', 'over 99.9', '100')
    """
    if share in (0.0, 1.0):
        return fixed(100 * share, 0)
    if share < 0.0005 or share >= 0.9995:
        return "under 0.1" if share < 0.5 else "over 99.9"
    return fixed(100 * share, 1 if share < 0.0995 or share >= 0.9895 else 0)


def _time(months: float | None) -> str:
    """A wait in words.

    >>> _time(6.04), _time(1.3), _time(0.1), _time(0.01)
    ('6.0 months', '40 days', '3.0 days', 'under a day')
    """
    if months is None or not is_number(months):
        return "n/a"
    if months >= 2.0:
        return f"{fixed(months, 1)} months"
    days = months * 365.25 / 12
    return "under a day" if days < 1.0 else f"{fixed(days, 0 if days >= 10.0 else 1)} days"


# ------------------------------------------------------------------------------------------------ who is there
def _service(total: Entry, step: str) -> str:
    months, busiest = total["person_months"], total["busiest"]
    if not total["started"]["p95"]:
        return ""
    if not months["p95"]:
        return "The file does not say how long the programme takes, so that nobody is counted in service."
    years = f"they get {count(months['mean'] / 12)} person-years of service"
    if is_sure(busiest):
        mean = "" if is_sure(months) else " on average"
        return f"In the busiest {step} {count(busiest['mean'])} are in service at a time; in all {years}{mean}."
    return (
        f"In its busiest {step} a future has {count(busiest['mean'])} in service at a time on average, in at least 95 "
        f"of 100 futures no more than {count(busiest['p95'])}; in all {years} on average."
    )


def _leave(total: Entry) -> str:
    dropped, completed, cut = total["dropped_out"], total["completed"], total["cut_off"]
    if not total["started"]["p95"] or not total["person_months"]["p95"]:
        return ""
    if not dropped["p95"] and not dropped["mean"]:
        text = "Nobody drops out: the file gives no `dropout` above 0."
        if not cut["mean"]:
            return text
    else:
        spread = _range(dropped)
        text = f"On average {count(dropped['mean'])} drop out ({spread}) and {count(completed['mean'])} complete."
    if cut["mean"]:
        text += f" An event ends the service of {count(cut['mean'])} before they complete, on average."
    return text
