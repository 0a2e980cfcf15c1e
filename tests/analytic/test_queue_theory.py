"""The queue against the textbook: Erlang C, M/D/1, M/G/infinity, abandonment, attrition, Little's law."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.queues import bank_of, by_entry, near, queued, ratio_near

WARM, END = 100.0, 290.0
"""Months over which a queue in balance is looked at: it begins empty, and no one starts after 300."""


def erlang_c(servers: int, load: float) -> float:
    """The chance that somebody must wait, everybody being patient."""
    top = load**servers / math.factorial(servers) * servers / (servers - load)
    return top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)


def abandoning(arrivals: float, service: float, servers: int, patience: float) -> tuple[float, float]:
    """Share that gives up and mean number waiting with exponential patience: a birth and death chain."""
    weights = [1.0]
    for n in range(1, 400):
        weights.append(weights[-1] * arrivals / (min(n, servers) * service + max(n - servers, 0) * patience))
    waiting = sum(w * max(n - servers, 0) for n, w in enumerate(weights)) / sum(weights)
    return patience * waiting / arrivals, waiting


@pytest.mark.key("queue.places", "queue.time_in_service")
def test_erlang_c_with_three_places_and_five() -> None:
    """Checks I01 and I02: 3 places at a load of 2; 5 places, 4 referrals a month, a month in service."""
    assert erlang_c(3, 2.0) == pytest.approx(4 / 9)
    for places, rate in ((3, 2), (5, 4)):
        stays = "exponential: 1 month"
        _, record = bank_of(
            queued(
                f"referrals: {rate}, until: 300 months, places: {places}, time_in_service: {{{stays}}}", "dropout: 0 %"
            )
        )
        p_wait = erlang_c(places, rate)
        mean_wait = p_wait / (places - rate)
        people = record.people
        seen = (people.referred_at > WARM) & (people.referred_at < END)
        waited = people.started_at - people.referred_at
        n = by_entry(record, seen)
        ratio_near(by_entry(record, seen & (waited > 1e-9)), n, p_wait)
        ratio_near(by_entry(record, seen, waited), n, mean_wait)
        ratio_near(by_entry(record, seen & (waited > 1.0)), n, p_wait * math.exp(-(places - rate)))
        window = slice(int(WARM), int(END))
        near(record.by_entry["queue"][:, window].mean(axis=1), rate * mean_wait)
        near(record.by_entry["in_service"][:, window].mean(axis=1) / places, rate / places)
        both = record.by_entry["queue"] + record.by_entry["in_service"]
        near(both[:, window].mean(axis=1), rate * mean_wait + rate)


def test_one_place_and_a_fixed_time_in_service() -> None:
    """M/D/1: the mean wait is rho / (2 mu (1 - rho)), half of what it is with exponential times."""
    rho = 0.7
    _, record = bank_of(queued("referrals: 0.7, until: 300 months, places: 1", "duration: 1 month"), 16)
    people = record.people
    seen = (people.referred_at > WARM) & (people.referred_at < END)
    waited = people.started_at - people.referred_at
    ratio_near(by_entry(record, seen, waited), by_entry(record, seen), rho / (2.0 * (1.0 - rho)))


@pytest.mark.key("queue.gives_up_after")
def test_who_gives_up() -> None:
    """One place, patience and service exponential (M/M/1+M): the chain's share that gives up, and its line."""
    _, record = bank_of(
        queued(
            "referrals: 1, until: 300 months, places: 1, gives_up_after: 2 months, "
            "time_in_service: {exponential: 1 month}",
            "dropout: 0 %",
        )
    )
    share, waiting = abandoning(1.0, 1.0, 1, 0.5)
    people = record.people
    seen = (people.referred_at > WARM) & (people.referred_at < END)
    ratio_near(by_entry(record, seen & np.isnan(people.started_at)), by_entry(record, seen), share)
    near(record.by_entry["queue"][:, int(WARM) : int(END)].mean(axis=1), waiting)


def test_with_hardly_any_patience_who_finds_no_place_is_lost() -> None:
    """Check I03: ten places at a load of 8. Erlang B loses 12.17 %; a day's patience saves a few."""
    _, record = bank_of(
        queued(
            "referrals: 0.8, until: 1000 months, places: 10, gives_up_after: 1 day, "
            "time_in_service: {exponential: 10 months}",
            "dropout: 0 %",
        )
    )
    share, _ = abandoning(0.8, 0.1, 10, 365.25 / 12)
    assert 0.11 < share < 0.121661064253
    people = record.people
    seen = people.referred_at > WARM
    ratio_near(by_entry(record, seen & np.isnan(people.started_at)), by_entry(record, seen), share)


