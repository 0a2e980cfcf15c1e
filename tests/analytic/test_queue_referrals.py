"""Referrals to a queue: how many come when, by the cumulated rate; what is uncertain about them; and luck by person."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.metrics import estimate_mean
from sibsim.queue.service import serve
from sibsim.referrals import pieces, planned_flow
from tests.queues import FloatArray, bank_of, near, queued, text_of
from tests.support import LIMIT, run, scenario

INF = math.inf


def months_of(keys: str, start: str = "") -> FloatArray:
    """The cumulated rate by month of a queue whose rate is 1."""
    what = queued(keys, "duration: 6 months" + start)
    found = np.zeros(60)
    cohort = what.cohorts[0]
    assert cohort.queue is not None
    for piece in pieces(cohort.queue, cohort.start, what.start, 1):
        assert math.floor(piece.begins) >= math.floor(piece.ends - 1e-9) - 36
        first = math.floor(piece.begins + 1e-9)
        for month in range(first, math.ceil(piece.ends - 1e-9)):
            left, right = max(piece.begins, month), min(piece.ends, month + 1)
            slope = (piece.last - piece.first) / (piece.ends - piece.begins)
            found[month] += (right - left) * (piece.first + slope * ((left + right) / 2 - piece.begins))
    return found


@pytest.mark.key("queue.referrals", "queue.until", "queue.ramp", "queue.seasons", "participants.queue")
def test_the_rate_by_hand() -> None:
    """A ramp of four months reaches 1/8, 3/8, 5/8 and 7/8 of the rate on average; a season multiplies its month."""
    plain = months_of("referrals: 1, until: 2028-01")
    np.testing.assert_allclose(plain[:13], [*[1.0] * 12, 0.0])
    ramp = months_of("referrals: 1, until: 2028-01, ramp: 4 months")
    np.testing.assert_allclose(ramp[:12], [1 / 8, 3 / 8, 5 / 8, 7 / 8, *[1.0] * 8])
    seasons = months_of("referrals: 1, until: 2029-01, seasons: {July: 20 %, December: 60 %}")
    year = [1.0] * 6 + [0.2] + [1.0] * 4 + [0.6]
    np.testing.assert_allclose(seasons[:25], [*year, *year, 0.0])
    both = months_of("referrals: 1, until: 2028-01, ramp: 4 months, seasons: {February: 200 %}", ", start: 2027-02")
    np.testing.assert_allclose(both[:5], [0.0, 2 / 8, 3 / 8, 5 / 8, 7 / 8])


def test_a_season_is_of_the_calendar_whatever_day_the_file_starts() -> None:
    """From 16 January half a month (of 30.4 days) and a bit is January's; a whole year holds all months once."""
    text = text_of("referrals: 1, until: 12 months, seasons: {January: 0 %}", "duration: 6 months")
    what = scenario(text.replace("start: 2027-01", "start: 2027-01-16"))
    cohort = what.cohorts[0]
    assert cohort.queue is not None
    found = pieces(cohort.queue, 0, what.start, 1)
    passed = 15 / (365.25 / 12)
    assert (found[0].begins, found[0].first) == (0.0, 0.0)
    assert found[0].ends == pytest.approx(1.0 - passed)
    assert sum(piece.months for piece in found) == pytest.approx(11.0)
    assert found[-1].first == 0.0
    assert found[-1].ends - found[-1].begins == pytest.approx(passed)


def test_referrals_by_month_are_poisson_with_the_rate() -> None:
    """Mean and variance by month are 12, then 20 a month, times the season and the ramp."""
    keys = (
        "referrals: {2027-01: 12, 2027-09: 20}, until: 2028-01, ramp: 4 months, seasons: {July: 20 %, December: 150 %}"
    )
    _, record = bank_of(queued(f"{keys}, bank: 64", "duration: 6 months"), 16)
    truth = [12 / 8, 36 / 8, 60 / 8, 84 / 8, 12.0, 12.0, 2.4, 12.0, 20.0, 20.0, 20.0, 30.0]
    for month, mean in enumerate(truth):
        found = record.by_entry["referred"][:, month]
        near(found, mean, math.sqrt(mean / len(found)))
        spread = float(found.var(ddof=1))
        assert abs(spread - mean) < LIMIT * mean * math.sqrt((2.0 + 1.0 / mean) / len(found))
    assert record.by_entry["referred"].sum() == record.by_entry["referred"][:, :12].sum()


@pytest.mark.key("queue.eligible", "queue.accepts")
def test_who_is_eligible_and_who_accepts() -> None:
    """Of 240 referred 80 % are eligible, and 70 % of those accept: 192 and 134.4, each a Poisson number."""
    _, record = bank_of(queued("referrals: 20, until: 2028-01, eligible: 80 %, accepts: 70 %", "duration: 6 months"))
    for name, mean in (("referred", 240.0), ("offered", 192.0), ("wanted", 134.4), ("started", 134.4)):
        found = record.by_entry[name].sum(axis=1)
        near(found, mean, math.sqrt(mean / len(found)))
    assert record.total("turned_away").max() == 0.0


