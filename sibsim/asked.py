"""The most that each payer can be asked for under the contract, where that is sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sibsim.payouts import contract_summary
from sibsim.scenario import ACCOUNT, Cap, Number, OverTime, Payment, Scenario, Shares, Value
from sibsim.timeline import payment_columns

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["bounds_of", "most_from"]

SLACK = 1e-9
ALIKE = ("amount", "per_unit", "per_point", "share")
"""Shapes whose one number scales what is paid: prices of 20 and 80 for the same things are always 20 to 80."""


def most_from(results: Results, party: str) -> float | None:
    """The most that a payer can be asked for under the contract; None where that is uncertain or has no end.

    The least of its ``bounds_of``. What payments bring back is taken off.
    """
    bounds = bounds_of(results, party)
    paid = results.store.array((party, "outcome_payments"))
    if not bounds or float(np.max(paid)) > min(bounds) * (1 + SLACK) + 1e-6:
        return None
    return min(bounds)


def bounds_of(results: Results, party: str) -> list[float]:
    """What is sure of the most that a payer pays: none of these is ever passed; empty where nothing is sure.

    What the contract pays at most, its largest share of that, its shares of what each payment pays at most, and its own
    limit. Payments that always pay in the same proportion are taken as one, of which each payer has its share. The
    payer of the ``rest`` has what the others leave it, if none of them can pass its own limit; else all.
    """
    scenario = results.scenario
    limit = _limits(scenario, party)
    own = [max(limit)] if limit else []
    if _may_go_back(results):  # what is given back at other shares, or to others, may have been paid by this one
        others = [who for who in _payers(scenario) if who != party]
        if any(scenario.party(who).pays_at_most is not None for who in others):
            return own
        if any(p.by_over_time or p.by_event for p in scenario.payments):
            return own
    return [*own, *_Terms(results).bounds(party)]


@dataclass(frozen=True)
class _Together:
    """Payments that always pay in the same proportion: their parts of what they pay, and its most (None: no end)."""

    parts: tuple[tuple[Payment, float], ...]
    most: float | None


class _Terms:
    """What the terms say for sure of who can be asked for how much."""

    def __init__(self, results: Results) -> None:
        self.scenario = results.scenario
        self.highest: float | None = contract_summary(results)["highest"]
        self.groups = [_together(results, group) for group in _in_step(self.scenario)]
        self.is_one_way = not _may_go_back(results)
        self.may_bind = self._may_bind()

    def bounds(self, party: str) -> list[float]:
        """Bounds of what a payer pays: what the contract pays at most, and its shares of that and of each payment."""
        most = self.highest if self._is_of_all else None
        return [*([] if most is None else [most]), *self._shares_of_the_most(party)]

    def _shares_of_the_most(self, party: str) -> list[float]:
        pairs = [(self._share_of(group, party), group.most) for group in self.groups]
        shares = [(share, most) for share, most in pairs if share]
        most = self._most_by_terms() if self._is_of_all else None
        found = [] if most is None else [most * max((share for share, _ in shares), default=0.0)]
        known = [share * most for share, most in shares if most is not None]
        return [*found, sum(known)] if len(known) == len(shares) else found

    @property
    def _is_of_all(self) -> bool:
        """Whether a payer has a part of all that the contract pays: not where one pays, and another has money back."""
        return self.is_one_way or len({frozenset(p.by) for p in self.scenario.payments}) == 1

    def _may_bind(self) -> frozenset[str]:
        """Payers whose own limit may ever be reached.

        The others are asked for less than their limits as long as nobody but these reaches one; so none of them is the
        first to.
        """
        limited = [who for who in _payers(self.scenario) if self.scenario.party(who).pays_at_most is not None]
        self.may_bind = frozenset[str]()
        for _ in limited:
            reached = {who for who in limited if who in self.may_bind or not self._stays_under(who)}
            if reached == self.may_bind:
                break
            self.may_bind = frozenset(reached)
        return self.may_bind

    def _stays_under(self, party: str) -> bool:
        limits = _limits(self.scenario, party)
        if not limits or not self.is_one_way:
            return False
        asked = self._shares_of_the_most(party)
        return bool(asked) and min(asked) <= min(limits) * (1 + 1e-12)

    def _most_by_terms(self) -> float | None:
        """What the contract pays at most, if that is not only what all payers together will ever pay."""
        limits = [_limits(self.scenario, who) for who in _payers(self.scenario)]
        if self.highest is None or not all(self.scenario.party(who).pays_at_most for who in _payers(self.scenario)):
            return self.highest
        in_all = sum(max(one, default=np.inf) for one in limits)
        return self.highest if all(limits) and self.highest < in_all * (1 - SLACK) else None

    # ----------------------------------------------------------------------------------------- shares
    def _share_of(self, group: _Together, party: str) -> float:
        """A payer's largest share of what payments pay together."""
        return sum(part * self._largest_share(payment, party) for payment, part in group.parts)

    def _largest_share(self, payment: Payment, party: str) -> float:
        """A payer's largest share of a payment at any time; 1 where it is not certain."""
        mine = [shares for shares in _regimes(payment) if party in dict(shares)]
        if mine and self._leaves_room:
            return 1.0
        return max((self._share(shares, party) for shares in mine), default=0.0)

    def _share(self, shares: Shares, party: str) -> float:
        own = dict(shares)[party]
        if isinstance(own, Number):
            return min(own.value, 1.0)
        others = [(who, share) for who, share in shares if who != party]
        if not isinstance(own, str) or any(who in self.may_bind for who, _ in others):
            return 1.0  # what passes another's limit falls on the payer of the rest
        named = [share.value for _, share in others if isinstance(share, Number)]
        return max(1.0 - sum(named), 0.0) if len(named) == len(others) else 1.0

    @property
    def _leaves_room(self) -> bool:
        """Whether something that nobody pays may leave room under a cap, to be asked for later from others."""
        scenario = self.scenario
        caps = [scenario.contract_cap, *(p.cap for p in scenario.payments)]
        if not self.may_bind or all(cap == Cap() for cap in caps):
            return False
        columns = {c for p in scenario.payments for every in payment_columns(scenario, p).values() for c in every}
        return len(columns) > 1 and any(
            any(who in self.may_bind for who, _ in shares)
            and not any(isinstance(share, str) and who not in self.may_bind for who, share in shares)
            for payment in scenario.payments
            for shares in _regimes(payment)
        )


