"""Products and sums of values: what they are worth in each future, their units, and what the file may say of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.distributions import Combined, Fixed, Normal, Uniform
from sibsim.draws.streams import Streams
from sibsim.errors import ModelError, ScenarioError
from sibsim.loading import check_file
from sibsim.scenario import Scenario
from tests.support import LIMIT, deal, moved, run, scenario

TEST = Path(__file__)


def drawn(found: Scenario, replicates: int = 8) -> dict[str, np.ndarray]:
    return begin(found, Streams(1, range(replicates))).inputs


def fee(inputs: str, amount: str, more: str = "") -> str:
    return deal(inputs=inputs, contract=f"{{payments: {{fee: {{amount: {amount}, at: 2021-01{more}}}}}}}")


# ------------------------------------------------------------------------------------------------ money, by hand
@pytest.mark.key("inputs.product", "inputs.sum", "inputs.value")
@pytest.mark.parametrize(
    ("inputs", "amount", "more", "pays"),
    [
        ("{cost: 4 000, total: {product: [cost, 75 %]}}", "total", "", 3000.0),
        ("{total: {product: [cost, 75 %]}, cost: 4 000}", "total", "", 3000.0),  # named before it stands there
        ("{cost: 2 k}", "{product: [cost, 3, 50 %]}", "", 3000.0),
        ("{cost: {value: 2 k, source: A}}", "{value: {product: [cost, 2]}, status: assumed}", "", 4000.0),
        ("{a: 300, b: 45.5}", "{sum: [a, b, 4.5]}", "", 350.0),
        ("{a: 300, b: 2}", "{sum: [{product: [a, b]}, {product: [a, -1]}]}", "", 300.0),  # 600 less 300
        ("{a: 300, b: {sum: [a, 100]}, c: {product: [b, b]}}", "c", "", 160_000.0),
        ("{p: 40 %}", "{product: [p, 50 %]}", ", of: 10 k", 2000.0),  # a fifth of 10 000
        ("{p: 40 %}", "{sum: [p, 5 %]}", ", of: 10 k", 4500.0),
        ("{p: 40 %}", "{2020-01: {product: [p, 1 k]}, 2021-01: {product: [p, 2 k]}}", "", 800.0),  # over time
    ],
)
def test_what_products_and_sums_pay(inputs, amount, more, pays):
    sources = {"sources": "{A: {title: B}}"} if "source:" in inputs else {}
    text = fee(inputs, amount, more) + "".join(f"{key}: {value}\n" for key, value in sources.items())
    table = moved(run(text))
    assert table["fee", "payer", "provider"] == {1: pytest.approx(pays)}


def test_each_future_has_the_product_of_its_own_values():
    text = fee("{a: {uniform: {low: 1, high: 3}}, b: {sum: [a, {normal: {mean: 5, sd: 1}}]}}", "{product: [a, b, 10]}")
    found = scenario(text)
    values = drawn(found)
    assert [i.name for i in found.inputs] == ["a", "b", "inputs.b.sum.2", "contract.payments.fee.amount"]
    assert (values["b"] == values["a"] + values["inputs.b.sum.2"]).all()
    assert (values["contract.payments.fee.amount"] == values["a"] * values["b"] * 10.0).all()
    # what is worked out has no dimension of the lattice, so what is drawn keeps its own
    assert [i.dimension for i in found.inputs] == [0, None, 1, None]


def test_a_product_moves_no_draw_of_another_input():
    plain = drawn(scenario(fee("{a: {uniform: {low: 1, high: 3}}, c: {uniform: {low: 0, high: 1}}}", "{sum: [a, c]}")))
    more = fee(
        "{t: {product: [a, 2]}, a: {uniform: {low: 1, high: 3}}, c: {uniform: {low: 0, high: 1}}}", "{sum: [t, c]}"
    )
    assert all((drawn(scenario(more))[name] == plain[name]).all() for name in "ac")


def test_the_report_says_the_mean_and_sd_of_the_draws():
    """a ** 2 of an even a from 0 to 1: mean 1/3, sd sqrt(1/5 - 1/9) = 0.2981; of two draws 1/4."""
    results = run(fee("{a: {uniform: {low: 0, high: 1}}, b: {product: [a, a]}}", "{product: [b, 900]}"))
    told = {i["name"]: i for i in results.summary()["inputs"]}
    assert told["b"]["mean"] == pytest.approx(1 / 3, abs=1e-4)
    assert told["b"]["sd"] == pytest.approx(math.sqrt(4 / 45), rel=1e-2)
    assert told["b"]["describe"].startswith("a x a, median 0.2")
    assert results.summary()["assumed"] == ["a"]
    assert {d["input"] for d in results.summary()["drivers"]} <= {"a"}
    paid = results.metric("payer", "outcome_payments")
    assert abs(paid.mean() - 300.0) < LIMIT * 900 * 0.2981 / math.sqrt(len(paid))


def test_moments_and_ends_of_independent_parts():
    both = Combined("product", (Uniform(1.0, 3.0), Normal(5.0, 2.0), Fixed(-1.0)))
    # E[x^2] = 1/3 + 4, E[y^2] = 4 + 25: variance 13/3 * 29 - 100
    assert (both.mean, both.sd) == pytest.approx((-10.0, math.sqrt(13 / 3 * 29 - 100)))
    assert both.support == (-math.inf, math.inf)
    assert Combined("product", (Uniform(-1.0, 2.0), Uniform(-3.0, 4.0))).support == (-6.0, 8.0)
    total = Combined("sum", (Uniform(1.0, 3.0), Uniform(10.0, 20.0)))
    assert (total.mean, total.sd) == pytest.approx((17.0, math.sqrt(4 / 12 + 100 / 12)))
    assert total.support == (11.0, 23.0)


# ------------------------------------------------------------------------------------------------ refusals
SHARE = (
    "{events: {type: event, better: fewer, without: 40 %, with: 30 %, over: 1 year}}",
    "{size: 100, duration: 1 year, take_up: SHARE}",
)


def problems(tmp_path: Path, text: str) -> str:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value.problems[0].message


@pytest.mark.parametrize(
    ("inputs", "amount", "says"),
    [
        ("{a: {product: [b, 2]}, b: {sum: [c, 1]}, c: {product: [a, 3]}}", "a", "in a circle: 'a', 'b' and 'c'"),
        ("{a: {sum: [a, 1]}}", "a", "'a' would be made of 'a' itself"),
        ("{a: 2 k}", "{product: [a, 3 m]}", "money times money has no meaning"),
        ("{a: 2 k}", "{sum: [a, 5 %]}", "a percent (5 %) and what is none cannot be added"),
        ("{a: 2}", "{sum: [a, 5 %]}", "a percent (5 %) and what is none cannot be added"),
        ("{a: 2}", "{product: [a]}", "expected a list of two values or more"),
        ("{a: 2}", "{product: 3}", "expected a list of two values or more"),
        ("{a: 2}", "{product: [a, 3], of: 2}", "unknown key beside 'product'"),
        ("{a: 2}", "{product: [a, {2020-01: 3}]}", "this value cannot change over time"),
        ("{a: 2}", "{product: [a, payer]}", "'payer' is a party; a number must stand here"),
        ("{a: 2}", "{product: [a, 900 bn, 900 bn]}", "money times money"),
        ("{a: 2}", "{product: [a, 900 000 000 000 000, 9]}", "is too large"),
        ("{a: {product: [2, 40 %]}}", "{product: [a, {product: [2]}]}", "expected a list of two values or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_said(tmp_path, inputs, amount, says):
    assert says in problems(tmp_path, fee(inputs, amount))


def test_long_chains_and_bushy_trees_are_refused(tmp_path):
    chain = [f"a{i}: {{sum: [a{i + 1}, 1]}}" for i in range(30)]
    says = "more than 20 products and sums build on each other"
    assert says in problems(tmp_path, fee(f"{{{', '.join(chain)}, a30: 1}}", "a0"))
    assert says in problems(tmp_path, fee(f"{{a30: 1, {', '.join(reversed(chain))}}}", "a0"))
    tree = ", ".join(f"b{i}: {{sum: [b{i + 1}, b{i + 1}]}}" for i in range(10))
    assert "builds on more than 100 values" in problems(tmp_path, fee(f"{{{tree}, b10: 1}}", "b3"))


def test_a_product_too_large_for_a_number_is_told_in_the_run():
    wild = "{lognormal: {median: 1, interval_95: [0.000 001, 1 000 000]}}"
    wild = wild.replace("0.000 001", "0.000001")
    text = fee(f"{{w: {wild}}}", f"{{product: [{', '.join(['w'] * 80)}]}}")
    with pytest.raises((ModelError, ScenarioError), match="too large"):
        run(text)


@pytest.mark.parametrize(
    ("share", "says"),
    [
        ("{product: [{uniform: {low: 80 %, high: 90 %}}, 2]}", "but this is 1.6 to 1.8"),
        ("{sum: [80 %, 30 %]}", "but this is 110 %"),
        ("{product: [{normal: {mean: 90 %, sd: 2 %}}, 150 %]}", "but this is 135 % on average"),
    ],
)
def test_impossible_shares_are_refused_by_their_ends(tmp_path, share, says):
    outcomes, people = SHARE
    text = deal(outcomes=outcomes, participants=people.replace("SHARE", share), measures="none")
    assert says in problems(tmp_path, text)


def test_a_share_that_stands_twice_is_judged_by_its_mean():
    """p (1 - p) and p less p: interval arithmetic makes the ends too wide, which is no reason to refuse."""
    outcomes, people = SHARE
    p = "{uniform: {low: 30 %, high: 60 %}}"
    share = "{sum: [p, {product: [-50 %, p]}]}"
    text = deal(inputs=f"{{p: {p}}}", outcomes=outcomes, participants=people.replace("SHARE", share), measures="none")
    assert scenario(text).inputs[1].distribution.mean == pytest.approx(0.225)


def test_worked_out_inputs_cannot_be_correlated(tmp_path):
    text = fee("{a: {uniform: {low: 1, high: 3}}, b: {product: [a, 2]}}", "b")
    text += "correlations: [{between: [a, b], rank: 0.3}]\n"
    assert "'b' is worked out of other inputs" in problems(tmp_path, text)
