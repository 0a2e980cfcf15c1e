"""The figures of a comparison as one dictionary: what every report of it shows."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from sibsim import metrics
from sibsim.comparing.curve import curve
from sibsim.comparing.decisions import (
    best,
    better,
    fall_there,
    leading,
    price_of_transfer,
    tail_mean,
    value_of_information,
    value_of_knowing,
    worst_of,
)
from sibsim.comparing.fund import FUND
from sibsim.comparing.run import NET, WORTH, Futures
from sibsim.context import Array
from sibsim.figures import describe, with_error
from sibsim.parties import PUBLIC_PURSE, public_bodies, together
from sibsim.scenario import OUTSIDE
from sibsim.timeline import step_name

__all__ = ["FORMAT", "comparison"]

FORMAT = "sibsim.comparison/1"
OUTLAY = ("outcome_payments", "own_costs", "money_received", "net_outlay_pv")
LENDING = ("net_gain", "irr", "npv")
UNITS = {"irr": "per year"}
SHOWN = ("mean", "mc_error", "sd", "p05", "p50", "p95")


def comparison(futures: Futures, outcome: str | None = None, up_to: float | None = None) -> dict[str, Any]:
    """The summary of a comparison; see ``docs/output.md`` for its shape.

    Parameters
    ----------
    futures : Futures
    outcome : str, optional
        The outcome whose value may change what is best; default the first that is paid for and differs.
    up_to : float, optional
        The highest value of one of it; default twice the one from which nothing changes any more.

    Raises
    ------
    ModelError
        No option has such an outcome.
    """
    from sibsim import __version__

    first = futures.choices[0].scenario
    told = _Told(futures)
    return {
        "format": FORMAT,
        "sibsim": __version__,
        "seed": futures.seed,
        "draws": futures.n_replicates * metrics.REPLICATE,
        "replicates": futures.n_replicates,
        "title": first.title,
        "currency": first.currency,
        "start": first.start.isoformat(),
        "step": step_name(first),
        "options": told.options(),
        "parties": told.parties(),
        "decisions": {party: told.decision(party, outcome, up_to) for party in told.deciding()},
        "funds": told.funds(),
        "warnings": told.warnings(),
        "warnings_of_files": told.of_files(),
    }


class _Told:
    """The parts of the dictionary."""

    def __init__(self, futures: Futures) -> None:
        self.futures, self.choices = futures, futures.choices
        self.names = [choice.name for choice in self.choices]
        self.is_of_files = len({choice.scenario.file for choice in self.choices}) > 1
        self.among = [i for i, choice in enumerate(self.choices) if self.is_of_files or not choice.facts]
        self.money = self.choices[0].scenario.currency
        bodies = [body for choice in self.choices for body in public_bodies(choice.scenario)]
        self.bodies = list(dict.fromkeys(bodies))

    def options(self) -> list[dict[str, Any]]:
        found = []
        for i, choice in enumerate(self.choices):
            s = choice.scenario
            started = self.futures.stores[i].array(("#people", "started"))
            found.append(
                {
                    "name": choice.name,
                    "title": s.title,
                    "file": s.file,
                    "sha256": s.sha256,
                    "option": " + ".join(s.options) or None,
                    "standard": choice.says is not None,
                    "says": choice.says,
                    "facts": list(choice.facts),
                    "is_choice": i in self.among,
                    "people": float(np.mean(started)),
                    "lattice_dimensions": {e.name: e.dimension for e in s.inputs if e.dimension is not None},
                }
            )
        return found

    # ------------------------------------------------------------------------------------------- parties
    def parties(self) -> dict[str, Any]:
        """Every party that does something under an option; several public bodies together last."""
        found = {party: self._party(party, does) for party, does in self.futures.roles.items() if does}
        if len(self.bodies) > 1:
            found[PUBLIC_PURSE] = self._party(PUBLIC_PURSE, {PUBLIC_PURSE})
        return {party: one for party, one in found.items() if one["figures"]}

    def _party(self, party: str, does: set[str]) -> dict[str, Any]:
        figures = {}
        for metric in self._metrics(party, does):
            values = [self.futures.figure(i, party, metric) for i in range(len(self.choices))]
            if any(np.any(row[~np.isnan(row)] != 0.0) for row in values):
                figures[metric] = self._figure(values, UNITS.get(metric, self.money))
        judged = self.judged(party, does)
        if party == OUTSIDE or judged is None:
            return {"name": self._name(party), "roles": sorted(does), "judged_by": None, "figures": figures}
        rows = np.array([self.futures.figure(i, party, judged) for i in range(len(self.choices))])
        return {
            "name": self._name(party),
            "roles": sorted(does),
            "judged_by": judged,
            "figures": figures,
            "pairs": [self._pair(rows, i, k) for k, i in combinations(range(len(rows)), 2)],
            "best": self._best(rows),
            "leads": self._leads(rows),
        }

    def _metrics(self, party: str, does: set[str]) -> list[str]:
        if party == OUTSIDE:
            return list(WORTH)
        found: list[str] = []
        if {"payer", "beneficiary", PUBLIC_PURSE} & does:
            found += [*OUTLAY, *WORTH, "net_budget_effect_pv"]
        if "investor" in does:
            found += LENDING
        if "guarantor" in does:
            found.append("called")
        judged = self.judged(party, does)
        if judged is not None and judged not in found:
            found.append(judged)
        has_cash = any(choice.scenario.party(party).cash is not None for choice in self.choices)
        return [*found, *(["lowest_cash"] if has_cash else [])]

    def judged(self, party: str, does: set[str]) -> str | None:
        """What a party is better off by: its budget; of one who only lends, its worth at the rate it asks; else all
        that it gets less all that it pays."""
        if party == OUTSIDE:
            return None
        if {"payer", "beneficiary", PUBLIC_PURSE} & does:
            return "net_budget_effect_pv"
        return "npv" if does == {"investor"} else NET

    def _name(self, party: str) -> str:
        if party != PUBLIC_PURSE:
            known = (c.scenario for c in self.choices if any(p.id == party for p in c.scenario.parties))
            return next(known, self.choices[0].scenario).party(party).name
        return together(self.choices[0].scenario)

    def _figure(self, values: list[Array], unit: str) -> dict[str, Any]:
        """Each option's figure, and its paired difference to the first option's."""
        own = {name: _shown(row) for name, row in zip(self.names, values, strict=True)}
        less = {name: _shown(row - values[0]) for name, row in zip(self.names[1:], values[1:], strict=True)}
        return {"unit": unit, "options": own, "less_first": less}

    def _pair(self, rows: Array, one: int, other: int) -> dict[str, Any]:
        """One option less another in the same futures, and the chance that it is the better one."""
        return {
            "option": self.names[one],
            "less": self.names[other],
            **_shown(rows[one] - rows[other]),
            "better": with_error(metrics.estimate_mean(better(rows[one], rows[other]))),
        }

    def _best(self, rows: Array) -> dict[str, Any]:
        chances = best(rows[self.among])
        return {
            self.names[i]: with_error(metrics.estimate_mean(row)) for i, row in zip(self.among, chances, strict=True)
        }

    def _leads(self, rows: Array) -> dict[str, Any]:
        """Under which options that are a choice it is best off on average, as far as these futures tell."""
        top, near, unbeaten = leading(rows[self.among])
        names = [self.names[i] for i in self.among]
        shown = {"options": [names[i] for i in top], "not_told_apart": [names[i] for i in near]}
        return {**shown, "unbeaten": with_error(metrics.estimate_mean(unbeaten))}

    # ------------------------------------------------------------------------------------------- decisions
    def deciding(self) -> list[str]:
        """Whose decision it is: the first who pays; and where several pay or save, all of them together."""
        payers = [party for party, does in self.futures.roles.items() if "payer" in does]
        return [*payers[:1], *([PUBLIC_PURSE] if len(self.bodies) > 1 else [])]

    def decision(self, party: str, outcome: str | None, up_to: float | None) -> dict[str, Any]:
        """What a choice comes to for who pays: among the options that take the world to be the same."""
        rows = np.array([self.futures.figure(i, party, "net_budget_effect_pv") for i in range(len(self.choices))])
        worth = rows[self.among]
        return {
            "among": [self.names[i] for i in self.among],
            "acceptability": curve(self.futures, self.among, worth, outcome, up_to),
            "tail": {self.names[i]: self._tail(i, row) for i, row in enumerate(rows)},
            "risk_transfer": self._transfer(rows),
            "information": self._information(worth),
        }

    def _tail(self, option: int, own: Array) -> dict[str, Any]:
        shortfall = metrics.estimate_shortfall(-own)
        return {"expected_shortfall_95": with_error(shortfall), "parties": self._bear(option, own)}

    def _bear(self, option: int, own: Array) -> dict[str, Any]:
        """What each party comes to in the payer's worst 5 % of futures, beside what it comes to on average."""
        tail = worst_of(own)
        found = {}
        for party, does in self.futures.roles.items():
            judged = self.judged(party, does) if does else None
            if judged is None:
                continue
            values = self.futures.figure(option, party, judged)
            there, mean = tail_mean(tail, values), metrics.estimate_mean(values)
            falls = fall_there(tail, values)
            found[party] = {"there": with_error(there), "mean": with_error(mean), "falls_by": with_error(falls)}
        return found

    def _transfer(self, rows: Array) -> dict[str, Any] | None:
        """What less risk costs, against the cheapest of the options under which anybody is served."""
        serving = [i for i in self.among if self.futures.stores[i].constant(("#people", "started")) != 0.0]
        if len(serving) < 2:
            return None
        cheapest = serving[leading(rows[serving])[0][0]]
        others = [i for i in serving if i != cheapest and not np.all(better(rows[cheapest], rows[i]) == 0.5)]
        found = {}
        for i in others:
            extra, relief, price = price_of_transfer(rows[cheapest], rows[i])
            found[self.names[i]] = {
                "extra_cost": with_error(extra),
                "shortfall_falls_by": with_error(relief),
                "price": with_error(price),
            }
        return {"against": self.names[cheapest], "options": found} if found else None

    def _information(self, worth: Array) -> dict[str, Any] | None:
        if len(worth) < 2:
            return None
        by_input = {}
        for name in dict.fromkeys(e.name for i in self.among for e in self.choices[i].scenario.inputs):
            key = ("#input", name)
            stores = [self.futures.stores[i] for i in self.among if key in self.futures.stores[i]]
            uncertain = next((store for store in stores if store.constant(key) is None), None)
            if uncertain is not None:
                by_input[name] = with_error(value_of_knowing(worth, uncertain.array(key)))
        return {"everything": with_error(value_of_information(worth)), "by_input": by_input}

    # ------------------------------------------------------------------------------------------- the rest
    def funds(self) -> dict[str, Any]:
        """By option and payer: what a fund of its own pays, and what comes back."""
        found: dict[str, Any] = {}
        for choice, store in zip(self.choices, self.futures.stores, strict=True):
            for _, party, what in [k for k in store.keys if k[0] == FUND and len(k) == 3]:
                if what != "paid":
                    continue
                paid, back, whole, when = (store.array((FUND, party, w)) for w in ("paid", "returned", "whole", "when"))
                years = sorted(k[3] for k in store.keys if k[:3] == (FUND, party, "returned") and len(k) == 4)
                found.setdefault(choice.name, {})[party] = {
                    "unit": self.money,
                    "paid": _shown(paid),
                    "returned": _shown(back),
                    "share_returned": with_error(metrics.estimate_ratio(back, paid)),
                    "all_returned": with_error(metrics.estimate_mean(whole)),
                    "years_until_all": _shown(when),
                    "by_year": {
                        y: with_error(metrics.estimate_mean(store.array((FUND, party, "returned", y)))) for y in years
                    },
                }
        return found

    def warnings(self) -> list[str]:
        found = []
        first = self.choices[0]
        for choice in self.choices[1:]:
            if choice.facts:
                what = ", ".join(choice.facts)
                end = "another view of the world" if self.is_of_files else "another view of the world, not a way to buy"
                found.append(f"'{choice.name}' differs from '{first.name}' in {what}: it is {end}")
        return found

    def of_files(self) -> dict[str, list[str]]:
        """The warnings of each file as it stands."""
        return {
            c.scenario.file: list(c.scenario.warnings) for c in self.choices if not c.scenario.options and not c.says
        }


def _shown(values: Array) -> dict[str, Any]:
    """A distribution in short; where a figure does not apply in some futures, in how many."""
    if np.all(np.isnan(values)):
        return {**dict.fromkeys(SHOWN), "undefined": len(values)}
    found = describe(values, "")
    short = {key: found[key] for key in SHOWN}
    return {**short, "undefined": found["undefined"]} if "undefined" in found else short