@pytest.mark.parametrize("stays", ["duration: 12 months", "time_in_service: {exponential: 12 months}"])
def test_caseload_without_a_limit(stays: str) -> None:
    """Check I04, M/G/infinity: a Poisson number with mean 10 times the integral of the chance to be still there."""
    is_fixed = stays.startswith("duration")
    keys = "referrals: 10, until: 36 months, bank: 128" + ("" if is_fixed else f", {stays}")
    _, record = bank_of(queued(keys, stays if is_fixed else "dropout: 0 %"))
    people = record.people
    leaves = people.started_at + people.stays
    for month in (6.0, 12.0, 35.0):
        there = by_entry(record, (people.started_at <= month) & (leaves > month))
        mean = 10.0 * min(month, 12.0) if is_fixed else 120.0 * -math.expm1(-month / 12.0)
        near(there, mean, math.sqrt(mean / len(there)))
        spread = float(there.var(ddof=1))
        assert abs(spread - mean) < 4.5 * mean * math.sqrt(2.0 / len(there))
    if is_fixed:
        near((there > 140).astype(float), 0.0331496125932)
    else:
        assert 120.0 * -math.expm1(-0.5) == pytest.approx(47.2163208345)


def test_attrition() -> None:
    """Check I06: a hazard of 5 % a month over 12 months; 54.88 % complete, and 9.0238 months are spent on average."""
    dropout = 100.0 * -math.expm1(-0.6)
    people = f"duration: 12 months, dropout: {dropout:.12f} %"
    _, record = bank_of(queued("referrals: 10, until: 36 months", people))
    served = record.served
    n = np.bincount(served.entry, minlength=record.n_entries).astype(float)
    ratio_near(n - np.bincount(served.entry, served.is_dropout, record.n_entries), n, 0.548811636094)
    ratio_near(np.bincount(served.entry, served.stays, record.n_entries), n, 9.02376727812)


def test_random_stays_lose_those_who_would_stay_long() -> None:
    """With exponential stays of mean T and a hazard h, 1 / (1 + h T) complete, and T / (1 + h T) months are spent."""
    hazard = -math.log1p(-0.3) / 12.0
    _, record = bank_of(
        queued("referrals: 10, until: 36 months, time_in_service: {exponential: 12 months}", "dropout: 30 %")
    )
    served = record.served
    n = np.bincount(served.entry, minlength=record.n_entries).astype(float)
    ratio_near(n - np.bincount(served.entry, served.is_dropout, record.n_entries), n, 1.0 / (1.0 + 12.0 * hazard))
    ratio_near(np.bincount(served.entry, served.stays, record.n_entries), n, 12.0 / (1.0 + 12.0 * hazard))


SCARCE = "referrals: 12, until: 24 months, places: 60, gives_up_after: 2 months, last_start: 30 months"


def test_littles_law_and_the_count_of_people_in_every_replication() -> None:
    """The area under the line is the sum of waits, that under the places in use the sum of stays; nobody is lost."""
    _, record = bank_of(queued(SCARCE, "duration: 9 months, dropout: 20 %"), 2)
    people, found = record.people, record.by_entry
    waited = np.where(np.isnan(people.started_at), people.gives_up_at, people.started_at)
    waited = np.minimum(waited, 30.0) - people.referred_at
    np.testing.assert_allclose(found["queue"].sum(axis=1), by_entry(record, people.is_wanted, waited))
    started = ~np.isnan(people.started_at)
    np.testing.assert_allclose(found["in_service"].sum(axis=1), by_entry(record, started, people.stays))
    never = found["gave_up"] + found["turned_away"]
    np.testing.assert_array_equal(found["wanted"].sum(axis=1), (found["started"] + never).sum(axis=1))
    left = found["dropped_out"] + found["completed"]
    np.testing.assert_array_equal(found["started"].sum(axis=1), left.sum(axis=1))
    assert found["waiting"][:, -1].max() == 0.0
    assert found["in_service"].max() <= 60.0 + 1e-9
    assert found["gave_up"].sum() > 0


@pytest.mark.key("queue.last_start")
def test_nobody_starts_from_the_last_start_on() -> None:
    """Referrals end with 2028, starts half a year later: who still waits then never starts."""
    for last, latest in (("", 24.0), (", last_start: 30 months", 30.0)):
        _, record = bank_of(
            queued(f"referrals: 12, until: 24 months, places: 40{last}", "duration: 9 months, dropout: 50 %"), 2
        )
        people = record.people
        assert np.nanmax(people.started_at) < latest
        assert np.nanmax(people.started_at) > latest - 1.0
        assert people.referred_at.max() < 24.0
        assert record.total("turned_away").min() > 0.0
        assert record.columns == range(0, int(latest) + 9)
