"""Figures that may differ from cohort to cohort, and how a level grows from year to year."""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.loading.keys import Key, read
from sibsim.loading.place import Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.values import RATE, Sort
from sibsim.scenario import ByCohort, Growth, Number, Outcome, OverTime, Ref, Value

__all__ = ["GROWTH", "ForCohorts", "check_cohorts", "growth", "times"]

RELATIVE_SD = Sort("a relative standard deviation", "2 %", 0.0, 10.0)
TIMES = Sort("a ratio", "1.2", 0.0)


@dataclass(frozen=True)
class ForCohorts:
    """A reader of one value for all, or of a mapping with one for each cohort (``is_each``: that alone)."""

    sort: Sort
    is_each: bool = False

    def __call__(self, place: Place) -> Value | ByCohort:
        node, names = place.node, place.context.names
        is_named = node.kind == "mapping" and any(names.get(key) == "cohort" for key in node.entries)
        if not is_named and not self.is_each:
            return self.sort(place)
        if node.kind != "mapping":
            raise place.wrong(
                f"expected {self.sort.says} for each cohort, e.g. {{first year: {self.sort.example}}}, or a column of "
                f"a file: {{file: ..., names: ..., column: ...}}; got {node.shown}"
            )
        found = [(key, attempt(self._one, child)) for key, child in place.children() if self._is_cohort(key, child)]
        entries = tuple((name, value) for name, value in found if value is not None)
        if len(entries) < len(list(place.children())):
            raise Skip
        return ByCohort(entries)

    def _one(self, place: Place) -> Number | Ref:
        value = self.sort(place)
        assert not isinstance(value, OverTime)
        return value

    def _is_cohort(self, name: str, place: Place) -> bool:
        known = place.context.names_of("cohort")
        if name in known:
            return True
        place.note(f"no cohort is called '{name}'{did_you_mean(name, known)}", at_key=True)
        return False


times = ForCohorts(TIMES, is_each=True)

GROWTH = (
    Key("rate", ForCohorts(RATE), "0 %", "by how much the level of this year is above that of the year before", "9 %"),
    Key(
        "spread",
        ForCohorts(RELATIVE_SD),
        "0 %",
        "relative sd, between cohorts, of the level of this year over that of the year before: luck of each cohort by "
        "itself, which stays in all years after it",
        "2 %",
    ),
)


def growth(place: Place) -> tuple[Growth, ...]:
    """``{2013: 9 %, 2014: {rate: ..., spread: ...}}``, in order of years."""
    if place.node.kind != "mapping" or not place.node.entries:
        raise place.wrong(
            f"expected years, e.g. {{2013: 9 %, 2014: {{rate: 8 %, spread: 2 %}}}}; got {place.node.shown}"
        )
    found = [attempt(_year, child) for _, child in place.children()]
    years = [one for one in found if one is not None]
    if len(years) < len(found):
        raise Skip
    return tuple(sorted(years, key=lambda one: one.year))


def _year(place: Place) -> Growth:
    text = place.path.rpartition(".")[2]
    start = place.context.start.year
    if not (text.isdigit() and len(text) == 4):
        raise place.wrong(f"expected a calendar year, e.g. 2013; got '{text[:60]}'", at_key=True)
    if int(text) <= start:
        raise place.wrong(
            f"the level is that of {start}, in which the file starts; growth is of a year after it", at_key=True
        )
    if place.node.kind == "mapping" and {"rate", "spread"} & set(place.node.entries):
        return Growth(int(text), **read(place, GROWTH))
    return Growth(int(text), ForCohorts(RATE)(place))


def check_cohorts(place: Place, outcome: Outcome) -> None:
    """Whoever can have the outcome has a figure."""
    known = outcome.cohorts or tuple(place.context.names_of("cohort"))
    figures = [("by_cohort", outcome.by_cohort)]
    figures += [(f"growth.{one.year}.rate", one.rate) for one in outcome.growth]  # type: ignore[misc]
    figures += [(f"growth.{one.year}.spread", one.spread) for one in outcome.growth]  # type: ignore[misc]
    for path, value in figures:
        named = [name for name, _ in value.entries] if isinstance(value, ByCohort) else list(known)
        lacking = [name for name in known if name not in named]
        if lacking:
            at = place
            for key in path.split("."):
                at = at.child(key) if key in at.node.entries else at
            raise at.wrong(f"says nothing of {listed(lacking[:8], 'and')}; name every cohort", at_key=True)
