"""The file of a portfolio: its keys, and what they say of each holding and factor before any contract is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sibsim.loading.build import ROOT
from sibsim.loading.dates import months_of_text
from sibsim.loading.keys import NEEDED, Key, each, named, read
from sibsim.loading.kinds import date_of, text, whole
from sibsim.loading.place import Node, Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.scalars import parse_duration
from sibsim.loading.values import Sort, unwrap
from sibsim.scenario import Number, Value

__all__ = ["FOREIGN", "MOST_COPIES", "PORTFOLIO", "TABLES", "Asked", "Tie"]

MOST_COPIES = 1000


@dataclass(frozen=True)
class Asked:
    """What a portfolio says of a holding. ``starts`` is a date, or months from the portfolio's start."""

    place: Place
    scenario: Place
    options: tuple[str, ...] = ()
    tranche: str | None = None
    amount: Value | None = None
    starts: date | float | None = None
    copies: int = 1
    changes: Node | None = None
    field: str = ""

    @property
    def name(self) -> str:
        """What the portfolio calls it."""
        return self.place.path.rpartition(".")[2]


@dataclass(frozen=True)
class Tie:
    """How an input hangs on a factor, as the file says it."""

    place: Place
    factor: str
    holding: str
    input: str
    loading: float


# ------------------------------------------------------------------------------------------------ holdings
def _starts(place: Place) -> date | float:
    inner = unwrap(place)
    if inner.node.kind == "text" and parse_duration(inner.node.text.strip()) is not None:
        return months_of_text(inner)
    return date_of(inner)


def _changes(place: Place) -> Node:
    if place.node.kind != "mapping":
        raise place.wrong(f"expected 'path: value' lines, e.g. 'participants.size: 500'; got {place.node.shown}")
    return place.node


def _scenario(place: Place) -> Place:
    """Kept as it stands: the contract is looked for when all else has been read."""
    return place


HELD = Sort("money", "15 m", 0.0, units=("number", "money"), is_low_open=True)
_copies = whole(Sort("a number of contracts", "6", 1, MOST_COPIES, ("number",), is_whole=True))

HOLDING = (
    Key(
        "scenario",
        _scenario,
        NEEDED,
        "the contract: a file in the portfolio's folder, or the name of a scenario that comes with sibsim",
        "child-obesity",
    ),
    Key("option", each(text, "options"), "none", "an option of that file, or several in order", "no effect", "options"),
    Key("tranche", text, "all its loans", "the loan of the contract that is held", "bond"),
    Key(
        "amount",
        HELD,
        "all of it",
        "money of each copy, in the portfolio's currency unless it has a code: of each draw the portfolio supplies "
        "this part of the tranche's amount, and it gets this part of what comes back",
        "15 m",
    ),
    Key(
        "starts",
        _starts,
        "the contract's own `start`",
        "when the contract's calendar begins: all its dates move with it",
        "2027-01",
    ),
    Key("copies", _copies, "1", "so many contracts like this one, each with its own people and its own luck", "6"),
    Key(
        "changes",
        _changes,
        "none",
        "what is different from the scenario, path: value",
        "{participants.size: 600}",
    ),
    Key("field", text, "that of the scenario", "the field of policy: a label, by which holdings are added up", "work"),
)


def _holding(place: Place) -> Asked:
    return Asked(place, **read(place, HOLDING))


_named_holdings = named(_holding)


def _holdings(place: Place) -> tuple[Asked, ...]:
    found = _named_holdings(place)
    if not place.node.entries:
        raise place.wrong("name at least one contract, e.g. holdings: {care: {scenario: child-obesity}}")
    return found


# ------------------------------------------------------------------------------------------------ factors
LOADING = Sort("a loading", "0.3", -1.0, 1.0, ("number",))
OF_INPUTS = "{relative risk: 0.3}, inputs with their loadings"
OF_HOLDINGS = "{care: {relative risk: 0.3}}, holdings with loadings of their inputs"


def _ties(place: Place) -> tuple[Tie, ...]:
    """``{factor: {holding: {input: loading}}}``; whether the input is there the contract shows."""
    before, found = len(place.context.problems), []
    for factor, of_factor in _entries(place, "{economy: {care: {relative risk: 0.3}}}"):
        for holding, of_holding in attempt(lambda at: _entries(at, OF_HOLDINGS), of_factor) or ():
            if attempt(_is_holding, of_holding):
                for name, child in attempt(lambda at: _entries(at, OF_INPUTS), of_holding) or ():
                    loading = attempt(_loading, child)
                    found.append(Tie(child, factor, holding, name, 0.0 if loading is None else loading))
    if len(place.context.problems) > before:
        raise Skip
    return tuple(found)


def _entries(place: Place, example: str) -> list[tuple[str, Place]]:
    if place.node.kind != "mapping" or not any(place.children()):
        shown = "nothing" if place.node.kind == "mapping" else place.node.shown
        raise place.wrong(f"expected e.g. {example}; got {shown}")
    return list(place.children())


def _is_holding(place: Place) -> bool:
    name, known = place.path.rpartition(".")[2], place.context.names_of("holding")
    if name not in known:
        near = did_you_mean(name, known) or f"; the file has {listed(known[:8], 'and')}"
        raise place.wrong(f"no holding is called '{name}'{near}", at_key=True)
    return True


def _loading(place: Place) -> float:
    value = LOADING(place)
    if not isinstance(value, Number):
        raise place.wrong("a loading is a number from -1 to 1, without chance")
    return value.value


# ------------------------------------------------------------------------------------------------ the file
READ_HERE: dict[str, Callable[[Place], Any]] = {"portfolio": text, "holdings": _holdings, "factors": _ties}
OF_BOTH = (
    *("sources", "currency", "start", "step", "inputs", "exchange_rates", "copula", "correlations", "price_year"),
    *("horizon", "discount_rate", "budget_year", "parties", "costs", "finance"),
)
"""Keys that mean the same in the file of a contract and in that of a portfolio, in the order of reading."""


def _of_portfolio(key: Key) -> Key:
    """A key of a file as a portfolio has it."""
    default = NEEDED if key.name in ("portfolio", "holdings") else "none" if key.name == "parties" else key.default
    return replace(key, parse=READ_HERE.get(key.name, key.parse), default=default)


_of_a_file = {key.name: key for key in ROOT}
PORTFOLIO = tuple(
    _of_portfolio(_of_a_file[name]) for name in ("sibsim", "portfolio", *OF_BOTH, "holdings", "factors", "options")
)
"""The whole file, in the order of reading."""
FOREIGN = tuple(name for name in _of_a_file if name not in {key.name for key in PORTFOLIO})
"""Keys of a contract that no portfolio has."""

TABLES: dict[str, tuple[Key, ...]] = {"holdings": HOLDING}
"""By section."""
