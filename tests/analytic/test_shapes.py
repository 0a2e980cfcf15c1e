"""Payment shapes: hand calculations, the published Rikers ladder, and the bounds each shape declares."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibsim.shapes import SHAPES

# Rikers Island, reduction in jail days and payment in millions of dollars: first row not reached, nothing
LADDER = [(0.085, False, 4.8), (0.10, False, 9.6), (0.11, False, 10.08), (0.12, False, 10.176), (0.13, False, 10.368)]
RAMP = [(None, False, 0.5), (0.5, False, 1.0), (1.0, False, 3.0), (1.4, False, 2.0)]

PARAMETERS = {
    "amount": [10.0, 0.0, -3.0],
    "per_unit": [15.12, 0.0, -2.0],
    "per_point": [160_000.0, -1.0],
    "share": [0.5, 0.0, 1.0],
    "prices": [(900.0,), (900.0, 2600.0), (0.0, 0.0), (-1.0, -2.0)],
    "steps": [
        LADDER,
        [(None, False, 1.0), (0.0, True, 2.0)],
        [(0.1, False, 5.0), (0.2, False, 3.0)],
        [(0.1, False, -1.0)],
        [],
    ],
    "line": [
        RAMP,
        [(0.0, False, 0.0), (1.0, False, 10.0)],
        [(0.0, True, 2.0)],
        [(None, False, 4.0)],
        [(0.0, False, 0.0), (0.5, False, 1.0), (0.5, False, 3.0), (1.0, False, 4.0)],
    ],
}
FLAT = [(name, parameter) for name, parameters in PARAMETERS.items() for parameter in parameters]


def test_every_shape_has_cases_and_its_own_name():
    assert set(PARAMETERS) == set(SHAPES)
    assert all(shape.name == name for name, shape in SHAPES.items())
    assert [name for name, shape in SHAPES.items() if not shape.needs_x] == ["amount"]
    assert [name for name, shape in SHAPES.items() if shape.parameter == "rows"] == ["steps", "line"]


@pytest.mark.key("payments.share", "payments.prices")
def test_a_share_of_money_and_several_prices_at_once():
    assert SHAPES["share"].pays([281_550.0, 0.0, -5.0], 0.95).tolist() == pytest.approx([267_472.5, 0.0, 0.0])
    # 3 entries at 900 and 2 jobs at 2,600; a count below 0 counts as 0
    counts = (np.array([3.0, 0.0, 3.0]), np.array([2.0, 1.0, -1.0]))
    assert SHAPES["prices"].pays(counts, (900.0, 2600.0)).tolist() == [7900.0, 2600.0, 2700.0]
    assert float(SHAPES["prices"].pays(2.0, (900.0, 2600.0))) == 7000.0
    assert SHAPES["prices"].bounds((900.0, 0.0)) == (0.0, math.inf)
    assert SHAPES["prices"].bounds((900.0, -1.0)) == (-math.inf, math.inf)


@pytest.mark.parametrize(("name", "parameter"), FLAT)
def test_payments_lie_within_the_declared_bounds_and_reach_them(name, parameter):
    shape = SHAPES[name]
    x = np.concatenate([np.linspace(-3.0, 3.0, 61), [-1e9, 1e9]])  # every corner is among them
    pays = shape.pays(x, parameter)
    low, high = shape.bounds(parameter)
    assert pays.shape == x.shape
    assert low <= pays.min()
    assert pays.max() <= high
    if math.isfinite(low):
        assert pays.min() == pytest.approx(low)
    if math.isfinite(high):
        assert pays.max() == pytest.approx(high)
    assert (math.isinf(low), math.isinf(high)) == (pays.min() < -1e8, pays.max() > 1e8)


@pytest.mark.parametrize(("name", "parameter"), FLAT)
def test_one_draw_alone_is_paid_as_among_others(name, parameter):
    x = np.linspace(-1.0, 2.0, 31)
    together = SHAPES[name].pays(x, parameter)
    assert [float(SHAPES[name].pays(one, parameter)) for one in x] == together.tolist()


def test_an_amount_needs_no_measure():
    assert float(SHAPES["amount"].pays(None, 10.48)) == 10.48
    assert SHAPES["amount"].pays(None, np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
    assert SHAPES["amount"].pays(np.array([0.1, 0.2, 0.3]), 5.0).tolist() == [5.0, 5.0, 5.0]


def test_a_price_by_unit_and_by_percentage_point():
    assert SHAPES["per_unit"].pays([20.0, 0.0, -4.0], 15.5).tolist() == [310.0, 0.0, 0.0]
    assert SHAPES["per_point"].pays([0.084, -0.02], 160_000.0).tolist() == pytest.approx([1_344_000.0, 0.0])


def test_a_threshold_that_is_hit_exactly_pays():
    """135 of 150 is a reduction of 10 %, though 1 - 135/150 is 0.0999...98 in binary: 9.6 m, not 4.8 m."""
    reductions = [1 - 135 / 150, 1 - 183 / 200, 1 - 178 / 200, 1 - 132 / 150]
    assert reductions[0] < 0.10
    assert SHAPES["steps"].pays(reductions, LADDER).tolist() == [9.6, 4.8, 10.08, 10.176]
    assert SHAPES["steps"].pays([0.0849, 0.0999, 0.5], LADDER).tolist() == [0.0, 4.8, 10.368]


def test_above_is_strict_and_at_least_is_not():
    at_least, above = [(0.0, False, 7.0)], [(0.0, True, 7.0)]
    x = [-1e-6, -1e-12, 0.0, 1e-12, 1e-6]
    assert SHAPES["steps"].pays(x, at_least).tolist() == [0.0, 7.0, 7.0, 7.0, 7.0]
    assert SHAPES["steps"].pays(x, above).tolist() == [0.0, 0.0, 0.0, 0.0, 7.0]


def test_before_the_first_row_otherwise_is_paid_else_nothing():
    rows = [(0.1, False, 5.0)]
    for shape in ("steps", "line"):
        assert SHAPES[shape].pays([0.05, 0.1], rows).tolist() == [0.0, 5.0]
        assert SHAPES[shape].pays([0.05, 0.1], [(None, False, 2.0), *rows]).tolist() == [2.0, 5.0]


def test_a_line_is_exact_at_its_corners_straight_between_and_flat_after():
    assert SHAPES["line"].pays([0.4, 0.5, 0.75, 1.0, 1.2, 1.4, 9.0], RAMP).tolist() == pytest.approx(
        [0.5, 1.0, 2.0, 3.0, 2.5, 2.0, 2.0], rel=1e-14
    )
    x = np.linspace(0.5, 3.0, 501)
    expected = np.interp(x, [0.5, 1.0, 1.4], [1.0, 3.0, 2.0])
    np.testing.assert_allclose(SHAPES["line"].pays(x, RAMP), expected, rtol=1e-12)


def test_a_line_may_jump():
    rows = PARAMETERS["line"][4]
    assert SHAPES["line"].pays([0.25, 0.4999, 0.5, 0.75], rows).tolist() == pytest.approx([0.5, 0.9998, 3.0, 3.5])


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-5, 5), st.floats(0.1, 5)), min_size=1, max_size=20))
def test_rows_may_differ_from_draw_to_draw(draws):
    x, at, money = (np.array(column) for column in zip(*draws, strict=True))
    for name in ("steps", "line"):
        rows = [(None, False, money / 2.0), (at, False, money), (at + 1.0, False, 3.0 * money)]
        together = SHAPES[name].pays(x, rows)
        low, high = SHAPES[name].bounds(rows)
        for i in range(len(x)):
            alone = [(None, False, money[i] / 2.0), (at[i], False, money[i]), (at[i] + 1.0, False, 3.0 * money[i])]
            assert float(SHAPES[name].pays(x[i], alone)) == together[i]
        assert low.tolist() == (money / 2.0).tolist()
        assert high.tolist() == (3.0 * money).tolist()


def test_bounds_of_a_price_that_differs_from_draw_to_draw():
    low, high = SHAPES["per_unit"].bounds(np.array([-1.0, 0.0, 2.0]))
    assert low.tolist() == [-np.inf, 0.0, 0.0]
    assert high.tolist() == [0.0, 0.0, np.inf]
