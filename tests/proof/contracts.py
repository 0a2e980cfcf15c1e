"""Cases of group C but the golden scenarios: one contract at a time, with its closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy.stats import betabinom, binom, norm

from sibsim import metrics
from sibsim.distributions import DISTRIBUTIONS
from sibsim.rates import npv
from sibsim.results import Results
from tests.proof.row import Case, Row, close, estimate, not_reported, spread
from tests.support import HEAD, deal, run

OWN = "closed form"
DRAWS = 65_536


def moments(n_draws: int, mean: float, values: np.ndarray, chances: np.ndarray) -> tuple[float, float]:
    """Standard errors of a mean and of a standard deviation over independent futures, from the whole distribution."""
    variance = float(chances @ (values - mean) ** 2)
    fourth = float(chances @ (values - mean) ** 4)
    return math.sqrt(variance / n_draws), math.sqrt((fourth - variance**2) / (4 * variance) / n_draws)


def rate_card(share: str, inputs: str = "", cap: str = "") -> Results:
    text = deal(
        HEAD + inputs,
        participants="{size: 300}",
        outcomes=f"{{job: {{type: event, better: more, over: 1 year, with: {share}}}}}",
        measures="{jobs: {of: job, as: total, follow_up: 1 year}}",
        contract=f"{{payments: {{p: {{measure: jobs, per_unit: 4000{cap}}}}}}}",
    )
    return run(text, n_draws=DRAWS)


def c01() -> Iterator[Row]:
    k = np.arange(301)
    chances = binom.pmf(k, 300, 0.35)
    figure = rate_card("35 %").summary()["parties"]["payer"]["metrics"]["outcome_payments"]
    of_mean, of_sd = moments(DRAWS, 420_000, 4000.0 * k, chances)
    yield estimate("payments, mean", 420_000.0, figure["mean"], of_mean)
    yield estimate("payments, standard deviation", 33_045.4232837, figure["sd"], of_sd)


def c02() -> Iterator[Row]:
    payer = rate_card("35 %", cap=", cap: 440 000").summary()["parties"]["payer"]
    k = np.arange(301)
    paid, chances = 4000.0 * np.minimum(k, 110), binom.pmf(k, 300, 0.35)
    of_mean, _ = moments(DRAWS, 414_444.676975, paid, chances)
    yield estimate("payments, mean", 414_444.676975, payer["metrics"]["outcome_payments"]["mean"], of_mean)
    p = 0.251738581969
    binds = payer["probabilities"]["cap_binds"]["value"]
    yield estimate("the cap cuts something", p, binds, math.sqrt(p * (1 - p) / DRAWS))


def c03() -> Iterator[Row]:
    results = rate_card("rate", "inputs: {rate: {beta: {alpha: 17.5, beta: 32.5}}}\n")
    summary = results.summary()
    report = summary["measures"]["jobs"]["reports"][0]
    k = np.arange(301)
    chances = betabinom.pmf(k, 300, 17.5, 32.5)
    of_mean, of_sd = moments(DRAWS, 105, k.astype(float), chances)
    mean_error = summary["parties"]["payer"]["metrics"]["outcome_payments"]["mc_error"] / 4000
    yield estimate("outcomes, mean", 105.0, report["mean"], mean_error, plain=of_mean)
    yield estimate("outcomes, standard deviation", 21.642142984, report["sd"], of_sd)
    shares = summary["variance_by_layer"]["payer.outcome_payments"]
    for layer, expected in (("inputs", 0.857142857143), ("people", 1 - 0.857142857143)):
        yield estimate(f"share of the variance from {layer}", expected, shares[layer], shares["mc_error"][layer])
    yield close("share of the variance from measurement", 0.0, shares["measurement"], 0)
    yield not_reported("variance as a multiple of the binomial's", 6.86274509804)


def threshold(effect: float) -> Results:
    text = deal(
        outcomes=f"{{result: {{type: score, each: cohort, better: more, over: 1 year, without: 0, with: {effect}}}}}",
        measures="{x: {of: result, as: average, error: 5 %}}",
        contract="{payments: {p: {measure: x, steps: [[10 %, 1 m]]}}}",
    )
    return run(text, n_draws=DRAWS)


def c04(effect: float, expected: float) -> Iterator[Row]:
    paid = threshold(effect).metric("payer", "outcome_payments") > 0
    yield estimate("the contract pays", expected, float(paid.mean()), math.sqrt(expected * (1 - expected) / DRAWS))


def c07() -> Iterator[Row]:
    mean, sd, low, high = 0.08, 0.0781, 0.02, 0.15
    text = deal(
        HEAD + f"inputs: {{effect: {{normal: {{mean: {mean}, sd: {sd}}}}}}}\n",
        outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: effect}}",
        contract="{payments: {p: {measure: x, per_point: 100 000, band: [2 %, 15 %]}}}",
    )
    results = run(text, n_draws=DRAWS)
    figure = results.summary()["parties"]["payer"]["metrics"]["outcome_payments"]
    paid = results.metric("payer", "outcome_payments")
    n = math.sqrt(DRAWS)
    yield estimate("payments, mean", 620_278.965734, figure["mean"], figure["mc_error"], plain=496_930.874923 / n)
    fourth = fourth_moment(mean, sd, low, high, 620_278.965734)
    of_sd = math.sqrt((fourth - 496_930.874923**4) / (4 * 496_930.874923**2)) / n
    yield spread("payments, standard deviation", 496_930.874923, paid, of_sd)
    for quantity, expected, seen in (
        ("nothing is paid", 0.221170572653, paid == 0),
        ("all is paid", 0.185049800451, paid > 1_299_999),
    ):
        share = metrics.estimate_share(seen)
        yield estimate(quantity, expected, share.value, share.mc_error, plain=math.sqrt(expected * (1 - expected)) / n)
    yield close("the most that is paid", 1_300_000.0, float(paid.max()), 1e-6)


def fourth_moment(mean: float, sd: float, low: float, high: float, centre: float) -> float:
    """Fourth central moment of a capped linear payment of 100,000 a point, by a fine sum over the normal."""
    u = (np.arange(200_000) + 0.5) / 200_000
    pays = 1e7 * np.clip(norm.ppf(u, mean, sd) - low, 0, high - low)
    return float(np.mean((pays - centre) ** 4))


def c09() -> Iterator[Row]:
    mean, log_sd = 420_000.0, 0.35
    text = deal(
        HEAD
        + f"inputs: {{worth: {{lognormal: {{mean: 420000, sd: {mean * math.sqrt(math.expm1(log_sd**2)):.9f}}}}}}}\n",
        outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: worth}}",
        contract="{payments: {p: {measure: x, per_unit: 1, band: [300 000, 600 000]}}}",
    )
    results = run(text, n_draws=DRAWS)
    figure = results.summary()["parties"]["payer"]["metrics"]["outcome_payments"]
    yield estimate("payments, mean", 117_052.061578, figure["mean"], figure["mc_error"])
    share = metrics.estimate_share(results.metric("payer", "outcome_payments") > 0)
    plain = math.sqrt(0.784168545929 * (1 - 0.784168545929) / DRAWS)
    yield estimate("something is paid", 0.784168545929, share.value, share.mc_error, plain=plain)


def c15() -> Iterator[Row]:
    """Of a full year's savings, 80 % are left a year later: the mean of both ends of a year is 0.9 of its beginning."""
    text = deal(
        HEAD + "horizon: 11 years\ndiscount_rate: 3.5 %\n",
        outcomes="{a: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: 1, lasts: {half_life: "
        f"{12 * math.log(0.5) / math.log(0.8):.12f} months}}}}}}",
        measures="none",
        benefits=f"{{b: {{of: a, kind: cashable, per: year, worth: {1000 / 0.9:.12f}}}}}",
    )
    results = run(text)
    yearly = [row["cashable_benefit"]["mean"] for row in results.summary()["yearly"]]
    yield close("savings of the first full year", 1000.0, yearly[2], 1e-6)
    yield close("savings of the tenth", 1000 * 0.8**9, yearly[11], 1e-6)
    yield close(
        "present value of ten years, a year before the first is booked",
        3931.40605102,
        npv(0.035, [0, *yearly[2:]]),
        1e-6,
    )
    whole = results.metric("payer", "cashable_benefit_pv")[0]
    first = 1000 / 0.9 / 2  # while the programme works up to its full effect
    yield close(
        "present value in the report, less the programme's own year", 3931.40605102, whole * 1.035 - first, 1e-6
    )
    yield not_reported("present value without end", 4255.31914894)


