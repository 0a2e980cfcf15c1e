"""Several contracts held together: a fund, what it holds of each contract, and what they have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sibsim.scenario.values import Value

if TYPE_CHECKING:
    from sibsim.scenario import Scenario

__all__ = ["EACH_HOLDING", "HOLDINGS", "Copy", "Holding", "Loading", "Portfolio"]

EACH_HOLDING = "each holding"
"""In ``covers`` of a guarantee: the loss of every contract by itself, without the gains of others."""
HOLDINGS = "holdings"
"""In ``covers`` of a guarantee: the loss of all contracts together, gains of others taken off."""


@dataclass(frozen=True)
class Holding:
    """What a fund holds of one contract, or of several that are alike.

    ``tranche`` None is all loans of the contract. ``amount`` is money of each copy, in the fund's currency unless it
    has a code; None is all of what is held. ``months`` is how long after the fund's start the contract's calendar
    begins.
    """

    name: str
    scenario: Scenario
    tranche: str | None = None
    amount: Value | None = None
    months: float = 0.0
    copies: int = 1
    field: str = ""
    """The field of policy, e.g. health: by which portfolios are added up."""


@dataclass(frozen=True)
class Loading:
    """How far an input of a holding hangs on a factor: its normal score is ``loading`` times that of the factor, plus
    that of its other factors, plus its own chance."""

    factor: str
    holding: str
    input: str
    loading: float


@dataclass(frozen=True)
class Copy:
    """One contract of a portfolio: the first copy of a holding, the second, ..."""

    holding: Holding
    number: int

    @property
    def label(self) -> str:
        """What it is called: the holding, with its number where there are several.

        >>> from types import SimpleNamespace
        >>> Copy(SimpleNamespace(name="work", copies=6), 2).label
        'work 2'
        """
        return self.holding.name if self.holding.copies == 1 else f"{self.holding.name} {self.number}"


@dataclass(frozen=True)
class Portfolio:
    """A fund and what it holds.

    ``fund`` is a scenario without people or payments: its currency, calendar, parties, inputs, costs and finance.
    Without finance the fund itself is the only investor.
    """

    fund: Scenario
    holdings: tuple[Holding, ...]
    factors: tuple[str, ...] = ()
    """In file order: each has a dimension of the lattice."""
    loadings: tuple[Loading, ...] = ()
    has_rate: bool = False
    """Whether the file says a discount rate, 0 % too: else contracts are worth what they are at their own hurdles."""

    @cached_property
    def copies(self) -> tuple[Copy, ...]:
        """Every contract, by name of the holding: the order of the file decides nothing."""
        held = sorted(self.holdings, key=lambda holding: holding.name)
        return tuple(Copy(holding, number) for holding in held for number in range(1, holding.copies + 1))

    def scaled(self, by: float) -> Portfolio:
        """The same with correlations ``by`` times as large: each loading times its root, and of an input whose
        loadings would then pass 1 together (as squares), all in proportion down to that."""
        root = by**0.5
        squares: dict[tuple[str, str], float] = {}
        for one in self.loadings:
            key = (one.holding, one.input)
            squares[key] = squares.get(key, 0.0) + (one.loading * root) ** 2
        most = {key: max(square, 1.0) ** 0.5 for key, square in squares.items()}
        loadings = (replace(one, loading=one.loading * root / most[one.holding, one.input]) for one in self.loadings)
        return replace(self, loadings=tuple(loadings))
