"""Inputs that hang together: rank correlations and joint bad tails under the normal and the t copula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from sibsim.context import begin
from sibsim.draws import Streams, correlate, correlation_matrix
from sibsim.draws.copula import pearson, t_spearman
from sibsim.errors import ScenarioError
from sibsim.scenario import Correlation
from tests.support import LIMIT, deal, run, scenario

CASE_DF, CASE_R, CASE_LIMIT = 4.0, 0.3, 0.161757484652
"""Case E08 of the known answers: tail dependence of a t copula, 2 T5(-sqrt(5 * 0.7 / 1.3))."""


def joint_tail(q: float, r: float, df: float) -> float:
    """The chance that both of two t copula uniforms are below q, exact.

    Given the first t value x, the second is a stretched t with one degree of freedom more:
    ``(y - r x) / sqrt((1 - r^2) (df + x^2) / (df + 1)) ~ T(df + 1)``. The integral is over the first uniform.
    """
    end = stats.t.ppf(q, df)

    def given(u: float) -> float:
        x = stats.t.ppf(u, df)
        return float(stats.t.cdf((end - r * x) / math.sqrt((1 - r * r) * (df + x * x) / (df + 1)), df + 1))

    return integrate.quad(given, 0.0, q, epsabs=0.0, epsrel=1e-10)[0]


def pairs(df: float | None, r: float, n_replicates: int) -> tuple[np.ndarray, np.ndarray]:
    """Plain draws of two correlated uniforms; ``r`` is the correlation of their scores."""
    streams = Streams(11, range(n_replicates))
    u = {name: streams.uniform("inputs", name)[0] for name in ("a", "b")}
    rank = 6.0 / math.pi * math.asin(r / 2.0) if df is None else t_spearman(r, df)
    shared = streams.uniform("inputs", "shared")[0]
    out = correlate(u, [Correlation(("a", "b"), rank)], df, None if df is None else shared)
    return out["a"], out["b"]


def test_tail_dependence_of_case_e08():
    """The closed form, the limit of the exact chance, and draws at finite quantiles."""
    closed = 2.0 * stats.t.cdf(-math.sqrt((CASE_DF + 1) * (1 - CASE_R) / (1 + CASE_R)), CASE_DF + 1)
    assert closed == pytest.approx(CASE_LIMIT, abs=1e-9)
    ratios = [joint_tail(q, CASE_R, CASE_DF) / q for q in (1e-2, 1e-4, 1e-6, 1e-8)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] == pytest.approx(CASE_LIMIT, abs=5e-4)
    a, b = pairs(CASE_DF, CASE_R, 200)
    for q in (0.005, 0.01, 0.05):
        exact = joint_tail(q, CASE_R, CASE_DF)
        for low in ((a < q) & (b < q), (a > 1 - q) & (b > 1 - q)):  # both tails alike
            assert abs(low.mean() - exact) < LIMIT * math.sqrt(exact * (1 - exact) / len(a))
    # another road: two normal scores, stretched by one chi-square draw
    normal = stats.multivariate_normal(cov=[[1.0, CASE_R], [CASE_R, 1.0]])
    end = stats.t.ppf(0.01, CASE_DF)
    whole, _ = integrate.quad(
        lambda w: normal.cdf([end * math.sqrt(w / 4.0)] * 2) * stats.chi2.pdf(w, 4), 0, 60, points=[0.5, 3], limit=100
    )
    assert joint_tail(0.01, CASE_R, CASE_DF) == pytest.approx(whole, rel=1e-5)


def test_the_normal_copula_has_no_tail_dependence():
    a, b = pairs(None, CASE_R, 200)
    q = 0.01
    exact = float(stats.multivariate_normal(cov=[[1, CASE_R], [CASE_R, 1]]).cdf([stats.norm.ppf(q)] * 2))
    assert abs(((a < q) & (b < q)).mean() - exact) < LIMIT * math.sqrt(exact / len(a))
    assert exact / q < 0.06  # against 0.19 of the t copula, and on its way to 0
    assert joint_tail(q, CASE_R, 1e5) == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("df", [1.0, 2.5, 4.0, 30.0, 100.0])
def test_spearman_of_the_t_copula_equals_twelve_times_its_double_integral(df):
    """``rho = 12 E[u v] - 3``: here v is averaged by the conditional law, u by quadrature; another road altogether."""
    r = 0.6
    nodes, weights = np.polynomial.legendre.leggauss(160)
    u, w = (nodes + 1) / 2, weights / 2
    x = stats.t.ppf(u, df)
    stretch = np.sqrt((1 - r * r) * (df + x * x) / (df + 1))
    y = r * x[:, None] + stretch[:, None] * stats.t.ppf(u, df + 1)[None, :]
    product = float(w @ (u[:, None] * stats.t.cdf(y, df)) @ w)
    assert 12 * product - 3 == pytest.approx(t_spearman(r, df), abs=3e-5)


@pytest.mark.parametrize("df", [1.0, 4.0, 50.0])
@pytest.mark.parametrize("rank", [-1.0, -0.7, -0.05, 0.0, 0.3, 0.95, 1.0])
def test_the_correlation_solved_for_gives_the_rank_back(rank, df):
    assert t_spearman(pearson(rank, df), df) == pytest.approx(rank, abs=1e-12)
    assert pearson(-rank, df) == pytest.approx(-pearson(rank, df), abs=1e-12)


def test_many_degrees_of_freedom_are_the_normal_copula():
    assert pearson(0.4, 1e6) == pytest.approx(2 * math.sin(math.pi * 0.4 / 6), abs=1e-6)


# ------------------------------------------------------------------------------------------------ from a file
INPUTS = (
    "{a: {lognormal: {median: 10, sd: 5}}, b: {uniform: {low: 1, high: 3}}, c: {gamma: {mean: 5, sd: 2}}, "
    "d: {normal: {mean: 5, sd: 1}}}"
)
RANKS = {("a", "b"): 0.5, ("b", "c"): -0.6, ("a", "c"): 0.1}


def file(copula: str, ranks: dict[tuple[str, str], float] = RANKS) -> str:
    rows = ", ".join(f"{{between: [{a}, {b}], rank: {rank}}}" for (a, b), rank in ranks.items())
    payments = ", ".join(f"{n}: {{amount: {n}, at: 2021-01}}" for n in "abcd")
    return deal(inputs=INPUTS, contract=f"{{payments: {{{payments.replace('a: {', 'pa: {', 1)}}}}}".replace(
        " b: {", " pb: {").replace(" c: {", " pc: {").replace(" d: {", " pd: {")) + (
        f"correlations: [{rows}]\n{copula}")  # fmt: skip


@pytest.mark.key("file.correlations", "correlations.between", "correlations.rank", "file.copula", "copula.t")
@pytest.mark.parametrize("copula", ["", "copula: normal\n", "copula: {t: 4}\n"])
def test_rank_correlations_in_large_samples_are_those_asked_for(copula):
    found = scenario(file(copula))
    values = begin(found, Streams(3, range(64)), "random").inputs
    n = 64 * 1024
    for (a, b), rank in RANKS.items():
        rho = stats.spearmanr(values[a], values[b]).statistic
        # the variance of Spearman's rho is below 1 / n times a little for a t copula's heavier corners
        assert abs(rho - rank) < LIMIT * 1.5 / math.sqrt(n), (a, b)
    for name in "abc":
        law = next(i for i in found.inputs if i.name == name).distribution
        u = law.cdf(values[name])
        assert stats.kstest(u, "uniform").pvalue > 1e-5  # each keeps its own distribution
        assert abs(stats.spearmanr(values[name], values["d"]).statistic) < LIMIT / math.sqrt(n)


def test_lattice_draws_have_the_ranks_too():
    values = begin(scenario(file("copula: {t: 4}\n")), Streams(3, range(64))).inputs
    for (a, b), rank in RANKS.items():
        assert stats.spearmanr(values[a], values[b]).statistic == pytest.approx(rank, abs=0.02)


def test_inputs_that_are_not_named_keep_their_draws_and_the_normal_copula_is_the_default():
    plain, normal, t = (
        begin(scenario(file(c)), Streams(3, range(8))).inputs for c in ("", "copula: normal\n", "copula: {t: 4}\n")
    )
    assert all((plain[n] == normal[n]).all() for n in "abcd")
    assert (plain["d"] == t["d"]).all()
    assert (plain["a"] != t["a"]).any()


def test_one_bad_draw_is_bad_for_all_that_share_it():
    """With rank 0 the normal copula is independence; the t copula still shares its chi-square draw."""
    zero = {("a", "b"): 0.0}
    tails = {}
    for copula in ("", "copula: {t: 2}\n"):
        found = scenario(file(copula, zero))
        values = begin(found, Streams(5, range(64)), "random").inputs
        u = [next(i for i in found.inputs if i.name == n).distribution.cdf(values[n]) for n in "ab"]
        tails[copula] = float(((u[0] < 0.02) & (u[1] < 0.02)).mean())
    n = 64 * 1024
    assert abs(tails[""] - 0.0004) < LIMIT * math.sqrt(0.0004 / n)
    exact = joint_tail(0.02, 0.0, 2.0)
    assert exact > 0.003
    assert abs(tails["copula: {t: 2}\n"] - exact) < LIMIT * math.sqrt(exact / n)


@pytest.mark.key("correlations.rank", "copula.t")
@pytest.mark.parametrize("df", [4.0, None])
def test_money_in_a_joint_bad_tail(df):
    """10 000 is paid if both costs are among their worst 2 %: the exact chance of that, times 10 000."""
    rank = 6 / math.pi * math.asin(0.15) if df is None else t_spearman(0.3, df)
    text = deal(
        inputs="{a: {uniform: {low: 0, high: 100}}, b: {uniform: {low: 0, high: 100}}}",
        contract="{payments: {first: {amount: a, at: 2021-01}, second: {amount: b, at: 2021-01}, "
        "both: {amount: 10 000, at: 2022-01, by: city, if: {first: above 98, second: above 98}}}}",
    )
    text += f"correlations: [{{between: [a, b], rank: {rank:.12f}}}]\n" + (f"copula: {{t: {df}}}\n" if df else "")
    paid = run(text, n_draws=65_536, sampling="random").metric("city", "outcome_payments")
    exact = joint_tail(0.02, 0.3, df or 1e5)
    assert abs(paid.mean() / 10_000 - exact) < LIMIT * math.sqrt(exact / len(paid))


def test_a_t_copula_without_correlations_is_warned_of():
    found = scenario(deal(inputs="{a: 3}", contract="{payments: {fee: {amount: a, at: 2021-01}}}") + "copula: {t: 4}\n")
    assert any(w.startswith("copula: has no effect") for w in found.warnings)


@pytest.mark.parametrize(
    ("copula", "says"),
    [
        ("{t: 0.5}", "must be from 1 to 100"),
        ("{t: 4 %}", "is a percent"),
        ("{t: a}", "must be a number from 1 to 100"),
        ("t", "must be normal or {t: degrees of freedom}"),
        ("{clayton: 2}", "unknown key"),
        ("[t, 4]", "must be normal or {t: degrees of freedom}"),
    ],
)
def test_copulas_that_cannot_be_are_refused(copula, says):
    with pytest.raises(ScenarioError) as caught:
        scenario(file(f"copula: {copula}\n"))
    assert any(says in p.message for p in caught.value.problems), str(caught.value)


def test_a_matrix_that_cannot_exist_under_t_is_repaired_and_told():
    ranks = [Correlation(("a", "b"), 0.9), Correlation(("b", "c"), 0.9), Correlation(("a", "c"), 0.6)]
    assert correlation_matrix(ranks, 4.0).moved > 0.0
    found = scenario(file("copula: {t: 4}\n", {c.between: c.rank for c in ranks}))
    assert any("cannot all hold together" in w for w in found.warnings)
