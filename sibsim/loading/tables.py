"""Every table of keys that the language has, by section: what the reference, the schema and the tests read."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.loading.actuals import TABLES as ACTUALS
from sibsim.loading.build import TABLES as FILE
from sibsim.loading.cohort_tables import TABLES as COHORT_TABLES
from sibsim.loading.contract import TABLES as CONTRACT
from sibsim.loading.curves import TABLES as CURVES
from sibsim.loading.events import TABLES as EVENTS
from sibsim.loading.finance import TABLES as FINANCE
from sibsim.loading.formulas import ANNUITY, SHARE_ABOVE
from sibsim.loading.formulas import KEYS as FORMULAS
from sibsim.loading.header import TABLES as HEADER
from sibsim.loading.keys import Key
from sibsim.loading.kinds import TABLES as KINDS
from sibsim.loading.money import TABLES as MONEY
from sibsim.loading.people import TABLES as PEOPLE
from sibsim.loading.portfolio import TABLES as PORTFOLIO
from sibsim.loading.reports import TABLES as REPORTS
from sibsim.loading.roundings import TABLES as ROUNDINGS
from sibsim.loading.values import ANY, EVIDENCE_KEYS, READERS

__all__ = ["TABLES", "WHAT_FOR"]

PARTS: tuple[dict[str, tuple[Key, ...]], ...] = (
    FILE,
    HEADER,
    PEOPLE,
    COHORT_TABLES,
    REPORTS,
    CONTRACT,
    ROUNDINGS,
    MONEY,
    FINANCE,
    EVENTS,
    KINDS,
    PORTFOLIO,
    ACTUALS,
)
"""The tables of each loading module that has any, in the order of the language."""

EVIDENCE = {
    "source": ("where it comes from: an id of `sources`", "KOT1"),
    "status": ("contract, published, claimed, derived, from memory, unverified or assumed", "assumed"),
    "note": ("anything worth knowing about it", '"mean of three years"'),
}


def _inputs() -> tuple[Key, ...]:
    """What may stand in a value that says where it comes from: the value itself, or a distribution in its place."""
    value = Key("value", ANY, "", "the figure itself; in its place a distribution may stand", "15.12")
    return (value, *FORMULAS, *(Key(key, READERS[key], "", *EVIDENCE[key]) for key in EVIDENCE_KEYS))


WHAT_FOR = {
    "normal": "as likely above its middle as below",
    "lognormal": "above 0, with a longer tail to the right: ratios, prices, costs",
    "gamma": "above 0, with a longer tail to the right: costs and other sums",
    "student": "as a normal, with heavier tails",
    "beta": "a share, from 0 % to 100 %",
    "uniform": "between two ends, all values as likely",
    "triangular": "least, likeliest, most; straight lines between them",
    "pert": "least, likeliest, most; a smooth curve that trusts the ends less",
    "discrete": "one of some values, each with its chance",
    "mixture": "one of some distributions, each with its weight",
    "empirical": "what a column of a CSV file holds, each row as likely",
}
"""What each distribution is used for."""


def _merged() -> dict[str, tuple[Key, ...]]:
    found: dict[str, tuple[Key, ...]] = {}
    for part in PARTS:
        for section, keys in part.items():
            assert section not in found, f"two tables for {section}"
            found[section] = keys
    return {**found, "inputs": _inputs(), "annuity": ANNUITY, "share_above": SHARE_ABOVE, **CURVES}


TABLES: Mapping[str, tuple[Key, ...]] = _merged()
"""Keys by section, in the order of the language. A key whose ``parse`` is None is refused by this version."""
