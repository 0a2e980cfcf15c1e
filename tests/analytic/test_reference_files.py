"""Files of contracts made up, against their terms: what was drawn is what a file says, in any currency."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from sibsim.loading import load
from sibsim.reference import Asked, Terms, Way, draw_terms, files
from sibsim.reference import statistics as known
from sibsim.reference.drawing import _correlations
from sibsim.scenario import OverTime

CROWNS = Way(currency="SEK", dollar=10.0)


def first_such(kind: str, number_of: str = "metrics", least: int = 4) -> Terms:
    every = (draw_terms(1, number, kind) for number in range(1, 60))
    return next(one for one in every if getattr(one, number_of) >= least and one.months % 12)


def text_of(terms: Terms, kind: str, way: Way) -> str:
    return dict(files(Asked(terms.number, 1, kind, way=way)))[f"contract-{terms.number:03d}.yaml"]


def test_scores_correlate_so_that_ranks_do_as_the_table_says() -> None:
    """Pearson's of normal scores is 2 sin(pi rho / 6), with rho Spearman's: of 0.5 it is 0.5176."""
    order = ("capital", "duration", "users", "metrics")
    found = _correlations()
    for (one, other), (rank, _) in known.RANKS.items():
        score = found[order.index(one), order.index(other)]
        assert 6.0 / math.pi * math.asin(score / 2.0) == pytest.approx(rank, abs=1e-12)
    assert np.array_equal(found, found.T)


@pytest.mark.parametrize("way", [Way(), CROWNS], ids=["dollars", "crowns"])
def test_the_programme_costs_the_capital(way: Way, tmp_path: Path) -> None:
    """Also where its last year is not whole."""
    terms = first_such("A")
    path = tmp_path / "made.yaml"
    path.write_text(text_of(terms, "A", way), encoding="utf-8")
    (cost,) = load(path).costs
    assert cost.at is not None
    amount = cost.amount
    due = [(amount.at(column) if isinstance(amount, OverTime) else amount) for column in cost.at]
    paid = [one.value for one in due]  # type: ignore[union-attr]
    assert sum(paid) == pytest.approx(terms.capital * way.dollar)
    assert paid[-1] < paid[0]


@pytest.mark.parametrize("way", [Way(), CROWNS], ids=["dollars", "crowns"])
def test_prices_times_targets_are_the_most_that_is_paid(way: Way) -> None:
    terms = first_such("B")
    found = re.findall(r"([\d ]+) outcomes at ([\d ]+) each", text_of(terms, "B", way))
    paid = [int(target.replace(" ", "")) * int(price.replace(" ", "")) for target, price in found]
    assert len(paid) == len(terms.lines)
    for line, amount in zip(terms.lines, paid, strict=True):
        assert amount == pytest.approx(terms.most * way.dollar * line.share, rel=0.02)


def test_the_mean_of_several_metrics_scatters_less() -> None:
    """By the root of their number."""
    found = re.findall(
        r"luck of metrics? ([\d-]+): \{normal: \{mean: 0, sd: ([\d.]+)\}", text_of(first_such("A"), "A", Way())
    )
    assert found
    within = known.ACHIEVED["project"].within
    for which, sd in found:
        ends = [int(end) for end in which.split("-")]
        assert float(sd) == pytest.approx(within / math.sqrt(ends[-1] - ends[0] + 1), abs=1e-4)
    assert any("-" in which for which, _ in found)


@pytest.mark.parametrize(
    ("achieved", "says"), [("project", "7.9 % in all: "), ("metric", "in all, and more than that")]
)
def test_an_early_end_is_told_as_it_is(achieved: str, says: str) -> None:
    """By metrics 10 % collapse: more fail than the 7.9 % that are known to end early, and none ends by chance."""
    text = text_of(first_such("B"), "B", Way(achieved=achieved))
    assert says in text
    assert ("chance_per_year:\n      value: 0 %" in text) == (achieved == "metric")
