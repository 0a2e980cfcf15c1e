"""Rates of return and present values: published examples, hand calculation, pyxirr, and what must always hold."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from sibsim.rates import above, at_least, discount_factors, irr, is_unique_irr, npv, period_rate

SPREADSHEET = [-70_000, 12_000, 15_000, 18_000, 21_000, 26_000]


# ------------------------------------------------------------------------------------------------ present values
def test_the_first_flow_is_not_discounted():
    flows = [-10_000, 3_000, 4_200, 6_800]
    assert npv(0.1, flows) == pytest.approx(1307.28775357, abs=1e-6)
    assert npv(0.1, flows, [1, 2, 3, 4]) == pytest.approx(1188.44341234, abs=1e-6)  # what a spreadsheet's NPV gives
    assert npv(0.1, flows, [0.5, 1.5, 2.5, 3.5]) == pytest.approx(1246.44996641, abs=1e-6)


def test_spreadsheet_example_with_a_flow_at_once():
    flows = [-40_000, 8_000, 9_200, 10_000, 12_000, 14_500]
    assert npv(0.08, flows) == pytest.approx(1922.06155493, abs=1e-6)
    assert npv(0.08, [*flows, -9_000]) == pytest.approx(-3749.46508702, abs=1e-6)


def test_green_book_appraisal():
    costs = np.array([100.0, 50.0, 50.0] + [0.0] * 7)
    benefits = np.array([0.0] * 3 + [30.0] * 7)
    assert npv(0.035, benefits) == pytest.approx(171.239767009, abs=1e-9)
    assert npv(0.035, costs) == pytest.approx(194.984713762, abs=1e-9)
    assert npv(0.035, benefits - costs) == pytest.approx(-23.7449467536, abs=1e-9)


def test_savings_that_drop_off_by_a_fifth_a_year():
    q = 0.8 / 1.035
    assert npv(0.035, [0.0] + [1000.0 * 0.8**k for k in range(10)]) == pytest.approx(3931.40605102, rel=1e-10)
    assert 1000.0 / 1.035 * (1 - q**10) / (1 - q) == pytest.approx(3931.40605102, rel=1e-10)


def test_rates_of_periods():
    assert period_rate(0.06, 1 / 12) == pytest.approx(0.00486755056534, abs=1e-12)  # 0.005 is the usual mistake
    assert period_rate(0.035, 0.5) + 1.0 == pytest.approx(1.01734949747, abs=1e-11)
    assert period_rate(np.array([0.0, 0.21]), 0.5).tolist() == pytest.approx([0.0, 0.1])


def test_factors_and_values_have_one_column_a_draw():
    rates = np.array([0.0, 0.1, 1.0])
    factors = discount_factors(rates, [0.0, 0.5, 2.0])
    assert factors.shape == (3, 3)
    assert factors[2].tolist() == pytest.approx([1.0, 1 / 1.21, 0.25])
    flows = np.arange(9.0).reshape(3, 3)
    by_hand = [npv(rate, flows[:, i], [0.0, 0.5, 2.0]) for i, rate in enumerate(rates)]
    assert npv(rates, flows, [0.0, 0.5, 2.0]).tolist() == pytest.approx(by_hand)
    assert npv(0.1, flows).shape == (3,)
    assert npv(rates, flows[:, 0]).shape == (3,)


# ------------------------------------------------------------------------------------------------ thresholds
def test_thresholds_have_a_slack_of_one_in_a_thousand_million():
    assert 1 - 135 / 150 < 0.10
    assert at_least(1 - 135 / 150, 0.10)
    assert not at_least(0.1 - 2e-9, 0.1)
    assert not above(0.1 + 5e-10, 0.1)
    assert above(0.1 + 2e-9, 0.1)
    assert at_least(np.array([1.0, 2.0]), np.array([1.0, 3.0])).tolist() == [True, False]


# ------------------------------------------------------------------------------------------------ known rates of return
@pytest.mark.parametrize(
    ("flows", "rate", "tolerance"),
    [
        (SPREADSHEET, 0.0866309480365, 1e-9),
        (SPREADSHEET[:-1], -0.0212448482734, 1e-9),
        (SPREADSHEET[:3], -0.443506941335, 1e-9),
        ([-150_000, 15_000, 25_000, 35_000, 45_000, 60_000], 0.0524328888594, 1e-8),
        ([-100, 0, 0, 74], -0.095495830349, 1e-8),
        ([-100, 39, 59, 55, 20], 0.28094842116, 1e-8),
        ([-5, 10.5, 1, -8, 1], 0.0885983385278, 1e-8),
        ([-1000, -200, 300, 500, 800], 0.0964424885653, 1e-9),
    ],
)
def test_published_examples(flows, rate, tolerance):
    assert irr(flows) == pytest.approx(rate, abs=tolerance)


def test_of_several_rates_the_smallest_that_is_not_negative():
    assert irr([-100, 230, -132]) == pytest.approx(0.1, abs=1e-8)  # 10 % and 20 %
    assert irr([-50, -100, 600, 300, -100]) == pytest.approx(1.85441782846, abs=1e-6)  # and -76.9 %
    assert irr([-100, 220, -121]) == pytest.approx(0.1, abs=1e-6)  # 10 % twice
    assert irr([-100, 200, -100]) == pytest.approx(0.0, abs=1e-12)
    assert irr([100, -230, 132]) == pytest.approx(0.1, abs=1e-8)
    assert irr(np.poly([1.0, 1.3, 0.8])) == pytest.approx(0.0, abs=1e-9)  # 0 %, 30 % and -20 %


def test_of_several_negative_rates_the_one_nearest_zero():
    assert irr(np.poly([0.9, 0.8])) == pytest.approx(-0.1, abs=1e-8)
    assert irr(np.poly([0.95, 0.6, 0.3])) == pytest.approx(-0.05, abs=1e-8)
    assert irr(-np.poly([0.7, 0.65, 0.3, 0.2])) == pytest.approx(-0.3, abs=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_chosen_among_many_known_rates(seed):
    """Streams built from their roots, some of them close together, at quarters of a year."""
    rng = np.random.default_rng(seed)
    flows, expected = [], []
    for _ in range(200):
        rates = np.sort(rng.uniform(-0.4, 0.6, rng.integers(2, 5)))
        if (np.diff(rates) < 0.004).any() or np.abs(rates).min() < 0.01:
            continue
        stream = np.poly((1.0 + rates) ** 0.25) * rng.choice([-100.0, 100.0])
        flows.append(np.pad(stream, (0, 8 - len(stream))))
        positive = rates[rates >= 0.0]
        expected.append(positive[0] if len(positive) else rates[-1])
    found = irr(np.array(flows).T, np.arange(8) / 4)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert not is_unique_irr(np.array(flows).T).any()


@pytest.mark.parametrize("flows", [[1, 2, 3], [0, 0, 0], [0.0, 5.0]])
def test_nothing_put_in_has_no_rate(flows):
    assert math.isnan(irr(flows))


@pytest.mark.parametrize("flows", [[-100, 0, 0, 0], [-1, -2, -3], [0, -5.0]])
def test_nothing_back_is_a_total_loss(flows):
    assert irr(flows) == -1.0


def test_more_put_in_after_a_little_came_back_and_nothing_after_is_a_total_loss():
    """Worth less than nothing at every rate: the limit of -100 % as a last receipt e goes to 0."""
    assert irr([-100, 10, -100]) == -1.0
    assert irr([-100, 10, -100, 1e-15]) == pytest.approx(-1.0, abs=1e-5)
    assert math.isnan(irr([100, -10, 100]))


def test_almost_nothing_back_is_almost_a_total_loss():
    """The limit of -100 %: (e / 100) ** (1 / 3) - 1."""
    for left in (1e-3, 1e-9, 1e-15, 1e-30):
        assert irr([-100, 0, 0, left]) == pytest.approx((left / 100) ** (1 / 3) - 1, rel=1e-12)
        assert irr([-50, -50, 0, left / 2, left / 2], np.arange(5) / 4) < -0.99


def test_mean_of_rates_is_not_the_rate_of_the_mean():
    flows = np.array([[-100.0, -100.0], [0.0, 0.0], [0.0, 0.0], [0.0, 200.0]])
    assert irr(flows).tolist() == pytest.approx([-1.0, 2 ** (1 / 3) - 1], abs=1e-12)
    assert irr(flows).mean() == pytest.approx(-0.370039475053, abs=1e-12)
    assert irr(flows.mean(axis=1)) == 0.0


def test_published_bonds():
    """Rikers Island (9.6 m for four years), its guarantee, Educate Girls, and the corridor of the ICRC's bond."""
    years, paid = [0.0, 4.0], np.array([9.6, 10.08, 10.176, 10.368, 10.944, 11.712])
    ladder = [0.0, 0.012272234429, 0.0146738461687, 0.0194265469083, 0.033299484759, 0.0509691250074]
    assert irr(np.array([np.full(6, -9.6), paid]), years).tolist() == pytest.approx(ladder, abs=1e-9)
    assert irr([-9.6, 7.2], years) == pytest.approx(-0.0693951408979, abs=1e-9)
    assert irr([-270_000.0, 270_000.0 + 144_085.0], [0.0, 3.0]) == pytest.approx(0.153210473954, abs=1e-9)
    assert irr([-100.0, 60.0], [0.0, 5.0]) == pytest.approx(-0.0971195485526, abs=1e-9)
    assert irr([-100.0, 140.25517307], [0.0, 5.0]) == pytest.approx(0.07, abs=1e-9)


