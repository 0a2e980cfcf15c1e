"""Each holding of a portfolio: what it is, what it comes to, and what it adds to the risk of the whole."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim import metrics
from sibsim.context import Array
from sibsim.figures import with_error
from sibsim.metrics import Estimate
from sibsim.parties import roles
from sibsim.portfolio.figures import COPY, HOLDING, INPUT
from sibsim.portfolio.risk import Tail, contributions, tail_mean, tail_of
from sibsim.scenario import Holding
from sibsim.summary import lender_summary
from sibsim.timeline import add_months, column_date, last_money_column

if TYPE_CHECKING:
    from sibsim.portfolio.run import PortfolioResults

__all__ = ["Held"]


class Held:
    """The holdings of a portfolio, by name.

    Parameters
    ----------
    results : PortfolioResults
    """

    def __init__(self, results: PortfolioResults) -> None:
        self.results = results
        self.store = results.store
        self.holdings = sorted(results.portfolio.holdings, key=lambda one: one.name)

    @cached_property
    def net_losses(self) -> dict[str, Array]:
        """All that was lent less all that came back, of the copies together."""
        return {one.name: -self.store.array((HOLDING, one.name, "net_gain")) for one in self.holdings}

    @cached_property
    def lost(self) -> dict[str, Array]:
        """The losses of those copies that lose."""
        return {one.name: np.asarray(sum(self._by_copy(one, "lost"))) for one in self.holdings}

    def _by_copy(self, holding: Holding, what: str) -> list[Array]:
        """One number a draw for each contract of a holding."""
        labels = [copy.label for copy in self.results.portfolio.copies if copy.holding.name == holding.name]
        if holding.copies == 1 and what != "lost":
            return [self.store.array((HOLDING, holding.name, what))]
        return [self.store.array((COPY, label, what)) for label in labels]

    @cached_property
    def net_losses_of_contracts(self) -> dict[str, Array]:
        """The same as `net_losses`, of each contract."""
        found = {}
        for copy in self.results.portfolio.copies:
            key = (HOLDING, copy.label, "net_gain") if copy.holding.copies == 1 else (COPY, copy.label, "net_loss")
            found[copy.label] = -self.store.array(key) if copy.holding.copies == 1 else self.store.array(key)
        return found

    @cached_property
    def tail(self) -> Tail:
        """The worst 5 % of the futures by net loss."""
        return tail_of(self.net_losses)

    @cached_property
    def contributions(self) -> dict[str, dict[str, Estimate]]:
        """By measure of loss and holding: what it adds to the expected shortfall of the whole."""
        return {"net_loss": contributions(self.net_losses), "lost": contributions(self.lost)}

    @cached_property
    def committed(self) -> dict[str, float]:
        return {h.name: float(np.mean(self.store.array((HOLDING, h.name, "committed")))) for h in self.holdings}

    def payers(self, holding: Holding) -> list[str]:
        return self._who(holding, "payer")

    def providers(self, holding: Holding) -> list[str]:
        return self._who(holding, "provider")

    @staticmethod
    def _who(holding: Holding, role: str) -> list[str]:
        scenario = holding.scenario
        return [scenario.party(party).name for party, does in roles(scenario).items() if role in does]

    @staticmethod
    def field(holding: Holding) -> str:
        return holding.field or holding.scenario.field

    def all(self) -> dict[str, Any]:
        """Every holding, as the summary has it."""
        return {holding.name: self._one(holding) for holding in self.holdings}

    def _one(self, holding: Holding) -> dict[str, Any]:
        s, fund, name = holding.scenario, self.results.portfolio.fund, holding.name
        begins = add_months(fund.start, round(holding.months))
        ends = column_date(begins, s.step_months, last_money_column(s))
        figures: dict[str, Any] = {}
        chances: dict[str, Any] = {}
        lender_summary(self.results.results, (HOLDING, name), figures, chances)
        share = metrics.estimate_mean(self.store.array((HOLDING, name, "share")))
        return {
            "scenario": s.name,
            "title": s.title,
            "file": s.file,
            "sha256": s.sha256,
            "option": " + ".join(s.options) or None,
            "tranche": holding.tranche,
            "currency": s.currency,
            "copies": holding.copies,
            "starts": begins.isoformat(),
            "ends": ends.isoformat(),
            "payers": self.payers(holding),
            "providers": self.providers(holding),
            "field": self.field(holding),
            "committed": with_error(metrics.estimate_mean(self.store.array((HOLDING, name, "committed")))),
            "share": with_error(share),
            "metrics": figures,
            "probabilities": chances,
            "one_copy": self._one_copy(holding),
            "alone": self._alone(name),
            "contribution": {what: self._contribution(what, name) for what in ("net_loss", "lost")},
            "in_the_worst": {
                "net_gain": with_error(tail_mean(self.tail, -self.net_losses[name])),
                "loses": with_error(tail_mean(self.tail, self.store.array((HOLDING, name, "loss")))),
            },
            "inputs": self._inputs(holding),
        }

    def _one_copy(self, holding: Holding) -> dict[str, Any]:
        """The chance that one contract loses, and that it loses all, on average over the copies."""
        found = {}
        for what, key in (("loss", "lost"), ("total_loss", "total_loss")):
            each = self._by_copy(holding, key)
            share = np.asarray(sum((one > 0.0) * 1.0 for one in each)) / len(each)
            found[what] = with_error(metrics.estimate_mean(share))
        return found

    def _alone(self, name: str) -> dict[str, Any]:
        loss = self.net_losses[name]
        return {
            "sd": with_error(metrics.estimate_sd(loss)),
            "expected_shortfall_95": with_error(metrics.estimate_shortfall(loss)),
        }

    def _contribution(self, what: str, name: str) -> dict[str, Any]:
        of = self.contributions[what]
        whole = sum(one.value for one in of.values())
        size = max(abs(one.value) for one in of.values())
        share = of[name].value / whole if whole > 1e-9 * size else None
        return {**with_error(of[name]), "share": share}

    def _inputs(self, holding: Holding) -> dict[str, Any]:
        """The mean of each uncertain input, and in the worst 5 % of the portfolio's futures; of copies, their mean."""
        found = {}
        for entry in holding.scenario.inputs:
            key = (INPUT, holding.name, entry.name)
            if key in self.store:
                values = self.store.array(key)
                there = tail_mean(self.tail, values)
                mean = metrics.estimate_mean(values)
                found[entry.name] = {"unit": entry.unit, "mean": with_error(mean), "in_the_worst": with_error(there)}
        return found
