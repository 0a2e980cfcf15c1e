"""Writes the tables of the page on the reference class again: what was asked for and what came, never typed by hand.

python docs/build_reference_class.py        (about half a minute)
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from sibsim.loading import load
from sibsim.reference import Terms, Way, draw_terms
from sibsim.reference import statistics as known
from sibsim.reference.drawing import DOLLARS_A_POUND
from sibsim.reference.planning import cumulative
from sibsim.reference.writing import contract_text
from sibsim.results import Results
from sibsim.simulate import simulate

PAGE = Path(__file__).parent / "reference-class.md"
SEED, N, SIMULATED, DRAWS = 1, 5_000, 25, 8_192
Row = tuple[object, ...]


def terms() -> list[Terms]:
    return [draw_terms(SEED, number) for number in range(1, N + 1)]


def short(x: float) -> str:
    """Two decimals below 10, and so on.

    >>> short(1_358_000.0), short(40.7), short(1.104)
    ('1,360,000', '40.7', '1.10')
    """
    if float(x).is_integer() and abs(x) < 10:
        return f"{x:.0f}"
    return f"{float(f'{x:.3g}'):,.0f}" if abs(x) >= 100 else f"{x:.3g}" if abs(x) >= 10 else f"{x:.2f}"


def table(head: Iterable[str], rows: Iterable[Row]) -> str:
    heads = list(head)
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def spread_rows(drawn: list[Terms]) -> Iterable[Row]:
    prices = [line.price / DOLLARS_A_POUND for one in drawn if one.kind == "B" for line in one.lines]
    for spread, values in (
        (known.CAPITAL, [one.capital for one in drawn]),
        (known.DURATION, [one.months for one in drawn]),
        (known.USERS, [one.users for one in drawn]),
        (known.METRICS, [one.metrics for one in drawn]),
        (known.RATIO, [one.most / one.capital for one in drawn]),
        (known.PRICE, prices),
    ):
        low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
        interval = f" [{short(spread.median_95[0])}, {short(spread.median_95[1])}]" if spread.median_95[1] else ""
        asked = (short(spread.p10), short(spread.median) + interval, short(spread.p90))
        yield (f"{spread.what}, {spread.unit}", spread.n, *asked, short(low), short(middle), short(high))


def rank_rows(drawn: list[Terms]) -> Iterable[Row]:
    of = {"duration": "months"}
    for (one, other), (rank, _) in known.RANKS.items():
        a, b = ([getattr(t, of.get(what, what)) for t in drawn] for what in (one, other))
        yield (f"{one} and {other}", f"{rank:.2f}", f"{spearmanr(a, b).statistic:.2f}")


def share_rows(drawn: list[Terms]) -> Iterable[Row]:
    ratio = np.array([one.most / one.capital for one in drawn])
    a = np.array([one.kind == "A" for one in drawn])
    yield ("type B (above 1.5)", "68 %", f"{100 * np.mean(~a):.0f} %")
    yield ("most / capital above 3", "48 %", f"{100 * np.mean(ratio > 3):.0f} %")
    yield ("of type A: exactly what was lent", "22 %", f"{100 * np.mean(ratio[a] == 1.0):.0f} %")
    excess = ratio[a] - 1.0
    yield (
        "of type A: excess, median and 90 %",
        "14 %, 39 %",
        "{:.0f} %, {:.0f} %".format(*(100 * np.quantile(excess, [0.5, 0.9]))),
    )
    rates = [one.rate for one in drawn if one.kind == "B"]
    yield ("highest return, median, a year", "8 %", f"{100 * np.median(rates):.1f} %")


def simulated(kind: str, achieved: str) -> list[tuple[Terms, Results]]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, SIMULATED + 1):
            one = draw_terms(SEED, number, kind)
            file = Path(folder) / "contract.yaml"
            file.write_text(contract_text(one, Way(achieved=achieved)), encoding="utf-8")
            found.append((one, simulate(load(file), DRAWS)))
    return found


def achieved_of(found: list[tuple[Terms, Results]]) -> tuple[np.ndarray, np.ndarray]:
    """Of lines of one metric, what they achieve; and of contracts their mean, metrics cut at 1.5."""
    metrics, means = [], []
    for terms, results in found:
        draws = results.per_draw()
        lines = [draws[name] for name in draws if name.startswith("inputs.result of ")]
        metrics += [line for line, of in zip(lines, terms.lines, strict=True) if of.metrics == 1]
        weights = [line.share for line in terms.lines]
        means.append(np.average([line.clip(0, 1.5) for line in lines], axis=0, weights=weights))
    return np.concatenate(metrics), np.concatenate(means)


def achieved_rows(project: list[tuple[Terms, Results]], metric: list[tuple[Terms, Results]]) -> Iterable[Row]:
    by_project, means = achieved_of(project)
    by_metric, low = achieved_of(metric)
    for least, share in known.THRESHOLDS.items():
        got = (f"{100 * np.mean(one >= least):.1f} %" for one in (by_project, by_metric))
        yield (f"metrics that achieve {least:g} of their target", f"{100 * share:g} %", *got)
    spread = known.PROJECT_MEANS
    for share, asked in ((0.1, spread.p10), (0.25, 0.72), (0.5, spread.median), (0.75, 1.18), (0.9, spread.p90)):
        got = (short(float(np.quantile(one, share))) for one in (means, low))
        yield (f"mean of a project, {100 * share:.0f} %", short(asked), *got)


def paid_rows(project: list[tuple[Terms, Results]], metric: list[tuple[Terms, Results]]) -> Iterable[Row]:
    def paid(found: list[tuple[Terms, Results]]) -> np.ndarray:
        return np.concatenate([r.per_draw()["payer.outcome_payments"] / t.most for t, r in found])

    both = [paid(project), paid(metric)]
    spread = known.PAYMENT_OF_MOST
    for share, asked in ((0.1, spread.p10), (0.25, 0.78), (0.5, spread.median), (0.75, 0.98), (0.9, spread.p90)):
        yield (f"paid / most, {100 * share:.0f} %", short(asked), *(short(float(np.quantile(x, share))) for x in both))
    for what in ("results fail", "ends early"):
        chances = []
        for found in (project, metric):
            told = [r.summary()["events"].get(what) for _, r in found]
            chances.append(np.mean([one["chance"]["value"] if one else 0.0 for one in told]))
        yield (what, "8 % together" if what == "ends early" else "", *(f"{100 * x:.1f} %" for x in chances))


def lender_rows(found: dict[str, list[tuple[Terms, Results]]]) -> Iterable[Row]:
    for what, contracts in found.items():
        losses, gains, all_of_it = [], [], []
        for _, results in contracts:
            draws = results.per_draw()
            gain, drawn = draws["investor.net_gain"], draws["investor.drawn"]
            losses.append(np.mean(gain < -1e-6))
            gains.append(gain.mean() / drawn.mean())
            all_of_it.append(np.mean(draws["investor.received"] < 1e-6))
        middle = f"{100 * np.mean(losses):.0f} ({100 * min(losses):.0f} to {100 * max(losses):.0f})"
        yield (what, middle, f"{100 * np.mean(all_of_it):.0f}", f"{100 * np.mean(gains):.0f} %")


def curve_rows() -> Iterable[Row]:
    for share, seen in known.S_CURVE_SEEN.items():
        yield (f"{100 * share:.0f} % of the term", f"{100 * seen:.0f} %", f"{100 * cumulative(share):.1f} %")


def tables() -> dict[str, str]:
    """Every table of the page, by name."""
    drawn = terms()
    found = {(kind, way): simulated(kind, way) for kind in "AB" for way in known.ACHIEVED}
    project, metric = ([*found["A", way], *found["B", way]] for way in known.ACHIEVED)
    asked = ("10 %", "median [95 %]", "90 %")
    ways = ("by project", "by metric")
    lenders = {
        f"type {kind}, {way}": found[kind, of] for kind in "AB" for of, way in zip(known.ACHIEVED, ways, strict=True)
    }
    return {
        "spreads": table(("", "contracts", *asked, "got: 10 %", "median", "90 %"), spread_rows(drawn)),
        "ranks": table(("rank correlation of", "asked", "got"), rank_rows(drawn)),
        "shares": table(("share", "asked", "got"), share_rows(drawn)),
        "achieved": table(("", "asked", *ways), achieved_rows(project, metric)),
        "paid": table(("", "asked", *ways), paid_rows(project, metric)),
        "curve": table(("payments to date at", "asked", "got"), curve_rows()),
        "lenders": table(("", "loses, of 100 futures", "all of it", "gain of what is drawn"), lender_rows(lenders)),
    }


def rewritten(page: str) -> str:
    """The page with today's tables."""
    for name, text in tables().items():
        before, rest = page.split(f"<!-- {name} -->\n")
        _, after = rest.split(f"<!-- end of {name} -->")
        page = f"{before}<!-- {name} -->\n{text}\n<!-- end of {name} -->{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
