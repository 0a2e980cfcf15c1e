"""Terms of made-up contracts against the statistics that they are drawn from."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from scipy.stats import spearmanr

from sibsim.errors import ModelError
from sibsim.reference import Asked, Terms, Way, draw_terms, files, terms_of
from sibsim.reference import statistics as known
from sibsim.reference.drawing import DOLLARS_A_POUND, REVOLVING
from sibsim.reference.planning import PLANNED, USED, cumulative, plan_revolving

N = 2_000
AT_TENTH = math.sqrt(0.09) / 0.17549833  # of a normal's 10 % or 90 % quantile, in sd: sqrt(p (1 - p)) / density
AT_MEDIAN = 0.5 * math.sqrt(2.0 * math.pi)
OF = {"capital": known.CAPITAL, "months": known.DURATION, "users": known.USERS, "metrics": known.METRICS}


@cache
def everything() -> tuple[Terms, ...]:
    return tuple(draw_terms(11, number) for number in range(1, N + 1))


@cache
def drawn(what: str) -> np.ndarray:
    return np.array([getattr(one, what) for one in everything()])


@cache
def ratios(kind: str) -> np.ndarray:
    return np.array([one.most / one.capital for one in everything() if kind in (one.kind, "both")])


@pytest.mark.parametrize("what", OF)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_quantiles_are_those_of_the_table(what: str, share: float) -> None:
    """Within 4.5 standard errors of both samples, in logarithms; of counts and quarters also within one of them."""
    spread = OF[what]
    got = float(np.quantile(drawn(what), share))
    asked = {0.1: spread.p10, 0.5: spread.median, 0.9: spread.p90}[share]
    sd = math.log(spread.p90 / spread.p10) / 2.5631
    se = sd * (AT_MEDIAN if share == 0.5 else AT_TENTH) * math.sqrt(1.0 / spread.n + 1.0 / N)
    coarse = {"months": 1.5, "metrics": 1.0}.get(what, 0.0)
    assert abs(got - asked) <= coarse or abs(math.log(got / asked)) < 4.5 * se


@pytest.mark.parametrize("what", ["capital", "months", "users"])
def test_medians_lie_in_the_published_intervals(what: str) -> None:
    low, high = OF[what].median_95
    coarse = 1.5 if what == "months" else 0.0  # whole quarters
    assert low - coarse <= np.median(drawn(what)) <= high + coarse


def test_mean_number_of_metrics() -> None:
    metrics = drawn("metrics")
    assert abs(metrics.mean() - known.METRICS_MEAN) < 4.5 * metrics.std() / math.sqrt(N)


@pytest.mark.parametrize(("one", "other"), known.RANKS)
def test_rank_correlations(one: str, other: str) -> None:
    asked, _ = known.RANKS[one, other]
    name = {"duration": "months"}
    got = spearmanr(drawn(name.get(one, one)), drawn(name.get(other, other))).statistic
    assert abs(math.atanh(got) - math.atanh(asked)) < 4.5 * 1.03 / math.sqrt(N - 3)


def test_what_hangs_on_nothing() -> None:
    got = spearmanr(drawn("users"), drawn("metrics")).statistic
    assert abs(got) < 4.5 / math.sqrt(N - 1)


def test_shares_of_the_two_types() -> None:
    share = np.mean(drawn("kind") == "B")
    assert abs(share - 58 / 85) < 4.5 * math.sqrt(REVOLVING * (1 - REVOLVING) / N)
    exactly = np.mean(ratios("A") == 1.0)
    assert abs(exactly - 0.22) < 4.5 * math.sqrt(0.22 * 0.78 / len(ratios("A")))
    assert ratios("A").max() <= 1.5 * 1.01
    assert ratios("B").min() >= 1.5 / 1.01  # both money figures are rounded to three digits


def test_most_that_is_paid_by_capital() -> None:
    """The two types together give the table of all: 1.10, 2.76 [1.90, 3.43], 7.6; 32 % up to 1.5, 48 % above 3."""
    ratio = ratios("both")
    low, high = known.RATIO.median_95
    assert low <= np.median(ratio) <= high
    assert abs(np.quantile(ratio, 0.1) - 1.10) < 0.05
    assert abs(math.log(np.quantile(ratio, 0.9) / 7.6)) < 4.5 * 0.55 * AT_TENTH * math.sqrt(1 / 85 + 1 / N)
    for share, asked in ((np.mean(ratio <= 1.5), 0.32), (np.mean(ratio > 3), 0.48)):
        assert abs(share - asked) < 4.5 * math.sqrt(asked * (1 - asked) * (1 / 85 + 1 / N))


def test_prices_of_rate_cards() -> None:
    """Of one metric each, in pounds: lognormal (6.92, 1.05), but for the rounding of the target."""
    lines = [line for one in terms_of(Asked(600, seed=4, kind="B")) for line in one.lines]
    logs = np.log([line.price / DOLLARS_A_POUND for line in lines if line.target >= 20])
    mean, sd = known.PRICE_LOGNORMAL
    assert abs(logs.mean() - mean) < 4.5 * sd / math.sqrt(len(logs)) + 0.05  # dear ones have few outcomes: left out
    assert abs(logs.std() / sd - 1.0) < 0.1


def test_highest_returns() -> None:
    rates = np.array([one.rate for one in everything() if one.kind == "B"])
    low, median, high = known.MAX_RETURN
    assert rates.min() >= low
    assert rates.max() <= high
    assert abs(np.median(rates) - median) < 4.5 * 0.033 * AT_MEDIAN / math.sqrt(len(rates))


def test_fields_are_as_frequent_as_in_the_database() -> None:
    total = sum(known.FIELDS.values())
    for name, count in known.FIELDS.items():
        share = np.mean(drawn("field") == name)
        assert abs(share - count / total) < 4.5 * math.sqrt(count / total * (1 - count / total) / N)


# ------------------------------------------------------------------------------------------------ the plan
def test_the_s_curve_is_that_of_the_table() -> None:
    errors = [cumulative(share) - seen for share, seen in known.S_CURVE_SEEN.items()]
    assert math.sqrt(sum(error**2 for error in errors) / len(errors)) < 0.016
    assert max(map(abs, errors)) < 0.03


@pytest.mark.parametrize(("ratio", "n", "first"), [(1.6, 40, 1), (2.8, 13, 2), (4.0, 20, 3), (7.6, 4, 3), (12.0, 9, 2)])
def test_a_plan_needs_its_capital_and_pays_its_lenders(ratio: float, n: int, first: int) -> None:
    """Of 1 m: the need is four fifths at most, the return that of the rate, and payments come when they should."""
    plan = plan_revolving(ratio * 1e6, 1e6, n, first, 0.08)
    flows = plan.lenders(PLANNED * ratio * 1e6)
    assert plan.need(PLANNED * ratio * 1e6) <= USED * 1e6 * 1.00001
    assert abs(sum(flow * 1.08 ** (-k / 4) for k, flow in enumerate(flows))) < 1.0
    assert math.isclose(sum(plan.payments), 1.0)
    assert plan.first <= first


# ------------------------------------------------------------------------------------------------ files
def test_fewer_contracts_are_the_first_of_more() -> None:
    few, more = dict(files(Asked(2, seed=3))), dict(files(Asked(3, seed=3)))
    assert list(more) == ["contract-001.yaml", "contract-002.yaml", "contract-003.yaml", "portfolio.yaml"]
    assert all(more[name] == text for name, text in few.items() if name != "portfolio.yaml")
    assert few == dict(files(Asked(2, seed=3)))
    assert few != dict(files(Asked(2, seed=4)))


def test_the_type_changes_only_what_hangs_on_it() -> None:
    a, b = (draw_terms(5, 9, kind) for kind in "AB")
    for what in ("capital", "months", "users", "metrics", "field", "begins"):
        assert getattr(a, what) == getattr(b, what)
    assert a.most / a.capital < b.most / b.capital


def test_another_currency_is_the_same_contract() -> None:
    dollars, crowns = (dict(files(Asked(1, 3, "A", way=way))) for way in (Way(), Way(currency="SEK", dollar=10.0)))
    terms = draw_terms(3, 1, "A")
    assert f"{round(terms.capital):,}".replace(",", " ") in dollars["contract-001.yaml"]
    assert f"{round(terms.capital * 10):,}".replace(",", " ") in crowns["contract-001.yaml"]
    assert "currency: SEK" in crowns["portfolio.yaml"]


@pytest.mark.parametrize("wrong", [{"number": 0}, {"number": 1_000}, {"number": 1, "correlation": 1.0}])
def test_what_cannot_be_made_up(wrong: dict[str, float]) -> None:
    with pytest.raises(ModelError):
        Asked(**wrong)  # type: ignore[arg-type]
