"""The contracts that a portfolio holds: found, read and built, each with its options and changes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NoReturn

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.build import warning_text
from sibsim.loading.extending import Located, located, read_whole
from sibsim.loading.file import File
from sibsim.loading.options import option_names
from sibsim.loading.place import SET, Context, Node, Place, Skip, attempt, did_you_mean, is_portfolio, listed
from sibsim.loading.portfolio import Asked
from sibsim.scenario import Holding, Scenario
from sibsim.timeline import DAYS_PER_MONTH, column_date, column_of, columns_in

__all__ = ["Contracts"]

SLACK = 1e-9

MOST_NAMED = 12
"""Contracts with warnings of their own that are told by name."""


@dataclass
class Contracts:
    """The files of contracts that a portfolio names, each read once, and built once for all that ask alike.

    Parameters
    ----------
    portfolio : Located
        The file of the portfolio: contracts are in its folder, or ship with sibsim.
    """

    portfolio: Located
    _files: dict[str, File | ScenarioError] = field(default_factory=dict)
    _built: dict[tuple[str, tuple[str, ...], int], tuple[Scenario | None, Context]] = field(default_factory=dict)
    _named: dict[str, File] = field(default_factory=dict)
    """The files of the holdings as they now are: an option may name others."""
    known: dict[str, Context] = field(default_factory=dict)
    """What is known of the contract of each holding as it now is, its options and changes put in."""
    _kept: list[Node] = field(default_factory=list)
    """Changes that were made: as long as they are kept, no other node has their number."""

    def holdings(self, asked: Sequence[Asked], context: Context) -> tuple[Holding, ...]:
        """The holdings that can be read; why others cannot is noted, what is wrong with a contract only once."""
        told: dict[Problem, list[str]] = {}
        self._named, self.known = {}, {}
        found = [attempt(lambda _, one=one: self._holding(one, told), one.place) for one in asked]  # type: ignore[misc]
        for problem, names in told.items():
            who = f"holding{'s' if len(names) > 1 else ''} {listed((repr(n) for n in names), 'and')}"
            if not context.is_full:
                context.problems.append(replace(problem, message=f"{who}: {problem.message}"))
        self._point_to_warnings(asked, context)
        return tuple(holding for holding in found if holding is not None)

    def sums(self, holdings: Sequence[Holding]) -> list[str]:
        """The sha256 of each contract, in the order of the file."""
        return list(dict.fromkeys(holding.scenario.sha256 for holding in holdings))

    # ----------------------------------------------------------------------------------------- one of them
    def _holding(self, asked: Asked, told: dict[Problem, list[str]]) -> Holding:
        file = self._file(asked.scenario, asked.name, told)
        known = option_names(file.root)
        for name in asked.options:
            if name not in known:
                near = did_you_mean(name, known) or (f"; it has {listed(known, 'and')}" if known else "; it has none")
                raise asked.place.child("option").wrong(f"'{file.name}' has no option '{name}'{near}")
        scenario, context = self._build(file, asked.options, asked.changes)
        self.known[asked.name] = context
        for problem in context.problems:
            _tell(told, self._in_file(problem, file, asked), asked.name)
        if scenario is None or context.problems:
            raise Skip
        self._warn_of_changes(asked, file, context)
        base = self._build(file, (), None)[1]
        scenario = file.numbered(scenario, base)
        return Holding(
            asked.name,
            scenario,
            tranche=asked.tranche,
            amount=asked.amount,
            months=_months(asked, scenario),
            copies=asked.copies,
            field=asked.field or scenario.field,
        )

    def _file(self, place: Place, name: str, told: dict[Problem, list[str]]) -> File:
        def stop(message: str) -> NoReturn:
            raise place.wrong(message)

        where = located(self.portfolio, place.node, stop, "the portfolio")
        if where.name not in self._files:
            try:
                whole = read_whole(where.path, where.name, where.name, where.folder)
                self._files[where.name] = File(where.path, where.name, whole)
            except ScenarioError as error:
                self._files[where.name] = error
        found = self._files[where.name]
        if isinstance(found, ScenarioError):
            for problem in found.problems:
                _tell(told, problem, name)
            raise Skip
        if is_portfolio(found.root):
            stop(f"'{where.name}' is a portfolio; a holding is one contract")
        self._named[where.name] = found
        return found

    def _build(self, file: File, options: tuple[str, ...], changes: Node | None) -> tuple[Scenario | None, Context]:
        key = (file.name, options, id(changes) if changes is not None else 0)
        if key not in self._built:
            if changes is not None:
                self._kept.append(changes)
            self._built[key] = file.build(options, (), changes)
        return self._built[key]

    def _in_file(self, problem: Problem, file: File, asked: Asked) -> Problem:
        """A problem of a contract; of its changes, which stand in the portfolio, as one of the portfolio."""
        if problem.file or problem.path.startswith(f"{SET} "):
            return problem
        if asked.changes is not None and asked.changes.origin == SET:
            return Problem(0, 0, f"{SET} {problem.path}", problem.message)
        if problem.line == 0 or asked.changes is None:
            return replace(problem, file=file.name)
        path = problem.path if problem.path.startswith("changes.") else f"changes.{problem.path}"
        return replace(problem, path=f"{asked.place.path}.{path}")

    # ----------------------------------------------------------------------------------------- warnings
    def _warn_of_changes(self, asked: Asked, file: File, context: Context) -> None:
        """What is said of the changed contract and not, with other figures, of the scenario as it stands."""
        known = {_but_for_figures(warning) for warning in self._build(file, asked.options, None)[1].warnings}
        for path, message in context.warnings if asked.changes is not None else ():
            if path and _but_for_figures((path, message)) not in known:
                asked.place.context.warn(f"{asked.place.path}.changes", warning_text(path, message))

    def _point_to_warnings(self, asked: Sequence[Asked], context: Context) -> None:
        """Which of the contracts have warnings of their own."""
        counts = {
            name: len(known.warnings)
            for name, file in self._named.items()
            if (known := self._build(file, (), None)[1]).warnings
        }
        if counts and not context.problems:
            named = [f"{name} ({count})" for name, count in counts.items()]
            others = [f"{len(named) - MOST_NAMED} others"] if len(named) > MOST_NAMED + 1 else []
            each = listed(named[:MOST_NAMED] + others if others else named, "and")
            context.warn("holdings", f"these contracts have warnings of their own (sibsim validate tells them): {each}")


def _tell(told: dict[Problem, list[str]], problem: Problem, name: str) -> None:
    names = told.setdefault(problem, [])
    if name not in names:
        names.append(name)


def _but_for_figures(warning: tuple[str, str]) -> tuple[str, str]:
    """A warning without its numbers."""
    path, message = warning
    return path, re.sub(r"\d[\d .]*", "0", message)


def _months(asked: Asked, scenario: Scenario) -> float:
    """Whole months from the portfolio's start to the contract's; a warning if that is no date of the portfolio.

    Rounded up: a contract that starts within a month is reckoned from the day on which the portfolio's months begin.
    """
    context, starts = asked.place.context, asked.starts
    key = "starts" if starts is not None else "scenario"
    place = asked.place.child(key)
    starts = scenario.start if starts is None else starts
    start, step = context.start, context.step_months
    if isinstance(starts, float):
        months, shown = starts, place.node.shown
    else:
        months, shown = _months_to(start, step, starts), f"{starts:%Y-%m}" if starts.day == 1 else starts.isoformat()
    if months < -SLACK:
        own = "" if key == "starts" else f"the contract starts in {shown}, "
        raise place.wrong(
            f"{own or f'{shown} is '}before the portfolio's `start` ({start:%Y-%m}); "
            f"{'write a later date' if key == 'starts' else 'say in `starts` when it begins here'}, or start earlier"
        )
    column = columns_in(months, step)
    if abs(column * step - months) > SLACK:
        day = column_date(start, step, column)
        context.warn(
            f"{asked.place.path}.{key}",
            f"{shown} falls between dates of the portfolio: money moves on the next ({day:%Y-%m} for the first)",
        )
    return float(max(math.ceil(months - SLACK), 0))


def _months_to(start: date, step: int, day: date) -> float:
    """Months from the start to a day, whole where it is a date of the portfolio; below 0 before it."""
    column = column_of(start, step, day)
    if column_date(start, step, column) == day:
        return float(column * step)
    return (day.year - start.year) * 12 + day.month - start.month + (day.day - start.day) / DAYS_PER_MONTH
