"""Options that differ are compared in the same futures: each draw keeps its luck."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import HEAD, deal, filled, run, world

QUARTERS = HEAD.replace("step: year", "step: quarter")


def happened(ratio: float, participants: str, measures: str = "none") -> np.ndarray:
    text = deal(
        QUARTERS,
        participants=participants,
        outcomes="{case: {type: event, better: fewer, over: 5 years, without: {per_year: 0.0356},"
        f" effect: {{hazard_ratio: {ratio}}}}}}}",
        measures=measures,
    )
    w = world(text)
    if measures == "none":
        return filled(w.truths[0].total_happened(), w.context.n_draws)
    return filled(w.reports["cases"][0].value, w.context.n_draws)


def test_one_group_keeps_its_luck_under_another_effect() -> None:
    one = "{size: 925, duration: 5 years}"
    with_effect, without = happened(0.8, one), happened(1.0, one)
    assert np.corrcoef(with_effect, without)[0, 1] >= 0.99


def test_reported_cases_of_twelve_small_groups_keep_their_luck() -> None:
    groups = "{size: 925, intake: 3 years, duration: 5 years}"
    cases = "{cases: {of: case, as: total, follow_up: 18 months}}"
    assert np.corrcoef(happened(0.8, groups, cases), happened(1.0, groups, cases))[0, 1] >= 0.95


def test_another_effect_changes_no_other_chance() -> None:
    """Take-up, drop-out, the comparison group and the error of a reading are those of the same future."""
    text = deal(
        QUARTERS,
        participants="{size: 100, take_up: 70 %, duration: 1 year, dropout: 20 %}",
        outcomes="{case: {type: event, better: fewer, without: 50 %, effect: {ratio: 0.8}}}",
        measures="{x: {of: case, as: improvement, comparison: {rct: 90}},"
        " y: {of: case, as: average, comparison: {rct: 90}},"
        " e: {of: case, as: average, error: 2 %}, f: {of: case, as: average}}",
    )
    a, b = world(text), world(text, sets=["outcomes.case.effect={ratio: 1}"])
    for who in ("starters", "dropouts"):
        assert np.array_equal(a.flows[""].group(who)[0], b.flows[""].group(who)[0])
    for w, other in ((a, b),):
        compared = [v.reports["x"][0].value + v.reports["y"][0].value for v in (w, other)]
        error = [v.reports["e"][0].value - v.reports["f"][0].value for v in (w, other)]
        assert np.allclose(*compared)
        assert np.allclose(*error)


def test_a_tariff_changes_only_money() -> None:
    a, b = run("rate-card"), run("rate-card", sets=["contract.payments.tariff.per_unit=12 000"])
    assert np.array_equal(a.metric("payer", "cashable_benefit_pv"), b.metric("payer", "cashable_benefit_pv"))
    below = a.metric("payer", "outcome_payments") * 1.2 <= 950_000
    assert np.allclose(b.metric("payer", "outcome_payments")[below], 1.2 * a.metric("payer", "outcome_payments")[below])


def test_inputs_keep_their_draws_when_an_option_adds_or_drops_one() -> None:
    a, b = run("everything"), run("everything", "an input more")
    for name in ("hazard", "hazard ratio", "unit cost", "bias"):
        assert np.array_equal(a.store.array(("#input", name)), b.store.array(("#input", name)))
    c = run("everything", sets=["inputs.hazard=0.3", "correlations=none"])
    for name in ("hazard ratio", "bias"):
        assert np.array_equal(a.store.array(("#input", name)), c.store.array(("#input", name)))


def test_file_order_of_measures_and_payments_is_no_part_of_the_luck() -> None:
    one, two = (
        "a: {of: case, as: improvement, comparison: {rct: 90}}",
        "b: {of: case, as: average, error: 2 %, missing: 10 %}",
    )
    head = {
        "participants": "{size: 100}",
        "outcomes": "{case: {type: event, better: fewer, over: 1 year, without: 50 %, effect: {ratio: 0.8}}}",
    }
    first, second = (world(deal(measures=f"{{{x}, {y}}}", **head)) for x, y in ((one, two), (two, one)))
    for name in ("a", "b"):
        assert np.array_equal(first.reports[name][0].value, second.reports[name][0].value)


@pytest.mark.parametrize("seeds", [(1, 2), (1, 10**12)])
def test_seeds_are_independent(seeds: tuple[int, int]) -> None:
    a, b = (
        run("rate-card", seed=s, sets=["inputs.success rate=40 %"]).metric("payer", "outcome_payments") for s in seeds
    )
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(len(a))