# ------------------------------------------------------------------------------------------------ places
def test_places_that_change_by_hand() -> None:
    """Two places until 3, one until 8, three from then: nobody is put out, and nobody starts until there is room."""
    arrives = [0.0, 1.0, 2.0, 2.5, 4.0]
    started = serve(arrives, [INF] * 5, [5.0, 6.0, 2.0, 1.0, 1.0], [(0.0, 2), (3.0, 1), (8.0, 3)], 100.0)
    # one and two stay until 5 and 7; at 7 the first in line takes the only place; at 8 there is room for two more
    assert started == [0.0, 1.0, 7.0, 8.0, 8.0]


@pytest.mark.parametrize("number", range(40))
def test_against_a_recursion_without_a_clock(number: int) -> None:
    """Each person in turn takes the place that is free first, unless they give up before: no events, no SimPy."""
    rng = np.random.default_rng(number)
    n, places, closes = int(rng.integers(0, 60)), int(rng.integers(1, 6)), float(rng.uniform(5.0, 40.0))
    arrives = np.sort(rng.uniform(0.0, closes, n))
    gives_up = arrives + rng.exponential(float(rng.choice([0.1, 2.0, 1e6])), n)
    stays = rng.exponential(float(rng.choice([0.5, 4.0])), n) if number % 2 else np.full(n, 3.0)
    free = [0.0] * places
    expected = []
    for day, until, stay in zip(arrives, gives_up, stays, strict=True):
        place = min(range(places), key=lambda p: free[p])
        start = max(day, free[place])
        starts = start <= until and start < closes
        expected.append(start if starts else math.nan)
        if starts:
            free[place] = start + stay
    found = serve(arrives.tolist(), gives_up.tolist(), stays.tolist(), [(0.0, places)], closes)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-9)


def test_who_has_given_up_is_passed_over() -> None:
    started = serve([0.0, 1.0, 2.0, 3.0], [INF, 3.5, 4.5, 9.0], [4.0, 1.0, 1.0, 1.0], [(0.0, 1)], 100.0)
    assert math.isnan(started[1])
    assert started[2:] == [4.0, 5.0]
    closed = serve([0.0, 1.0], [INF, INF], [4.0, 1.0], [(0.0, 1)], 4.0)
    assert closed[0] == 0.0
    assert math.isnan(closed[1])


def test_places_over_time_in_a_file() -> None:
    """More people want than there are places: all are in use, 30 in the first year and 50 from the second on."""
    _, record = bank_of(
        queued("referrals: 30, until: 2029-01, places: {2027-01: 30, 2028-01: 50}", "duration: 5 months"), 1
    )
    in_service = record.by_entry["in_service"]
    np.testing.assert_allclose(in_service[:, 6:12], 30.0, atol=0.7)
    np.testing.assert_allclose(in_service[:, 14:23], 50.0, atol=0.7)
    np.testing.assert_array_equal(
        record.by_entry["places"][:, [0, 11, 12, 20]], [[30.0, 30.0, 50.0, 50.0]] * record.n_entries
    )
    assert in_service.max() <= 50.0 + 1e-9


def test_as_if_there_were_no_limit() -> None:
    """With places for all, SimPy starts everybody on the day they are referred, as without a limit."""
    keys = "referrals: 20, until: 2028-01, gives_up_after: 1 month"
    _, free = bank_of(queued(keys), 1)
    _, roomy = bank_of(queued(f"{keys}, places: 100000"), 1)
    np.testing.assert_array_equal(free.people.started_at, roomy.people.started_at)
    np.testing.assert_array_equal(free.people.started_at, free.people.referred_at)


# ------------------------------------------------------------------------------------------------ what is uncertain
@pytest.mark.key("queue.bank")
@pytest.mark.parametrize("bank", [8, 32, 50])
def test_an_uncertain_rate_by_hand(bank: int) -> None:
    """Starts are Poisson given a rate that is even between 8 and 16 a month, over 12 months: the mean is 144, the
    variance 144 + 12^2 8^2 / 12 = 912, and the correlation with the rate 12 sqrt(8^2/12) / sqrt(912) = 0.9177.

    In a cell of 1 / bank of the futures all take the same replication: that takes 1 / bank^2 of the rate's variance
    (nearly) out of the correlation, and nothing out of the variance.
    """
    inputs = "rate: {uniform: {low: 8, high: 16}, status: assumed}"
    what = queued(f"referrals: rate, until: 12 months, bank: {bank}", "duration: 6 months", inputs=inputs)
    context, record = bank_of(what, 24)
    starts, rate = record.total("started").reshape(24, 1024), context.inputs["rate"].reshape(24, 1024)
    assert record.n_entries == 24 * bank
    near(starts.mean(axis=1), 144.0)
    # the bank's own spread takes a little out of a replicate's variance: about its mean, that of one mean
    near(((starts - 144.0) ** 2).mean(axis=1), 912.0)
    together = ((starts - 144.0) * (rate - 12.0)).mean(axis=1)
    near(together, 12.0 * (64.0 / 12.0) * (1.0 - 1.0 / bank**2))


