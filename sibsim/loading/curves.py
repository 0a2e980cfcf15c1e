"""Distributions as a file writes them: a mapping of parameters, a list of rows, or a column of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sibsim.distributions import DISTRIBUTIONS, Discrete, Distribution, Empirical, Fixed, Mixture, mix, truncate
from sibsim.loading.csv_column import read_column
from sibsim.loading.keys import NEEDED, Key, read
from sibsim.loading.place import Place, Skip, attempt, listed
from sibsim.scenario import Number, Unit

if TYPE_CHECKING:
    Parameters = dict[str, "float | tuple[float, ...]"]
    NumberReader = Callable[[Place], Number]

__all__ = ["CURVES", "TABLES", "Curve", "common_unit", "curve_here", "read_curve"]

CURVES: dict[str, type[Distribution]] = {
    **{name: cls for name, cls in DISTRIBUTIONS.items() if name != "fixed"},
    "mixture": Mixture,
}
"""Distributions a file may name; a fixed value is written as a number."""
WITHIN = "within"
"""The two ends a distribution is cut off at: beside its parameters, or beside its name where those are a list."""
LISTS = ("discrete", "mixture")
PLAIN = ("df", "successes", "of", "alpha", "beta")
"""Parameters that are plain numbers whatever the unit of the quantity is."""


@dataclass(frozen=True)
class Curve:
    """A distribution, the unit of its values, and the code of money in another currency than the file's."""

    distribution: Distribution
    unit: Unit
    currency: str = ""


def curve_here(place: Place, others: Iterable[str], number: NumberReader) -> tuple[str, Curve] | None:
    """The name and the distribution that a mapping holds; None if it holds none.

    Parameters
    ----------
    place : Place
        A mapping such as ``{normal: {...}, source: A}``.
    others : iterable of str
        Keys that may stand beside the name.
    number : callable
        Reads one number.

    Raises
    ------
    Wrong, Skip
        Several distributions, unknown keys beside them, or parameters that cannot be.
    """
    known = [key for key in place.node.entries if key in CURVES]
    if not known:
        return None
    if len(known) > 1:
        raise place.wrong(f"one distribution, not several: {listed(known, 'and')}")
    name, allowed = known[0], tuple(others)
    for key, child in place.children():
        if key == WITHIN and name not in LISTS:
            raise child.wrong(f"'within' stands among the parameters: {{{name}: {{..., within: ...}}}}", at_key=True)
        if key not in (name, *allowed, *((WITHIN,) if name in LISTS else ())):
            raise child.wrong(f"unknown key beside '{name}'; known here: {listed(allowed, 'and')}", at_key=True)
    ends = place.child(WITHIN) if WITHIN in place.node.entries else None
    return name, read_curve(place.child(name), name, number, ends)


def read_curve(place: Place, name: str, number: NumberReader, ends: Place | None = None) -> Curve:
    """The distribution ``name`` with the parameters at this place.

    Parameters
    ----------
    place : Place
        What stands behind the name.
    name : str
        One of `CURVES`.
    number : callable
        Reads one number.
    ends : Place, optional
        A ``within`` that stands beside the name.

    Raises
    ------
    Wrong, Skip
        Parameters that cannot be read or cannot be.
    """
    within = _list_of(ends, number) if ends is not None else ()
    try:
        curve, own = _READERS.get(name, _from_parameters)(place, name, number)
        if not (own or within):
            return curve
        unit, currency = common_unit(place, [_sample(curve), *own, *within])
        cut = truncate(curve.distribution, tuple(n.value for n in own or within))
        return Curve(cut, unit, currency)
    except ValueError as error:
        raise (ends or place).wrong(str(error)) from None


def _sample(curve: Curve) -> Number:
    """A number in the unit of a distribution; 0, which goes with every unit, if it is nothing but 0."""
    return Number(0.0 if curve.distribution.support == (0.0, 0.0) else 1.0, curve.unit, curve.currency)


Made = tuple[Curve, tuple[Number, ...]]
"""A distribution, and the ends of a ``within`` among its parameters."""


def _numbers(number: NumberReader) -> Callable[[Place], tuple[Number, ...]]:
    return lambda at: _list_of(at, number) if at.node.kind == "list" else (number(at),)