def c16() -> Iterator[Row]:
    points = {"low": 2.0, "mode": 3.0, "high": 8.0}
    for name, mean, sd in (("triangular", 13 / 3, 1.31233464567), ("pert", 11 / 3, 1.01574900037)):
        yield close(f"{name}, declared mean", mean, DISTRIBUTIONS[name].from_keys(points).mean)
        yield close(f"{name}, declared standard deviation", sd, DISTRIBUTIONS[name].from_keys(points).sd)
        text = deal(
            HEAD + f"inputs: {{v: {{{name}: {{low: 2, mode: 3, high: 8}}}}}}\n",
            contract="{payments: {p: {amount: v, at: 2021-01}}}",
        )
        drawn = run(text, n_draws=DRAWS).metric("payer", "outcome_payments")
        plain = sd / math.sqrt(DRAWS)
        figure = metrics.estimate_mean(drawn)
        yield estimate(f"{name}, mean over futures", mean, figure.value, figure.mc_error, plain=plain)
        yield spread(f"{name}, standard deviation over futures", sd, drawn, plain)


def c17() -> Iterator[Row]:
    cost = DISTRIBUTIONS["lognormal"].from_keys({"mean": 5000.0, "sd": 2000.0})
    yield close("declared mean", 5000.0, cost.mean, 1e-6)
    yield close("declared standard deviation over mean", 0.4, cost.sd / cost.mean)
    yield close("95 % quantile", 8748.76881933, float(cost.ppf(np.array([0.95]))[0]), 1e-5)
    log = np.log(cost.ppf(norm.cdf(np.array([0.0, 1.0]))))
    yield close("mean of the logarithm", 8.44298318886, float(log[0]))
    yield close("standard deviation of the logarithm", 0.38525317016, float(log[1] - log[0]))
    text = deal(
        HEAD + "inputs: {cost: {lognormal: {mean: 5000, sd: 2000}}}\n",
        costs="{c: {amount: cost, by: payer, to: outside}}",
        measures="none",
    )
    figure = run(text, n_draws=DRAWS).summary()["parties"]["payer"]["metrics"]["own_costs"]
    n = math.sqrt(DRAWS)
    yield estimate("mean over futures", 5000.0, figure["mean"], figure["mc_error"], plain=2000 / n)
    density = norm.pdf(norm.ppf(0.95)) / (0.38525317016 * 8748.76881933)
    plain = math.sqrt(0.95 * 0.05) / density / n
    yield estimate("95 % quantile over futures", 8748.76881933, figure["p95"], figure["mc_errors"]["p95"], plain=plain)


CASES = (
    Case("C01", "a price per outcome: 300 people, 35 %, 4,000 each", OWN, c01),
    Case("C02", "the same, at most 110 outcomes paid", "exact enumeration", c02),
    Case("C03", "an uncertain success rate: one rate a programme, not one a person", OWN, c03),
    Case("C04a", "threshold 10 %, error 5 points, true effect 0", OWN, lambda: c04(0.0, 0.0227501319482)),
    Case("C04b", "the same with a true effect of 10 %", OWN, lambda: c04(0.10, 0.5)),
    Case("C04c", "the same with a true effect of 15 %", OWN, lambda: c04(0.15, 0.841344746069)),
    Case("C07", "pay per point between 2 % and 15 % on a normal result", "Bachelier's formula", c07),
    Case("C09", "a result in money, lognormal, paid between 300,000 and 600,000", "Black's formula", c09),
    Case("C15", "savings that lose a fifth a year, ten years at 3.5 %", "geometric series", c15),
    Case("C16", "triangular and PERT inputs for 2, 3, 8", OWN, c16),
    Case("C17", "a lognormal cost from its mean and standard deviation", OWN, c17),
)