# ------------------------------------------------------------------------------------- against pyxirr, and in general
def random_flows(rng: np.random.Generator, n_dates: int, n_draws: int) -> np.ndarray:
    """Outlays first, receipts later; from total losses to tenfold gains, some dates empty."""
    flows = rng.random((n_dates, n_draws)) * (rng.random((n_dates, n_draws)) < 0.7)
    n_out = rng.integers(1, n_dates - 1, n_draws)
    out = np.arange(n_dates)[:, None] < n_out
    return np.where(out, -flows, flows * rng.lognormal(-1.0, 2.0, n_draws))


def test_equals_pyxirr_on_random_flows():
    flows = random_flows(np.random.default_rng(3), 20, 400)
    rates, compared = irr(flows), 0
    for stream, rate in zip(flows.T, rates, strict=True):
        if not (stream < 0).any():
            assert math.isnan(rate)
        elif not (stream > 0).any():
            assert rate == -1.0
        elif (oracle := pyxirr.irr(stream, guess=rate + 1e-3)) is not None:  # it gives up on some deep losses
            assert rate == pytest.approx(oracle, rel=1e-8, abs=1e-8)
            compared += 1
    assert compared > 350


def test_equals_pyxirr_on_dates_at_any_distances():
    rng, compared = np.random.default_rng(4), 0
    for _ in range(80):
        days = np.cumsum(rng.integers(1, 400, 12)) - 1
        stream = random_flows(rng, 12, 1)[:, 0]
        rate = irr(stream, days / 365)
        dates = (np.datetime64("2020-01-01") + days.astype("timedelta64[D]")).tolist()
        oracle = pyxirr.xirr(dates, stream.tolist(), guess=rate + 1e-3, silent=True)
        if oracle is not None:
            assert rate == pytest.approx(oracle, rel=1e-8)
            assert irr(stream, days / 365 + 3.7) == pytest.approx(rate, rel=1e-10)  # the calendar's start is no matter
            compared += 1
    assert compared > 60


