"""Cases of groups I and J that this version computes: drop-out, fading effects, money that adds up."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tests.proof.row import Case, Row, close, estimate
from tests.support import HEAD, books, deal, run, world

DRAWS = 65_536


def i06() -> Iterator[Row]:
    n, months, hazard = 500, 12.0, 0.05
    leave = 1 - math.exp(-hazard * months)
    text = deal(
        HEAD.replace("step: year", "step: month"),
        participants=f"{{size: {n}, duration: 12 months, dropout: {100 * leave:.12f} %}}",
        outcomes="{relapse: {type: event, better: fewer, without: 50 %}}",
        measures="{done: {of: completions, as: average, reported: 2021-01},"
        " stay: {of: person_months, as: total, reported: 2021-01}}",
    )
    w = world(text, replicates=DRAWS // 1024)
    done, stay = (np.asarray(w.reports[name][0].value) for name in ("done", "stay"))
    p = 0.548811636094
    yield estimate("share that completes", p, float(done.mean()), math.sqrt(p * (1 - p) / n / DRAWS))
    mean_stay = 9.02376727812
    of_leavers = (mean_stay - months * p) / (1 - p)  # each who leaves costs this many months on average
    spread = (months - of_leavers) * math.sqrt(p * (1 - p) / n / DRAWS)
    yield estimate("months in service per starter", mean_stay, float(stay.mean()) / n, spread)


def j03() -> Iterator[Row]:
    annuity = sum(0.5 ** (k / 2) / 1.035 ** (k + 1) for k in range(5))
    years = range(1, 6)
    outcomes = ", ".join(
        f"y{k}: {{type: score, each: cohort, better: more, over: {k} years, effect: {{difference: size of effect}}}}"
        for k in years
    )
    benefits = ", ".join(
        f"b{k}: {{of: y{k}, kind: cashable, worth: {40_000 * 0.5 ** ((k - 1) / 2):.10f}}}" for k in years
    )
    text = deal(
        HEAD + "horizon: 5 years\ndiscount_rate: 3.5 %\ninputs: {size of effect: {normal: {mean: 0.25, sd: 0.1}},"
        " cost: {normal: {mean: 7800, sd: 780}}}\n",
        outcomes=f"{{{outcomes}}}",
        measures="none",
        costs="{c: {amount: cost, by: payer, to: outside}}",
        benefits=f"{{{benefits}}}",
    )
    results = run(text, n_draws=DRAWS)
    payer = results.summary()["parties"]["payer"]
    net, saved = (payer["metrics"][m] for m in ("net_budget_effect_pv", "cashable_benefit_pv"))
    n = math.sqrt(DRAWS)
    yield close("value of one, five years, half-life two years", 2.59584132028, annuity)
    plain = 0.1 * 40_000 * annuity / n
    yield estimate("savings, mean", 10_000 * 2.59584132028, saved["mean"], saved["mc_error"], plain=plain)
    yield estimate("net, mean", 18_158.4132028, net["mean"], net["mc_error"], plain=10_412.6 / n)
    yield estimate("net, standard deviation", 10_412.6209266, net["sd"], 10_412.6 / n / math.sqrt(2))
    chance = payer["probabilities"]["net_budget_effect_positive"]
    yield estimate("savings exceed costs", 0.959410425611, chance["value"], chance["mc_error"], plain=0.1973 / n)
    ratio = payer["metrics"]["benefit_cost_ratio"]
    yield estimate(
        "benefit-cost ratio, of the means", 3.32800169266, ratio["value"], ratio["mc_error"], plain=1.373 / n
    )


def j04() -> Iterator[Row]:
    text = deal(
        HEAD + "discount_rate: {triangular: {low: 2 %, mode: 3.5 %, high: 5 %}}\n",
        measures="none",
        contract="{payments: {p: {amount: 1, at: {every: year, from: 2021-01, until: 2030-01}}}}",
    )
    figure = run(text, n_draws=DRAWS).summary()["parties"]["payer"]["metrics"]["outcome_payments_pv"]
    plain = 0.257061828287 / math.sqrt(DRAWS)
    yield estimate("present value, mean", 8.32252448294, figure["mean"], figure["mc_error"], plain=plain)
    mode = run(text.replace("{triangular: {low: 2 %, mode: 3.5 %, high: 5 %}}", "3.5 %"))
    yield close("present value at the mode", 8.31660532258, mode.metric("payer", "outcome_payments_pv")[0])


def j05() -> Iterator[Row]:
    head = HEAD.replace("parties: {", "parties: {intermediary: M, ")
    text = deal(
        head,
        contract="{payments: {p: {amount: 800, at: 2023-01}}}",
        costs="{service: {amount: 700}, fee: {amount: 40, by: payer, to: intermediary},"
        " staff: {amount: 350, at: [2021-01, 2022-01], by: provider, to: outside}}",
        finance="{tranches: {loan: {amount: 700}}}",
    )
    flows = books(run(text))
    table = {
        "investor": [-700, 0, 0, 800],
        "account": [0, 0, 0, 0],
        "provider": [700, -350, -350, 0],
        "payer": [-40, 0, 0, -800],
        "intermediary": [40, 0, 0, 0],
        "outside": [0, 350, 350, 0],
    }
    for party, expected in table.items():
        off = float(np.max(np.abs(flows[party][:, 0] - expected)))
        yield close(f"{party}, largest difference on any date", 0.0, off)
    yield close("all parties together, largest sum on any date", 0.0, float(np.max(np.abs(sum(flows.values())))))


CASES = (
    Case("I06", "5 % leave each month of a year's programme", "exp(-dT); (1 - exp(-dT)) / d", i06),
    Case(
        "J03",
        "an uncertain effect that halves every two years, and an uncertain cost",
        "normal distribution; WSIPP's method",
        j03,
    ),
    Case("J04", "1 a year for ten years, discounted at an uncertain 2 % to 5 %", "quadrature; WSIPP's method", j04),
    Case("J05", "what all parties pay and get, by date", "worked out by hand", j05),
)