PARAMETERS = tuple(
    dict.fromkeys(
        key
        for cls in CURVES.values()
        if cls not in (Discrete, Empirical)
        for set_ in cls.PARAMETER_SETS
        for key in set_
    )
)
_MEANINGS = {
    "mean": ("the mean", "0.8"),
    "sd": ("the standard deviation of the quantity, a lognormal's too", "0.1"),
    "interval_95": ("holds 95 % of the futures; alone it fixes the centre, beside `median` only the width", "[0.6, 1]"),
    "interval_90": ("the same for 90 %", "[0.65, 0.95]"),
    "median": ("as many futures below as above", "0.8"),
    "p10": ("one future in ten lies below", "0.7"),
    "p50": ("the median, between `p10` and `p90`, which then give only the width", "0.8"),
    "p90": ("one future in ten lies above", "0.9"),
    "df": ("`student`: degrees of freedom, above 2; the fewer, the heavier the tails", "4"),
    "successes": ("`beta`: cases of a study, Beta(s + 0.5, n - s + 0.5)", "17"),
    "of": ("`beta`: all cases of that study", "49"),
    "alpha": ("`beta`: its first parameter", "17.5"),
    "beta": ("`beta`: its second parameter", "32.5"),
    "low": ("`uniform`, `triangular`, `pert`: nothing lies below", "2 %"),
    "mode": ("`triangular`, `pert`: the likeliest value", "3 %"),
    "high": ("`uniform`, `triangular`, `pert`: nothing lies above", "5 %"),
    WITHIN: ("cut off at these two ends; beside the name where the parameters are a list", "[0 %, 100 %]"),
}


def _from_parameters(place: Place, name: str, number: NumberReader) -> Made:
    """A distribution given by its parameters."""
    table = [Key(key, _numbers(number), example="0.8") for key in (*PARAMETERS, WITHIN)]
    given: dict[str, tuple[Number, ...]] = read(place, table)
    for key in PLAIN:
        if any(n.unit != "number" for n in given.get(key, ())):
            raise place.child(key).wrong(f"must be a plain number, got {place.node.entries[key].shown}")
    unit, currency = common_unit(place, [n for key, found in given.items() if key not in PLAIN for n in found])
    ends = given.pop(WITHIN, ())
    keys: Parameters = {
        key: tuple(n.value for n in found) if place.node.entries[key].kind == "list" else found[0].value
        for key, found in given.items()
    }
    return Curve(CURVES[name].from_keys(keys), unit, currency), ends


def _list_of(place: Place, number: NumberReader) -> tuple[Number, ...]:
    """The numbers of a list, none of them wrong."""
    if place.node.kind != "list":
        return (number(place),)
    found = [attempt(number, part) for part in place.parts()]
    if not found:
        raise place.wrong("the list is empty; name numbers")
    good = tuple(n for n in found if n is not None)
    if len(good) < len(found):
        raise Skip
    return good


def _two(place: Place, wanted: str, example: str) -> list[tuple[Place, Place]]:
    """The rows of a list, two things in each."""
    if place.node.kind != "list":
        raise place.wrong(f"expected a list of {wanted}, e.g. {example}; got {place.node.shown}")
    rows = place.parts()
    for row in rows:
        if row.node.kind != "list" or len(row.node.items) != 2:
            row.note(f"each row must be {wanted}")
    if any(row.node.kind != "list" or len(row.node.items) != 2 for row in rows):
        raise Skip
    return [(pair[0], pair[1]) for pair in (row.parts() for row in rows)]


def _good(found: list[Number | None]) -> list[Number]:
    if None in found:
        raise Skip
    return [n for n in found if n is not None]


def _shares(place: Place, found: list[Number], wanted: str) -> list[float]:
    if any(n.unit == "money" for n in found):
        raise place.wrong(f"a {wanted.split()[0]} is a percent, not money")
    return [n.value for n in found]


def _discrete(place: Place, name: str, number: NumberReader) -> Made:
    """A list of [value, chance]."""
    rows = _two(place, "[value, chance]", "[[0.8, 30 %], [1, 70 %]]")
    pairs = [(attempt(number, first), attempt(number, second)) for first, second in rows]
    values, chances = _good([a for a, _ in pairs]), _good([b for _, b in pairs])
    of = _shares(place, chances, "chance")
    unit, currency = common_unit(place, values)
    curve = Discrete.from_keys({"values": tuple(n.value for n in values), "chances": tuple(of)})
    return Curve(curve, unit, currency), ()


def _mixture(place: Place, name: str, number: NumberReader) -> Made:
    """A list of [weight, distribution]; a number in place of a distribution is certain."""
    example = "[[70 %, {normal: {mean: 5, sd: 1}}], [30 %, 0]]"
    rows = _two(place, "[weight, distribution]", example)
    if not rows:
        raise place.wrong(f"the list is empty; name distributions, e.g. {example}")
    pairs = [(attempt(number, w), attempt(lambda at: _component(at, number), part)) for w, part in rows]
    weights, parts = _good([w for w, _ in pairs]), [part for _, part in pairs if part is not None]
    if len(parts) < len(rows):
        raise Skip
    of = _shares(place, weights, "weight")
    unit, currency = common_unit(place, [_sample(part) for part in parts])
    return Curve(mix(of, [part.distribution for part in parts]), unit, currency), ()