# ------------------------------------------------------------------------------------------------ the parts
def _payers(scenario: Scenario) -> list[str]:
    """All who ever pay for outcomes."""
    return list(dict.fromkeys(who for p in scenario.payments for shares in _regimes(p) for who, _ in shares))


def _regimes(payment: Payment) -> list[Shares]:
    """Who pays, with their shares, at one time or another."""
    return [shares for _, shares in (*payment.by_over_time, *payment.by_event)] or [payment.by]


def _limits(scenario: Scenario, party: str) -> list[float]:
    """What a payer will ever pay, at each time; empty where it has no limit or that is not certain."""
    limit = scenario.party(party).pays_at_most
    values = limit.every if isinstance(limit, OverTime) else (limit,)
    numbers = [v.value for v in values if isinstance(v, Number) and not v.currency]
    return numbers if len(numbers) == len(values) else []


def _may_go_back(results: Results) -> bool:
    """Whether a payment may bring money back to who pays."""
    return any(
        p.is_cumulative
        or bool(p.less)
        or ("#payment", p.name, "back") in results.store
        or any(isinstance(v, Number) and v.value < 0 for v in _amounts(p))
        for p in results.scenario.payments
    )


def _amounts(payment: Payment) -> Iterator[Value]:
    """All that a payment may pay: its one number, or that of each row."""
    values = [row.pays for row in payment.parameter] if isinstance(payment.parameter, tuple) else [payment.parameter]
    for value in values:
        yield from value.every if isinstance(value, OverTime) else (value,)


def _in_step(scenario: Scenario) -> list[list[Payment]]:
    """The payments in groups of those that differ in who pays and in one certain price only, so always pay alike."""
    groups: dict[object, list[Payment]] = {}
    for payment in scenario.payments:
        groups.setdefault(_but_for_the_price(scenario, payment), []).append(payment)
    return list(groups.values())


def _but_for_the_price(scenario: Scenario, payment: Payment) -> object:
    price = payment.parameter
    is_plain = payment.cap == Cap() and payment.floor is None and payment.rest_of is None
    is_one_way = not payment.is_cumulative and not payment.less
    is_exact = payment.round is None and scenario.contract_round is None
    is_whole = payment.to == ACCOUNT or payment.to in {p.id for p in scenario.parties}
    is_scaled = payment.shape in ALIKE and isinstance(price, Number) and price.value > 0
    if not (is_plain and is_one_way and is_exact and is_whole and is_scaled):
        return payment.name
    assert isinstance(price, Number)
    one = replace(price, value=1.0)
    return replace(payment, name="", parameter=one, by=(), by_over_time=(), by_event=())


def _together(results: Results, group: list[Payment]) -> _Together:
    prices = [p.parameter.value if isinstance(p.parameter, Number) and len(group) > 1 else 1.0 for p in group]
    parts = tuple((p, price / sum(prices)) for p, price in zip(group, prices, strict=True))
    each = [results.store.constant(("#payment", p.name, "highest")) for p in group]
    known = [most for most in each if most is not None and np.isfinite(most)]
    is_firm = len(known) == len(each) and not any(p.less for p in results.scenario.payments)  # that hangs on what came
    return _Together(parts, sum(known) if is_firm else None)
