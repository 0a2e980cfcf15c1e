"""The present value of 1 a year: by hand, within products, at an uncertain rate."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.distributions import Fixed, Uniform
from sibsim.distributions.combined import Combined
from tests.support import deal, run, z_of_mean


def payment(inputs: str, price: str = "worth", n_draws: int = 1024) -> np.ndarray:
    """What 10 units pay in each future."""
    text = deal(inputs=f"{{{inputs}}}", contract=f"{{payments: {{p: {{measure: x, per_unit: {price}}}}}}}")
    return run(text, n_draws=n_draws).metric("payer", "outcome_payments")


@pytest.mark.key("inputs.annuity", "annuity.rate", "annuity.over")
@pytest.mark.parametrize(
    ("annuity", "by_hand"),
    [
        ("{rate: 5 %, over: 3 years}", 1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3),
        ("{rate: 0 %, over: 3 years}", 3.0),
        ("{rate: 0.000001 %, over: 3 years}", 3.0 - 6e-8),
        ("{rate: -50 %, over: 2 years}", 2 + 4),
        ("{rate: 100 %, over: 1 year}", 0.5),
        ("{rate: 5 %, over: 18 months}", (1 - 1.05**-1.5) / 0.05),
        ("{rate: {value: 5 %, status: assumed}, over: {value: 2 years, status: contract}}", 1 / 1.05 + 1 / 1.05**2),
    ],
)
def test_an_annuity_is_the_sum_of_discounted_years(annuity: str, by_hand: float) -> None:
    assert np.allclose(payment(f"worth: {{annuity: {annuity}}}"), 10 * by_hand, rtol=1e-12)


def test_an_annuity_is_a_factor_like_any_other() -> None:
    """30 a month for three years at 5 %: 360 x 2.7232 = 980.37; in a sum with 100, and in place of a price."""
    three = 1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3
    price = "{sum: [100, {product: [30, 12, {annuity: {rate: 5 %, over: 3 years}}]}]}"
    assert np.allclose(payment("other: 1", price), 10 * (100 + 360 * three), rtol=1e-12)
    assert 360 * three == pytest.approx(980.37, abs=0.005)


def test_an_uncertain_rate_is_the_same_in_the_whole_future() -> None:
    """At a rate of 0 or 100 %, two years are worth 2 or 0.75: the mean is 1.375, not what 50 % gives (1.111)."""
    law = "rate: {discrete: [[0 %, 50 %], [100 %, 50 %]]}, worth: {annuity: {rate: rate, over: 2 years}}"
    paid = payment(law, n_draws=8192)
    assert sorted(set(np.round(paid, 9))) == [7.5, 20.0]
    assert abs(z_of_mean(paid, 13.75)) < 4.5


def test_what_is_known_before_a_run_is_near_what_the_draws_show() -> None:
    """Before a run the mean and sd come of three points of the rate, the ends of its own ends."""
    law = Combined("annuity", (Uniform(0.02, 0.08), Fixed(10.0)), "annuity")
    rates = 0.02 + 0.06 * (np.arange(100_000) + 0.5) / 100_000
    worth = (1 - (1 + rates) ** -10.0) / rates
    assert law.mean == pytest.approx(worth.mean(), rel=1e-4)
    assert law.sd == pytest.approx(worth.std(), rel=1e-2)
    assert law.support == pytest.approx((worth[-1], worth[0]), rel=1e-4)