def _component(place: Place, number: NumberReader) -> Curve:
    if place.node.kind == "mapping":
        found = curve_here(place, (), number)
        if found is None:
            raise place.wrong(f"expected a distribution, e.g. {{normal: {{mean: 5, sd: 1}}}}; got {place.node.shown}")
        return found[1]
    value = number(place)
    return Curve(Fixed(value.value), value.unit, value.currency)


def _as_written(place: Place) -> Place:
    return place


EMPIRICAL = (
    Key("file", _as_written, NEEDED, "a CSV file in the scenario's folder, at most 1 MB", "costs.csv"),
    Key("column", _as_written, NEEDED, "the heading of a column of numbers, written as in a scenario", "cost"),
)


def _empirical(place: Place, name: str, number: NumberReader) -> Made:
    """A column of a file, each of its values as likely."""
    numbers = [Key(WITHIN, _numbers(number), example="[0, 100]")]
    given = read(place, [*EMPIRICAL, *numbers])
    column = read_column(given["file"], given["column"])
    own = place.context.currency
    for code in sorted({q.currency for q in column.quantities if q.currency not in (None, own, "")}, key=str):
        place.context.need_rate(given["file"], str(code))
    values = [Number(q.value, q.unit, "" if q.currency in (None, own) else str(q.currency)) for q in column.quantities]
    unit, currency = common_unit(place, values)
    curve = Empirical.from_keys({"values": tuple(n.value for n in values)})
    origin = f"column '{given['column'].node.text}' of {given['file'].node.text} (sha256 {column.sha256[:12]})"
    return Curve(replace(curve, origin=origin), unit, currency), given.get(WITHIN, ())


_READERS: dict[str, Callable[[Place, str, NumberReader], Made]] = {
    "discrete": _discrete,
    "mixture": _mixture,
    "empirical": _empirical,
}
"""Distributions with something else than parameters behind their name."""


def common_unit(place: Place, numbers: Iterable[Number]) -> tuple[Unit, str]:
    """The unit and currency of numbers that belong together; 0 may be written without one."""
    found = list(numbers)
    given = [n for n in found if n.value != 0.0] or found
    units = {n.unit for n in given} or {"number"}
    codes = sorted({n.currency for n in given})
    if units == {"percent"}:
        return "percent", ""
    if "percent" in units:
        raise place.wrong("some parameters are percents and some are not; write all of them alike")
    if len(codes) > 1:
        raise place.wrong(f"some of this is money in {codes[-1]} and some is not; write the code behind each number")
    return ("money" if "money" in units else "number"), (codes[0] if codes else "")


def _sets(name: str) -> str:
    """What a distribution takes, in words."""
    if name in LISTS:
        return {"discrete": "a list of [value, chance]", "mixture": "a list of [weight, distribution or number]"}[name]
    if name == "empirical":
        return "file, column: the values of a column of a CSV file in the scenario's folder, each as likely"
    return "; ".join(", ".join(names) for names in CURVES[name].PARAMETER_SETS)


EXAMPLES = {
    "normal": "{mean: 0.8, sd: 0.1}",
    "lognormal": "{interval_95: [0.7, 0.95]}",
    "gamma": "{mean: 700 000, sd: 150 000}",
    "student": "{mean: 0.8, sd: 0.1, df: 4}",
    "beta": "{successes: 17, of: 49}",
    "uniform": "{low: 2 %, high: 5 %}",
    "triangular": "{low: 2 %, mode: 3.5 %, high: 5 %}",
    "pert": "{low: 2 %, mode: 3.5 %, high: 5 %}",
    "discrete": "[[0.8, 30 %], [1, 70 %]]",
    "empirical": "{file: costs.csv, column: cost}",
    "mixture": "[[70 %, {normal: {mean: 5, sd: 1}}], [30 %, 0]]",
}

TABLES: dict[str, tuple[Key, ...]] = {
    "distributions": (
        *(Key(name, _as_written, "", _sets(name), EXAMPLES[name]) for name in CURVES),
        Key(WITHIN, _as_written, "", *_MEANINGS[WITHIN]),
    ),
    "parameters": (*(Key(key, _as_written, "", *_MEANINGS[key]) for key in PARAMETERS), *EMPIRICAL),
}
"""By section: the distributions by name, and what stands behind the names."""
