"""The share of people who reach a level: by hand, in an outcome, around an uncertain mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.distributions import Fixed, Normal, Uniform
from sibsim.distributions.combined import Combined
from tests.support import deal, run, z_of_mean


def phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def payment(inputs: str, n_draws: int = 1024) -> np.ndarray:
    """What 10 units pay in each future, at 100 times the share."""
    price = "{product: [100, reached]}"
    text = deal(inputs=f"{{{inputs}}}", contract=f"{{payments: {{p: {{measure: x, per_unit: {price}}}}}}}")
    return run(text, n_draws=n_draws).metric("payer", "outcome_payments")


@pytest.mark.key("inputs.share_above", "share_above.level", "share_above.mean", "share_above.sd")
@pytest.mark.parametrize(
    ("keys", "by_hand"),
    [
        ("{level: 4, mean: 4, sd: 3}", 0.5),
        ("{level: 4, mean: 1, sd: 3}", 0.158655254),
        ("{level: 4, mean: 7, sd: 3}", 0.841344746),
        ("{level: 4, mean: 1, sd: 1.5}", 0.022750132),
        ("{level: -1.96, mean: 0, sd: 1}", 0.975002105),
        ("{level: 8.5 %, mean: 2.5 %, sd: 6 %}", 0.158655254),
        ("{level: 4, mean: {value: 1, status: assumed}, sd: {value: 3, status: assumed}}", 0.158655254),
        ("{level: 4, mean: {sum: [0.5, 0.5]}, sd: {product: [1.5, 2]}}", 0.158655254),
    ],
)
def test_the_share_is_that_of_a_normal_distribution(keys: str, by_hand: float) -> None:
    assert np.allclose(payment(f"reached: {{share_above: {keys}}}"), 1000 * by_hand, rtol=1e-6)


def test_around_an_uncertain_mean_it_is_another_share_in_each_future() -> None:
    """A mean of 1 or 7 around a level of 4 with an sd of 3: 15.9 % or 84.1 %, half of them on average."""
    law = "middle: {discrete: [[1, 50 %], [7, 50 %]]}, reached: {share_above: {level: 4, mean: middle, sd: 3}}"
    paid = payment(law, n_draws=8192)
    assert sorted(set(np.round(paid, 5))) == [158.65525, 841.34475]
    assert abs(z_of_mean(paid, 500.0)) < 4.5


def test_a_normal_mean_widens_the_scatter() -> None:
    """Over a normal mean of sd 4 the mean share is that of one sd of 5: the root of 3 squared and 4 squared."""
    law = "middle: {normal: {mean: 1, sd: 4}}, reached: {share_above: {level: 3.5, mean: middle, sd: 3}}"
    paid = payment(law, n_draws=16_384)
    assert phi(-0.5) == pytest.approx(0.308537539)
    assert paid.mean() == pytest.approx(1000 * phi(-0.5), rel=2e-3)  # the lattice


def test_what_is_known_before_a_run_is_near_what_the_draws_show() -> None:
    law = Combined("share_above", (Fixed(4.0), Normal(1.0, 0.5), Fixed(3.0)), "share")
    middles = 1.0 + 0.5 * np.asarray(Normal(0.0, 1.0).ppf((np.arange(100_000) + 0.5) / 100_000))
    shares = np.array([phi((m - 4) / 3) for m in middles[::10]])
    assert law.mean == pytest.approx(shares.mean(), rel=1e-4)
    assert law.sd == pytest.approx(shares.std(), rel=2e-2)
    assert law.support == (0.0, 1.0)
    ends = Combined("share_above", (Fixed(4.0), Uniform(1.0, 7.0), Uniform(3.0, 6.0)), "share")
    assert ends.support == pytest.approx((phi(-1), phi(1)))
    away = Combined("share_above", (Fixed(4.0), Fixed(1.0), Uniform(3.0, 6.0)), "share")
    assert away.support == pytest.approx((phi(-1), phi(-0.5)))
    unsure = Combined("share_above", (Uniform(4.0, 7.0), Fixed(1.0), Fixed(3.0)), "share")
    assert unsure.support == pytest.approx((phi(-2), phi(-1)))
    assert unsure.mean == pytest.approx(phi(-4.5 / math.hypot(3.0, 3.0 / math.sqrt(12.0))))


def test_people_who_reach_it_are_drawn_one_by_one() -> None:
    """Of 10,000 people around 1.3 with an sd of 3, 18.4 % reach 4; without the programme, around 0.4, 11.5 %."""
    with_, without = "{share_above: {level: 4, mean: 1.3, sd: 3}}", "{share_above: {level: 4, mean: 0.4, sd: 3}}"
    outcome = f"{{type: event, better: more, over: 12 months, without: {without}, with: {with_}}}"
    text = f"""
sibsim: 1
title: Four points better
currency: SEK
start: 2026-01
parties: {{payer: A town, provider: A charity}}
participants: {{size: 10 000, duration: 12 months}}
outcomes: {{better: {outcome}}}
measures: {{people: {{of: better, as: total, follow_up: 12 months}}}}
contract: {{payments: {{for each: {{measure: people, per_unit: 1}}}}}}
"""
    paid = run(text, n_draws=4096).metric("payer", "outcome_payments")
    assert abs(z_of_mean(paid, 10_000 * phi(-0.9))) < 4.5
    assert paid.std() == pytest.approx(math.sqrt(10_000 * phi(-0.9) * (1 - phi(-0.9))), rel=0.05)
    assert phi(-0.9) == pytest.approx(0.184, abs=5e-4)
    assert phi(-1.2) == pytest.approx(0.115, abs=5e-4)
