"""The steps of one settlement as plain data, in the order in which they read best; what did not matter is left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from sibsim.replay.recorder import Recorder, Step
from sibsim.scenario import Scenario
from sibsim.timeline import day_of

__all__ = ["trace"]

Figures = Mapping[str, Any]


def trace(scenario: Scenario, recorder: Recorder) -> list[dict[str, Any]]:
    """Every step that did something in the future that was followed.

    Returns
    -------
    list of dict
        ``date``, ``subject`` (a payment, event, cost, tranche or guarantee; ``account``; ``contract``), ``cohort`` (or
        None), ``what`` and ``figures``, by name: numbers, words or None.
    """
    events = {e.name for e in scenario.events}
    told: dict[str, list[Figures]] = {}
    stopped: set[tuple[str, str | None]] = set()
    cancelled: set[str] = set()
    found = []
    for group in _groups(step for step in recorder.steps if not (recorder.open and step.what == "written off")):
        steps = list(_steps(group))
        if steps and steps[0].subject in events and not _is_news(steps, told):
            continue
        if _is_stopped(steps):
            if (steps[0].subject, steps[0].key) in stopped:
                continue
            stopped.add((steps[0].subject, steps[0].key))
        out = _cancelled(steps)
        if out is not None:
            if out.key is None or out.key in cancelled:
                continue
            cancelled.add(out.key)
            steps = [out]
        for step in steps:
            when = day_of(scenario, step.column)
            entry = {"date": when, "subject": step.subject, "cohort": step.key, "what": step.what}
            found.append({**entry, "figures": _plain(step.figures)})
    return found


def _groups(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """What is told of one subject in one go; of a payment for several cohorts, cohort by cohort."""
    for _, run in groupby(steps, lambda step: (step.column, step.subject)):
        by_key: dict[str | None, list[Step]] = {}
        for step in run:
            by_key.setdefault(step.key, []).append(step)
        together = by_key.pop(None, [])
        yield from by_key.values()
        if together:
            yield together


def _steps(group: list[Step]) -> Iterator[Step]:
    """The steps of a group that did something. Nothing is worked out where nothing is due."""
    is_open, is_due = any(step.what == "open" for step in group), True
    if not is_open and any(step.what == "on" and not step.figures["holds"] for step in group):
        return
    for step in group:
        if step.what == "due":
            is_due = bool(step.figures["holds"])
        if is_open and _is_undecided(step):
            continue
        if (is_due or step.what not in WORKED_OUT) and DOES.get(step.what, _always)(step.figures):
            yield step


def _is_undecided(step: Step) -> bool:
    """Whether a step of something open says what is not known yet: it is neither met nor due, nor is it not."""
    is_unknown = step.what in ("test", "rest") and any(_is_none(figure) for figure in step.figures.values())
    is_nothing = step.what == "owed" and not step.figures["value"]
    return is_unknown or is_nothing or (step.what in ("on", "due", "event") and not step.figures["holds"])


def _is_stopped(steps: list[Step]) -> bool:
    """Whether payments are stopped: that is told once of each."""
    return any(step.what == "due" and step.figures["stopped"] for step in steps)


def _cancelled(steps: list[Step]) -> Step | None:
    """The step that says that nothing is due for a cohort which is cancelled: that is told once of each cohort."""
    if any(step.what == "open" for step in steps):
        return None
    return next((step for step in steps if step.what == "due" and step.figures["cancelled"]), None)


def _is_news(steps: list[Step], told: dict[str, list[Figures]]) -> bool:
    """Whether an event happens, or is asked about something else than last time; what has happened is not asked."""
    if not any(step.what in ("event", "open") for step in steps):
        return False
    now = [step.figures for step in steps]
    before = told.get(steps[0].subject)
    told[steps[0].subject] = now
    return any(step.what == "event" and step.figures["holds"] for step in steps) or (
        before is None or [_plain(one) for one in before] != [_plain(one) for one in now]
    )


def _plain(figures: Figures) -> dict[str, Any]:
    return {name: None if _is_none(figure) else figure for name, figure in figures.items()}


def _is_none(figure: Any) -> bool:
    """Whether a figure says nothing: not reported, or no limit."""
    return isinstance(figure, float) and not math.isfinite(figure)


# ------------------------------------------------------------------------------------------------ what did something
def _always(figures: Figures) -> bool:
    return True


def _moves(figures: Figures) -> bool:
    """Money moves."""
    return bool(figures["value"])


def _changes(figures: Figures) -> bool:
    """The amount after it is another than before."""
    before, value = figures["before"], figures["value"]
    return not math.isclose(before, value, rel_tol=1e-12, abs_tol=1e-9)


def _fails(figures: Figures) -> bool:
    return not figures["holds"]


def _is_asked(figures: Figures) -> bool:
    """Whether there is an amount that a limit could cut."""
    return bool(figures["before"] > 0)


DOES: dict[str, Callable[[Figures], bool]] = {
    "due": _fails,
    "test": lambda figures: not figures["is_out"],
    "rows": _fails,
    "spread": _changes,
    "index": _changes,
    "split": _changes,
    "not below 0": _changes,
    "round": _changes,
    "floor": _changes,
    "to date": lambda figures: bool(figures["paid"]) or _changes(figures),
    "less": lambda figures: bool(figures["paid"]),
    "owed": _always,
    "cap": _is_asked,
    "off the cut": _changes,
    "contract's cap": _changes,
    "pays at most": _changes,
    "event": lambda figures: not figures["before"],
    "runs short": lambda figures: bool(figures["holds"]),
    "call": lambda figures: bool(figures["loss"]),
    "corner": lambda figures: bool(figures["counts"]),
    "otherwise": lambda figures: bool(figures["counts"]),
    **dict.fromkeys(("pays", "back", "draw", "cost", "interest", "kept", "goes out", "left over"), _moves),
    **dict.fromkeys(("surplus", "refund", "repayment", "payment", "guarantee", "guaranteed", "written off"), _moves),
    **dict.fromkeys(("kept principal", "kept surplus", "at hand", "still owed"), _moves),
}
"""By step: whether it did something in one future, by its figures. A step that is not here always did."""
WORKED_OUT = (
    *("band", "amount", "per_unit", "per_point", "share", "price", "row", "corner", "otherwise", "rows", "compounded"),
    *("times", "spread", "index", "split", "not below 0", "floor", "round", "less", "to date", "owed"),
)
"""Steps of working out an amount, which say nothing where nothing is due."""
