"""Cases of group B: contracts whose terms were published."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim import metrics
from sibsim.rates import irr
from sibsim.results import Results
from sibsim.shapes import SHAPES
from tests.proof.row import Case, Row, close
from tests.support import deal, run

RIKERS = "Social Ventures Australia, Rikers Island social impact bond"
STEPS = (
    (0.085, 4.8),
    (0.10, 9.6),
    (0.11, 10.08),
    (0.12, 10.176),
    (0.125, 10.272),
    (0.13, 10.368),
    (0.16, 10.944),
    (0.20, 11.712),
)


def rikers(percent: float) -> Results:
    """The schedule with a certain reduction, read without error."""
    certain = (f"outcomes.reduction.effect={{difference: {percent:.6g} %}}", "measures.bed-day reduction.error=0")
    return run("step-schedule", sets=certain)


def bullet(lent: float, back: float, years: int) -> Results:
    return run(
        deal(
            contract=f"{{payments: {{p: {{amount: {back:.10g}, at: {2020 + years}-01}}}}}}",
            costs=f"{{c: {{amount: {lent}}}}}",
            finance=f"{{tranches: {{loan: {{amount: {lent}, drawn: upfront}}}}}}",
        )
    )


def b01() -> Iterator[Row]:
    ladder = {
        10: 0.0,
        11: 0.012272234429,
        12: 0.0146738461687,
        13: 0.0194265469083,
        16: 0.033299484759,
        20: 0.0509691250074,
    }
    for percent, expected in ladder.items():
        got = rikers(percent).metric("investor", "irr")[0]
        yield close(f"IRR at a reduction of {percent} %", expected, got)


def b02() -> Iterator[Row]:
    results = rikers(0)
    yield close("lost, in millions", 2.4, results.metric("investor", "lost")[0] / 1e6)
    yield close("multiple", 0.75, results.metric("investor", "moic")[0])
    yield close("IRR", -0.0693951408979, results.metric("investor", "irr")[0])
    yield close("guarantee called, in millions", 7.2, results.metric("guarantor", "called")[0] / 1e6)


def b03() -> Iterator[Row]:
    table = {
        0: 0, 8.4999: 0, 8.5: 4.8, 9.9999: 4.8, 10: 9.6, 10.9999: 9.6, 11: 10.08, 12: 10.176, 12.5: 10.272, 13: 10.368,
        15.9999: 10.368, 16: 10.944, 19.9999: 10.944, 20: 11.712, 35: 11.712,
    }  # fmt: skip
    for percent, expected in table.items():
        got = rikers(percent).metric("payer", "outcome_payments")[0] / 1e6
        yield close(f"payment at a reduction of {percent:g} %, in millions", expected, got)


def b06() -> Iterator[Row]:
    results = bullet(270_000, 414_085, 3)
    yield close("multiple", 1.53364814815, results.metric("investor", "moic")[0])
    yield close("IRR", 0.153210473954, results.metric("investor", "irr")[0])


def b14() -> Iterator[Row]:
    capped = run(
        deal(
            contract="{payments: {p: {amount: 1000, at: 2025-01}}}",
            costs="{c: {amount: 100}}",
            finance="{tranches: {loan: {amount: 100, drawn: upfront, rate: 7 %}}, surplus: {payer: 100 %}}",
        )
    )
    yield close("multiple after five years at 7 %", 1.4025517307, capped.metric("investor", "moic")[0])
    floored = bullet(100, 60, 5)
    yield close("multiple at the floor", 0.6, floored.metric("investor", "moic")[0])
    yield close("IRR at the floor", -0.0971195485526, floored.metric("investor", "irr")[0])
    yield close("the same of plain flows", -0.0971195485526, irr([-1, 0, 0, 0, 0, 0.6]))
    yield close("multiple of plain flows", 0.6, float(metrics.moic([-1, 0, 0, 0, 0, 0.6])))


def b15() -> Iterator[Row]:
    rows = tuple((at, False, pays) for at, pays in STEPS)
    steps = ", ".join(f"[{100 * at:.6g} %, {pays}]" for at, pays in STEPS)
    for treated, control, expected in ((135, 150, 9.6), (183, 200, 4.8), (178, 200, 10.08), (132, 150, 10.176)):
        naive = float(SHAPES["steps"].pays(1 - treated / control, rows))
        yield close(f"steps at 1 - {treated}/{control} as a computer has it", expected, naive)
        text = deal(
            outcomes="{cases: {type: score, each: cohort, better: fewer, over: 1 year,"
            f" without: {control}, with: {treated}}}}}",
            measures=f"{{x: {{of: cases, as: relative_improvement, comparison: {{fixed: {control}}}}}}}",
            contract=f"{{payments: {{p: {{measure: x, steps: [{steps}]}}}}}}",
        )
        paid = run(text).metric("payer", "outcome_payments")[0]
        yield close(f"payment for {treated} events against {control}", expected, paid)


CASES = (
    Case("B01", "Rikers Island: return by reduction, paid back after four years", RIKERS, b01),
    Case("B02", "Rikers Island: failure, with 7.2 m of 9.6 m guaranteed", RIKERS, b02),
    Case("B03", "Rikers Island: the steps at and around their edges, which count", RIKERS, b03),
    Case("B06", "Educate Girls: 270,000 lent, 144,085 gained in about three years", "ImpactAlpha, 17 July 2018", b06),
    Case("B14", "Red Cross humanitarian bond: +7 % a year at most, -40 % at least", "Devex; KOIS", b14),
    Case(
        "B15", "a reduction that hits its threshold exactly, though not in floating point", "rational arithmetic", b15
    ),
)
