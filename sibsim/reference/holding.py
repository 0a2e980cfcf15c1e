"""The portfolio that holds drawn contracts, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from sibsim.reference import statistics as known
from sibsim.reference.drawing import Terms
from sibsim.reference.writing import SOURCES, Way, month

__all__ = ["ASSUMED_CORRELATION", "contract_file", "portfolio_text"]

ASSUMED_CORRELATION = 0.1
"""Of the inputs ``project`` and ``course`` of any two contracts, in the option that ties them together. Assumed: the
database has no such figure."""
COMMON = "common"
OPTION = "results hang together"

HEAD = """# $count made-up contracts, each held whole by one fund. Their terms are drawn from statistics of the INDIGO
# database of the Government Outcomes Lab, University of Oxford, as of $snapshot. They start over four years (assumed).
# How results of different contracts hang together is not in the database: $correlation.
# What this may be used for, and what not: docs/reference-class.md of sibsim.
sibsim: 1
portfolio: "Reference class: $count contracts, seed $seed"
${sources}currency: $currency
start: $start
step: quarter

holdings:
"""
NONE = "it is 0 here, and assumed in the option"
STATED = "a correlation of {:g} is assumed here"


def contract_file(number: int) -> str:
    """What the file of a contract is called.

    >>> contract_file(7)
    'contract-007.yaml'
    """
    return f"contract-{number:03d}.yaml"


def portfolio_text(terms: Sequence[Terms], way: Way, seed: int, correlation: float = 0.0) -> str:
    """The file of the portfolio.

    Parameters
    ----------
    terms : sequence of Terms
    way : Way
    seed : int
        It is only told.
    correlation : float
        Of the inputs ``project`` (and ``course``) of any two contracts, as normal scores, through one common factor.
    """
    text = Template(HEAD).substitute(
        count=len(terms),
        snapshot=known.SNAPSHOT,
        correlation=STATED.format(correlation) if correlation else NONE,
        seed=seed,
        sources=SOURCES,
        currency=way.currency,
        start=month(way.start, 0),
    )
    for one in terms:
        starts = month(way.start, one.begins)
        text += (
            f"  {_name(one)}: {{scenario: {contract_file(one.number)}, tranche: loan, "
            f"starts: {{value: {starts}, status: assumed}}, field: {one.field}}}\n"
        )
    if correlation:
        return f"{text}\nfactors:\n" + _factor(terms, correlation, "  ")
    return f"{text}\noptions:\n  {OPTION}:\n    factors:\n" + _factor(terms, ASSUMED_CORRELATION, "      ")


def _name(terms: Terms) -> str:
    return f"contract {terms.number:03d}"


def _factor(terms: Sequence[Terms], correlation: float, indent: str) -> str:
    loading = f"{{value: {correlation**0.5:.4f}, status: assumed}}"  # two correlate by the product of their loadings
    lines = (f"{indent}  {_name(one)}: {{project: {loading}, course: {loading}}}\n" for one in terms)
    return f"{indent}{COMMON}:                               # assumed: correlation {correlation:g}\n{''.join(lines)}"
