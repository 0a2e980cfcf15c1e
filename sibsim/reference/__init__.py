"""The reference class: made-up contracts that are like those of the INDIGO database in what its statistics say.

`statistics` holds the figures, `drawing` draws the terms of a contract from them, `planning` works back what its
service costs, `writing` and `holding` put it all into files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sibsim.errors import ModelError
from sibsim.reference.drawing import REVOLVING, Terms, draw_terms
from sibsim.reference.holding import contract_file, portfolio_text
from sibsim.reference.writing import Way, contract_text

__all__ = ["Asked", "REVOLVING", "Terms", "Way", "draw_terms", "files", "terms_of"]

PORTFOLIO = "portfolio.yaml"
MOST = 999


@dataclass(frozen=True)
class Asked:
    """What is to be made up.

    Parameters
    ----------
    number : int
        Contracts, 1 to 999.
    seed : int
    kind : {'A', 'B', 'both'}
    revolving : float
        With 'both': share of type B.
    correlation : float
        Of what the results of two contracts hang on, from 0 to under 1.
    way : Way
    """

    number: int
    seed: int = 1
    kind: str = "both"
    revolving: float = REVOLVING
    correlation: float = 0.0
    way: Way = field(default_factory=Way)

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST:
            raise ModelError(f"the number of contracts is from 1 to {MOST}, got {self.number}")
        if not 0.0 <= self.correlation < 1.0:
            raise ModelError(f"a correlation is from 0 to under 1, got {self.correlation:g}")


def terms_of(asked: Asked) -> list[Terms]:
    """The terms of every contract, in US dollars.

    >>> [one.number for one in terms_of(Asked(3))]
    [1, 2, 3]
    >>> terms_of(Asked(3)) == terms_of(Asked(4))[:3]
    True
    """
    return [draw_terms(asked.seed, k, asked.kind, asked.revolving) for k in range(1, asked.number + 1)]


def files(asked: Asked) -> Iterator[tuple[str, str]]:
    """(name, text) of every file: the contracts, then the portfolio that holds them.

    >>> [name for name, _ in files(Asked(2, kind="A"))]
    ['contract-001.yaml', 'contract-002.yaml', 'portfolio.yaml']
    """
    terms = terms_of(asked)
    for one in terms:
        yield contract_file(one.number), contract_text(one, asked.way)
    yield PORTFOLIO, portfolio_text(terms, asked.way, asked.seed, asked.correlation)
