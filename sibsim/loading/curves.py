"""Distributions as a file writes them: a mapping of parameters, or a list of rows."""

from __future__ import annotations

from collections.abc import Callable

from sibsim.distributions import DISTRIBUTIONS, Distribution, truncate
from sibsim.loading.keys import Key, read
from sibsim.loading.place import Place, Skip, attempt
from sibsim.scenario import Number, Unit

__all__ = ["CURVES", "read_curve"]

CURVES = {name: cls for name, cls in DISTRIBUTIONS.items() if name != "fixed"}
"""Distributions a file may name; a fixed value is written as a number."""
WITHIN = "within"
"""Beside the parameters of any of them: the two ends it is cut off at."""
PLAIN = ("df", "successes", "of", "alpha", "beta")
"""Parameters that are plain numbers whatever the unit of the quantity is."""
PARAMETERS = tuple(
    dict.fromkeys(key for cls in CURVES.values() if not cls.COLUMNS for set_ in cls.PARAMETER_SETS for key in set_)
)

Parameters = dict[str, "float | tuple[float, ...]"]
NumberReader = Callable[[Place], Number]


def read_curve(place: Place, name: str, number: NumberReader) -> tuple[Distribution, Unit]:
    """The distribution ``name`` with the parameters at this place, and the unit of its values.

    Parameters
    ----------
    place : Place
        What stands behind the name.
    name : str
        One of `CURVES`.
    number : callable
        Reads one number.

    Raises
    ------
    Wrong, Skip
        Parameters that cannot be read or cannot be.
    """
    columns = CURVES[name].COLUMNS
    keys, unit = _rows(place, columns, number) if columns else _parameters(place, number)
    ends = keys.pop(WITHIN, None)
    try:
        curve = CURVES[name].from_keys(keys)
        return curve if ends is None else truncate(curve, ends if isinstance(ends, tuple) else (ends,)), unit
    except ValueError as error:
        raise place.wrong(str(error)) from None


def _parameters(place: Place, number: NumberReader) -> tuple[Parameters, Unit]:
    """The parameters by key, an interval as a pair, and their unit."""

    def numbers(at: Place) -> tuple[Number, ...]:
        return _list_of(at, number) if at.node.kind == "list" else (number(at),)

    table = [*(Key(key, numbers, example="0.8") for key in PARAMETERS), Key(WITHIN, numbers, example="[0, 1]")]
    given: dict[str, tuple[Number, ...]] = read(place, table)
    for key in PLAIN:
        if any(n.unit != "number" for n in given.get(key, ())):
            raise place.child(key).wrong(f"must be a plain number, got {place.node.entries[key].shown}")
    unit = _common_unit(place, [n for key, found in given.items() if key not in PLAIN for n in found])
    keys: Parameters = {
        key: tuple(n.value for n in found) if place.node.entries[key].kind == "list" else found[0].value
        for key, found in given.items()
    }
    return keys, unit


def _list_of(place: Place, number: NumberReader) -> tuple[Number, ...]:
    """The numbers of a list, none of them wrong."""
    found = [attempt(number, part) for part in place.parts()]
    if not found:
        raise place.wrong("the list is empty; name numbers")
    good = tuple(n for n in found if n is not None)
    if len(good) < len(found):
        raise Skip
    return good


def _rows(place: Place, columns: tuple[str, ...], number: NumberReader) -> tuple[Parameters, Unit]:
    """The numbers of a list of rows, column by column, and the unit of the first column."""
    wanted = f"[{', '.join(columns)}]"
    if place.node.kind != "list":
        raise place.wrong(f"expected a list of {wanted}, e.g. [[0.8, 30 %], [1, 70 %]]; got {place.node.shown}")

    def row(at: Place) -> tuple[Number, ...]:
        if at.node.kind != "list" or len(at.node.items) != len(columns):
            raise at.wrong(f"each row must be {wanted}")
        return _list_of(at, number)

    rows = [attempt(row, part) for part in place.parts()]
    good = [found for found in rows if found is not None]
    if len(good) < len(rows):
        raise Skip
    if any(n.unit == "money" for found in good for n in found[1:]):
        raise place.wrong(f"a {columns[1]} is a percent; each row must be {wanted}")
    keys: Parameters = {f"{column}s": tuple(found[i].value for found in good) for i, column in enumerate(columns)}
    return keys, _common_unit(place, [found[0] for found in good])


def _common_unit(place: Place, numbers: list[Number]) -> Unit:
    """The unit of a distribution's parameters; 0 may be written without one."""
    units = {n.unit for n in numbers if n.value != 0.0} or {n.unit for n in numbers} or {"number"}
    if units == {"percent"}:
        return "percent"
    if "percent" in units:
        raise place.wrong("some parameters are percents and some are not; write all of them alike")
    return "money" if "money" in units else "number"
