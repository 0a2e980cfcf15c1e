"""No payer ever pays more than is said to be the most, whatever the shares, limits and caps."""

from __future__ import annotations

import random

import pytest

from sibsim.asked import bounds_of
from tests.support import HEAD, deal, in_turn, run

WHO = ("payer", "city", "fund")


def made_up(rng: random.Random) -> str:
    """One to four payments on the same readings, by one to three payers, under limits and caps."""
    days = ["2021-01", "2022-01", "2023-01"][: rng.choice([1, 3, 3])]
    dates = f"[{', '.join(days)}]"
    limits = {who: rng.choice([None, None, 40, 150, 400, 900]) for who in WHO}
    named = ", ".join(f"{who}: {{name: {who}" + (f", pays_at_most: {m}}}" if m else "}") for who, m in limits.items())
    payments = {}
    for number in range(rng.randrange(1, 5)):
        shape = rng.choice(
            [
                "per_unit: {}",
                "per_unit: {}",
                "steps: [[3, {}], [12, 90]]",
                "line: [[otherwise, -{0}], [0, -{0}], [20, 60]]",
            ]
        )
        own = rng.choice(["", "", ", cap: {total: 120}", ", cap: {per_year: 60}"])
        terms = shape.format(rng.choice([2, 5, 20])) + own
        to, x = rng.choice(["account", "account", "other"]), rng.choice("xxy")
        payments[f"p{number}"] = f"{{measure: {x}, {terms}, by: {shares(rng)}, to: {to}}}"
    cap = rng.choice(["", "", ", cap: {total: 100}", ", cap: {total: 700}", ", cap: {per_year: 150}"])
    return deal(
        HEAD.partition("parties")[0] + f"parties: {{{named}, investor: I, provider: S, other: O}}\nhorizon: 6 years\n",
        inputs="{level: {uniform: {low: 0, high: 20}}, other level: {uniform: {low: 0, high: 20}}}",
        outcomes="{"
        + "found: {type: score, each: cohort, better: more, over: 1 year, with: level}, "
        + "also: {type: score, each: cohort, better: more, over: 1 year, with: other level}}",
        measures=f"{{x: {{of: found, as: average, error: 3, reported: {dates}}},"
        + f" y: {{of: also, as: average, reported: {dates}}}}}",
        contract="{payments: {" + ", ".join(f"{n}: {t}" for n, t in payments.items()) + "}" + cap + "}",
        costs="{work: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}, shortfall: other, surplus: {other: 100 %}}",
    )


def shares(rng: random.Random) -> str:
    first, second, third = rng.sample(WHO, 3)
    two = [f"{{{first}: 30 %, {second}: rest}}", f"{{{first}: 60 %, {second}: 40 %}}"]
    return rng.choice([first, *two, f"{{{first}: 50 %, {second}: 20 %, {third}: rest}}"])


@pytest.mark.parametrize("seed", in_turn([1027, *range(80)], 2))
def test_nobody_pays_more_than_is_said(seed: int) -> None:
    """What payments bring back is taken off. 1027: one brings it back to others than pay the most."""
    results = run(made_up(random.Random(seed)), n_draws=256, workers=1)
    for who in {who for payment in results.scenario.payments for who, _ in payment.by}:
        paid, back = (results.store.array((who, name)) for name in ("outcome_payments", "money_received"))
        most = float((paid - back).max())
        for bound in bounds_of(results, who):
            assert most <= bound * (1 + 1e-9) + 1e-6, who