def test_the_error_of_the_mean_number_of_starts_holds_the_banks_own() -> None:
    """Twenty runs: the printed error is that of the estimates around the truth, and not that of so many futures."""
    text = text_of(
        "referrals: 10, until: 12 months, bank: 8",
        "duration: 6 months",
        more="costs: {place: {amount: 1, per: starter}}",
    )
    what = scenario(text)
    off, errors = [], []
    for seed in range(1, 21):
        found = estimate_mean(run(what, n_draws=8192, seed=seed, workers=1).store.array(("provider", "own_costs")))
        off.append(found.value - 120.0)
        errors.append(found.mc_error)
    spread = math.sqrt(sum(x * x for x in off) / len(off))
    typical = math.sqrt(sum(e * e for e in errors) / len(errors))
    assert 0.6 < spread / typical < 1.5
    assert typical == pytest.approx(math.sqrt(120.0 / 64.0), rel=0.25)  # 8 replicates of 8 replications each


# ------------------------------------------------------------------------------------------------ luck by person
def test_options_keep_the_people() -> None:
    """Other places, patience or drop-out: the same people on the same days; a higher rate: the same, sooner."""
    base = "until: 24 months, eligible: 90 %"
    _, one = bank_of(queued(f"referrals: 10, places: 20, {base}", "duration: 9 months"), 1)
    _, other = bank_of(
        queued(f"referrals: 10, places: 40, gives_up_after: 1 month, {base}", "duration: 9 months, dropout: 10 %"), 1
    )
    np.testing.assert_array_equal(one.people.referred_at, other.people.referred_at)
    np.testing.assert_array_equal(one.people.is_eligible, other.people.is_eligible)
    _, faster = bank_of(queued(f"referrals: 20, places: 20, {base}", "duration: 9 months"), 1)
    for entry in range(one.n_entries):
        slow, quick = (r.people.referred_at[r.people.entry == entry] for r in (one, faster))
        assert len(quick) > len(slow)
        np.testing.assert_allclose(quick[: len(slow)], slow / 2.0, rtol=1e-9)
    assert (faster.total("offered") >= one.total("offered")).all()


def test_more_places_never_mean_fewer_starts_among_the_patient() -> None:
    """In every replication and by every date; and who starts, starts no later."""
    stays = "time_in_service: {gamma: {mean: 8 months, sd: 6 months}}"
    keys = f"referrals: 12, until: 24 months, last_start: 30 months, {stays}"
    _, few = bank_of(queued(f"{keys}, places: 40", "dropout: 20 %"), 2)
    _, many = bank_of(queued(f"{keys}, places: 55", "dropout: 20 %"), 2)
    gained = np.cumsum(many.by_entry["started"] - few.by_entry["started"], axis=1)
    assert gained.min() >= 0.0
    assert gained.max() > 0.0
    later = np.nan_to_num(many.people.started_at, nan=1e9) - np.nan_to_num(few.people.started_at, nan=1e9)
    assert later.max() <= 1e-9


def test_more_places_and_more_patience_on_average() -> None:
    """Where people give up, more places may cost a start in some future, but not on average; patience waits longer."""
    keys = "referrals: 12, until: 24 months, time_in_service: {gamma: {mean: 8 months, sd: 6 months}}"
    starts, waits = {}, {}
    for places, patience in ((40, 1), (55, 1), (40, 4), (55, 4)):
        text = f"{keys}, places: {places}, gives_up_after: {patience} month{'s' if patience > 1 else ''}"
        _, record = bank_of(queued(text, "dropout: 20 %"), 4)
        starts[places, patience] = record.by_entry["started"].sum(axis=1)
        waits[places, patience] = record.by_entry["queue"].sum(axis=1)
    pairs = [(starts[55, p] - starts[40, p]) for p in (1, 4)] + [(waits[n, 4] - waits[n, 1]) for n in (40, 55)]
    for gained in pairs:
        assert gained.mean() > LIMIT * gained.std(ddof=1) / math.sqrt(len(gained))


def test_the_plan_is_a_fluid() -> None:
    """Nothing scarce: referrals by hand. Scarce: as many at a time as there are places, and no more."""
    free = queued("referrals: 12, until: 24 months, eligible: 50 %, accepts: 50 %, ramp: 12 months", step="quarter")
    planned = planned_flow(free, free.cohorts[0])
    assert planned.offered == pytest.approx([18 * (2 * k + 1) / 8 for k in range(4)] + [18.0] * 4)
    assert planned.starters == pytest.approx([o / 2 for o in planned.offered])
    tight = queued("referrals: 12, until: 24 months, places: 30, gives_up_after: 100 years", step="quarter")
    planned = planned_flow(tight, tight.cohorts[0])
    assert planned.starters[0] == pytest.approx(30.0)
    assert sum(planned.starters) == pytest.approx(60.0)  # two rounds of a year
    assert planned.waiting == pytest.approx(288.0 - 60.0, rel=0.02)
