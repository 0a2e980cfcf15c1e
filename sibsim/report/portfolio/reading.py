"""Looking things up in the summary of a portfolio: what is not there is "not applicable", never an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sibsim.report.frequency import futures
from sibsim.report.layout import plain
from sibsim.report.numbers import exact, fixed, is_number
from sibsim.report.reading import Summary

__all__ = [
    "Entry",
    "as_results",
    "costs",
    "error_of",
    "has_money_lent",
    "how_often",
    "is_fund_alone",
    "is_sure",
    "many",
    "name_of_holding",
    "often",
    "out_of",
    "share",
    "value",
]

Entry = Mapping[str, Any]
FUND = "fund"
"""The id of the only lender where the file has no `finance`."""


def value(found: Any) -> float | None:
    """The number of an estimate, or of a figure that is given without an error; None where there is none.

    >>> value({"value": 2.0, "mc_error": 0.1}), value(2), value({"value": None, "mc_error": None}), value(None)
    (2.0, 2.0, None, None)
    """
    number = found.get("value", found.get("mean")) if isinstance(found, Mapping) else found
    return float(number) if number is not None and is_number(number) else None


def error_of(found: Any) -> float | None:
    """The Monte Carlo error of an estimate.

    >>> error_of({"value": 2.0, "mc_error": 0.1}), error_of(2.0)
    (0.1, None)
    """
    error = found.get("mc_error") if isinstance(found, Mapping) else None
    return float(error) if error is not None and is_number(error) else None


def is_sure(summary: Summary, *found: Any) -> bool:
    """Whether figures of the fund's own are the same in every future: no error, and nothing uncertain they may hang on.

    Points that are evenly spread may give a mean without an error, so that no error alone says nothing.
    """
    is_certain = not any(one["is_uncertain"] for one in summary["inputs"])
    return is_certain and all((error_of(one) or 0.0) <= 1e-9 * abs(value(one) or 0.0) for one in found)


def how_often(summary: Summary, chance: Entry) -> str:
    """A chance that was counted, as a sentence needs it: "in 12 of 100 futures (11.4-12.6)"."""
    return futures(chance, int(summary["replicates"]))


def often(summary: Summary, found: Entry) -> str:
    """The same of a share of the futures that stands without its count."""
    draws, number = int(summary["draws"]), value(found) or 0.0
    counted = {
        "value": value(found),
        "mc_error": error_of(found) or 0.0,
        "count": round(number * draws),
        "draws": draws,
    }
    return how_often(summary, counted)


def out_of(chance: float) -> str:
    """A chance that is wished for, as so many of 100 futures or of as many as it takes.

    >>> out_of(0.05), out_of(0.005), out_of(0.125), out_of(1 / 3), out_of(1e-5)
    ('5 of 100', '5 of 1,000', '125 of 1,000', '33.3 of 100', '1 of 100,000')
    """
    for base in (100, 1000, 10_000, 100_000, 1_000_000):
        if abs(base * chance - round(base * chance)) < 1e-9 and round(base * chance):
            return f"{round(base * chance)} of {base:,}"
    return f"{exact(100 * chance, 3)} of 100"


def share(number: float | None) -> str:
    """A part of a whole in percent, for a sentence; what is not none or all never reads so.

    >>> share(0.354), share(0.002), share(0.999), share(1.0), share(1.204), share(None)
    ('35 %', 'under 1 %', 'over 99 %', '100 %', '120 %', 'n/a')
    """
    if number is None:
        return "n/a"
    if 0.0 < number < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 < number < 1.0 - 1e-9 else f"{fixed(100 * number, 0)} %"


def many(number: float, word: str) -> str:
    """A count and its word.

    >>> many(1, "contract"), many(1200, "contract")
    ('1 contract', '1,200 contracts')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def name_of_holding(summary: Summary, name: str) -> str:
    """A holding, with the number of its contracts where they are several."""
    copies = int(summary["holdings"][name]["copies"]) if name in summary["holdings"] else 1
    return f"{plain(name)} ({copies} contracts)" if copies > 1 else plain(name)


def as_results(summary: Summary) -> Summary:
    """What the sentences on a single lender look up: a results summary of as much as a portfolio has of it."""
    return {"replicates": summary["replicates"], "draws": summary["draws"], "scenario": summary["portfolio"]}


def costs(summary: Summary) -> tuple[float, bool]:
    """The fund's own costs of all years, on average, and whether they are the same in every future."""
    rows = [row["costs"] for row in summary["yearly"]]
    short = summary["funding"]["shortfall"]
    is_paid_alike = short["count"] in (0, short["draws"])  # else others pay some of it in some futures
    return sum(value(row) or 0.0 for row in rows), is_paid_alike and is_sure(summary, *rows)


def has_money_lent(summary: Summary) -> bool:
    """Whether any contract draws any money in any future."""
    drawn = summary["contracts"]["metrics"]["drawn"]
    return any(drawn.get(key) for key in ("mean", "sd"))


def is_fund_alone(summary: Summary) -> bool:
    """Whether the file has no `finance`, so that the fund itself is the only one who lends.

    Then its only tranche is called as it is; in a file no two things have one name.
    """
    lenders = [id for id, party in summary["parties"].items() if "investor" in party["roles"]]
    return lenders == [FUND] and list(summary["parties"][FUND].get("tranches", {})) == [FUND]
