"""What `validate` tells of a good file, apart from warnings: whom each report can count."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from sibsim.loading.check_time import people_counted
from sibsim.loading.place import listed
from sibsim.scenario import BUILT_IN_MEASURES, Measure, Scenario
from sibsim.timeline import column_date, report_columns

__all__ = ["coverage", "notes"]

MOST_COHORTS = 4
"""Cohorts of a measure of which the same is told one by one."""
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
    found: list[tuple[str, str | None, str]] = []
    for (name, cohort), reports in groupby(rows, lambda row: (row[0], row[1])):
        told = [f"{100 * share:.3g} % in {day:%Y-%m}" for _, _, day, share in reports]
        if len(told) > MOST_DATES:
            told = [f"{told[0]} to {told[-1]} ({len(told)} reports)"]
        new = " (who is new since the last)" if _counts_new(scenario, scenario.measure(name), cohort) else ""
        found.append((name, cohort, f"{listed(told, 'and')}{new}"))
    return _together(found)


def _together(lines: list[tuple[str, str | None, str]]) -> list[str]:
    """One line for each measure and cohort; one for all cohorts where the same is true of many."""
    found = []
    for (name, told), same in groupby(lines, lambda line: (line[0], line[2])):
        cohorts = [cohort for _, cohort, _ in same]
        if len(cohorts) > MOST_COHORTS:
            cohorts = [f"each of {len(cohorts)} cohorts"]
        found += [f"{name}{f', {cohort}' if cohort else ''}: {told}" for cohort in cohorts]
    return found


def coverage(scenario: Scenario) -> list[tuple[str, str | None, date, float]]:
    """How many of the planned people each report can count: of one on the time since the last, who is new.

    Returns
    -------
    list of (measure, cohort or None, date of the report, share of planned people)
        In file order, then by date; what counts nobody itself is left out (composites, given reports).

    Examples
    --------
    >>> from sibsim.loading import load
    >>> coverage(load("stockholm-diabetes"))[-1][0]
    'published result'
    """
    found = []
    for measure in scenario.measures:
        if not measure.of:
            continue
        rows = []
        for key, columns in report_columns(scenario, measure).items():
            for column in columns:
                counted, everyone = people_counted(scenario, measure, column, key, is_new=True)
                day = column_date(scenario.start, scenario.step_months, column)
                rows.append((measure.name, key, day, counted / everyone if everyone else 0.0))
        found += sorted(rows, key=lambda row: row[2])
    return found


def _counts_new(scenario: Scenario, measure: Measure, key: str | None) -> bool:
    """Whether some report leaves out people whom one before it counted."""
    columns = report_columns(scenario, measure)[key]
    both = ((people_counted(scenario, measure, c, key, is_new)[0] for is_new in (True, False)) for c in columns)
    return any(new < everybody for new, everybody in both)