@pytest.mark.parametrize("is_mixed", [False, True])
def test_the_present_value_at_the_rate_is_zero(is_mixed):
    """To 1e-8 of the money that moves. For deep losses, where late money weighs most, of what is weighed."""
    rng = np.random.default_rng(5)
    years = np.cumsum(rng.choice([0.25, 0.5, 1.0], 29))
    flows = random_flows(rng, 29, 4000)
    if is_mixed:
        flows *= rng.choice([-1.0, 1.0], flows.shape, p=[0.2, 0.8])
    rates = irr(flows, years)
    known = np.isfinite(rates) & (rates > -1.0)
    assert known.mean() > 0.8
    flows, rates = flows[:, known], rates[known]
    weighed = np.exp(-np.log1p(rates) * (years[:, None] - years[0]))
    shallow = rates > -0.3
    assert shallow.mean() > 0.5
    value = np.abs(npv(rates[shallow], flows[:, shallow], years))
    assert (value <= 1e-8 * np.abs(flows[:, shallow]).sum(axis=0)).all()
    tolerance = 1e-11 + 1e-14 / (1.0 + rates)  # the last digit of a rate of -99.9999 % is worth that much
    assert (np.abs((flows * weighed).sum(axis=0)) <= tolerance * (np.abs(flows) * weighed).sum(axis=0)).all()


