"""What `validate` tells of a good file, apart from warnings: whom each report can count."""

from __future__ import annotations

from itertools import groupby

from sibsim.loading.check_time import coverage
from sibsim.loading.place import listed
from sibsim.scenario import BUILT_IN_MEASURES, Scenario

__all__ = ["notes"]

MOST_DATES = 4
"""Reports of a measure that are told one by one; of more, the first and the last."""


def notes(scenario: Scenario) -> list[str]:
    """How many of the planned people each report can count, one line for each measure and cohort.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    list of str
        Empty for a file without people. What is built in (starts, completions) is left out: it counts everyone.

    Examples
    --------
    >>> from sibsim.loading import load
    >>> print("\\n".join(notes(load("stockholm-diabetes"))))
    fewer cases: 100 % in 2025-06
    published result: 41.7 % in 2023-09
    """
    if not scenario.has_people:
        return []
    counted = {*BUILT_IN_MEASURES, "referrals", *(o.name for o in scenario.outcomes if o.each == "cohort")}
    skipped = {m.name for m in scenario.measures if {m.of, *m.also_of} <= counted}
    rows = [row for row in coverage(scenario) if row[0] not in skipped]
    found = []
    for (name, cohort), reports in groupby(rows, lambda row: (row[0], row[1])):
        told = [f"{100 * share:.3g} % in {day:%Y-%m}" for _, _, day, share in reports]
        if len(told) > MOST_DATES:
            told = [f"{told[0]} to {told[-1]} ({len(told)} reports)"]
        found.append(f"{name}{f', {cohort}' if cohort else ''}: {listed(told, 'and')}")
    return found