def test_no_smaller_rate_is_overlooked():
    """Between 0 and the rate found, the present value does not change its sign."""
    rng = np.random.default_rng(6)
    flows = rng.normal(size=(9, 3000))
    rates, years = irr(flows), np.arange(9.0)
    with_rate = np.flatnonzero(rates > 1e-3)
    assert len(with_rate) > 1000
    grid = np.linspace(0.0, 0.999, 400)
    for i in with_rate:
        values = npv(rates[i] * grid, flows[:, i], years)
        assert (values * values[0] > 0.0).all()
    negative = np.flatnonzero(rates < 0.0)
    for i in negative:
        values = npv(np.expm1(np.linspace(0.0, 5.0, 400)), flows[:, i], years)
        assert (values * values[0] > 0.0).all()


@settings(max_examples=200)
@given(
    st.lists(st.floats(0.01, 100.0), min_size=1, max_size=6),
    st.lists(st.floats(0.01, 100.0), min_size=1, max_size=6),
    st.floats(-0.5, 2.0),
    st.floats(0.001, 1000.0),
)
def test_worth_more_than_nothing_exactly_below_the_rate_and_in_any_currency(outlays, receipts, rate, unit):
    flows = np.array([-x for x in outlays] + receipts)
    found = irr(flows)
    assert is_unique_irr(flows)
    if abs(found - rate) > 1e-9:
        assert (npv(rate, flows) > 0.0) == (found > rate)
    assert irr(flows * unit) == pytest.approx(found, rel=1e-9, abs=1e-12)


def test_unique_means_at_most_one_change_of_sign():
    assert is_unique_irr([-100, 0, 50, 0, 60])
    assert is_unique_irr([-1, -2, -3])
    assert is_unique_irr([0, 0])
    assert not is_unique_irr([-100, 230, 0, -132])
    assert is_unique_irr([-100, 50, -1e-12, 60])  # rounding is not a change of sign
    assert is_unique_irr(np.array([[-1.0, -1.0], [3.0, 2.0], [-1.0, 0.0]])).tolist() == [False, True]


def test_one_draw_alone_has_the_same_rate_as_among_others():
    flows = random_flows(np.random.default_rng(8), 12, 9000)
    together = irr(flows)
    alone = [irr(flows[:, i]) for i in range(0, 9000, 300)]
    np.testing.assert_allclose(alone, together[::300], rtol=1e-12)


def test_the_last_bits_hang_on_no_other_stream():
    """Nor on dates at which nothing moves: how a run is cut into blocks must not show."""
    rng, n, years = np.random.default_rng(1), 2048, np.arange(60) * 0.25
    flows = np.zeros((60, n))
    flows[0], flows[4] = -100 * rng.random(n) - 50, -30.0
    for date in range(12, 60, 4):
        flows[date] = 20 * rng.random(n) * (rng.random(n) < 0.7)
    flows[17], flows[33, 100] = 5.0 * (rng.random(n) < 1e-3), 3.0
    rates, used = irr(flows, years), (flows != 0.0).any(axis=1)
    parts = [irr(flows[:, first : first + 64], years) for first in range(0, n, 64)]
    assert np.array_equal(np.concatenate(parts), rates)
    assert np.array_equal(irr(flows[used], years[used]), rates)
    assert np.array_equal(irr(np.vstack([flows, 0.0 * flows]), np.arange(120) * 0.25), rates)
    assert np.abs(npv(rates, flows, years)).max() < 1e-12


def test_a_hundred_thousand_streams_of_29_dates_take_well_under_a_second():
    flows = random_flows(np.random.default_rng(9), 29, 100_000)
    begin = time.process_time()
    irr(flows, np.arange(29) / 4)
    assert time.process_time() - begin < 1.5  # about 0.3 s of work
