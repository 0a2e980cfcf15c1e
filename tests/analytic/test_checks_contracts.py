"""The known answers that are contracts, each as a file in the language: settled on readings, and simulated.

Cases B01-B04, B06-B08, B14, B15, C01-C05, C07, C09, C11, C13 and C18. Those that `tests/proof` works out with every
figure (and ``docs/verification.md`` prints) are named here and looked up there; what they lack stands below.
"""

from __future__ import annotations

import math

import pytest
from scipy.stats import poisson

from tests.patterns.hand import Money, settle, simulate
from tests.proof import contracts, deals, golden
from tests.support import LIMIT, SCENARIOS, run, z_of_mean, z_of_variance

IDS = (
    "B01", "B02", "B03", "B04", "B06", "B07", "B08", "B14", "B15", "C01", "C02", "C03", "C04", "C05", "C07", "C09",
    "C11", "C13", "C18",
)  # fmt: skip
PROVED = {case.id for module in (deals, contracts, golden) for case in module.CASES}
HERE = {"B04", "B07", "B08", "C05", "C13"}
"""Cases without rows in `tests/proof`."""


@pytest.mark.parametrize("case", IDS)
def test_every_case_is_shown(case: str) -> None:
    names = {name.split("_")[1].upper() for name in globals() if name.startswith("test_") and name.count("_") > 1}
    assert case in names or any(one.startswith(case) for one in PROVED)
    assert case not in HERE or case in names


# ------------------------------------------------------------------------------------------------ Rikers Island
RIKERS = (SCENARIOS / "step-schedule.yaml").read_text(encoding="utf-8")
TABLE = [
    (0, 0), (8.4999, 0), (8.5, 4.8), (9.9999, 4.8), (10, 9.6), (10.9999, 9.6), (11, 10.08), (12, 10.176),
    (12.5, 10.272), (13, 10.368), (15.9999, 10.368), (16, 10.944), (19.9999, 10.944), (20, 11.712), (35, 11.712),
]  # fmt: skip
LADDER = [
    (10, 0.0), (11, 0.012272234429), (12, 0.0146738461687), (13, 0.0194265469083), (16, 0.033299484759),
    (20, 0.0509691250074),
]  # fmt: skip


def rikers(percent: float) -> Money:
    return settle(RIKERS, f"bed-day reduction: {percent:g} %")


@pytest.mark.parametrize(("percent", "irr"), LADDER)
def test_b01_return_by_reduction(percent: float, irr: float) -> None:
    assert rikers(percent).irr("investor") == pytest.approx(irr, abs=1e-9)


def test_b02_failure_with_a_guarantee() -> None:
    money = rikers(0)
    assert money.net("investor") == -2.4e6
    assert money.net("guarantor") == -7.2e6
    assert money.irr("investor") == pytest.approx(-0.0693951408979, abs=1e-9)
    assert (money.net("investor") + 9.6e6) / 9.6e6 == 0.75


@pytest.mark.parametrize(("percent", "millions"), TABLE)
def test_b03_steps_at_their_edges(percent: float, millions: float) -> None:
    assert rikers(percent).total("repayment") == pytest.approx(millions * 1e6, abs=1e-3)


# ------------------------------------------------------------------------------------------------ Newpin
NEWPIN = """sibsim: 1
title: A bond whose yearly return hangs on the share of children restored
currency: AUD
start: 2013-07
step: year
parties: {payer: The state, investor: Investors, provider: The charity}
outcomes: {restored: {type: score, each: cohort, better: more, over: 7 years, with: 60 %}}
measures: {rate: {of: restored, as: average}}
contract:
  payments:
    return:
      measure: rate
      steps: [[55 %, 3 %], [60 %, 7.5 %], [65 %, 12 %], [70 %, 15 %]]
      of: drawn
      per: year
      compound: true
      to: bond
    principal: {measure: rate, steps: [[otherwise, 50 %], [55 %, 100 %]], of: drawn, to: bond}
costs: {service: {amount: 7 m}}
finance: {tranches: {bond: {amount: 7 m, drawn: upfront}}}
"""
BANDS = [
    (54.99, None), (55, 0.03), (59.99, 0.03), (60, 0.075), (64.99, 0.075), (65, 0.12), (69.99, 0.12), (70, 0.15),
    (80, 0.15),
]  # fmt: skip


@pytest.mark.parametrize(("rate", "irr"), BANDS)
def test_b04_yearly_return_by_band(rate: float, irr: float | None) -> None:
    """Below 55 % there is no return: half of the principal comes back."""
    for money in (settle(NEWPIN, f"rate: {rate} %"), simulate(NEWPIN, f"outcomes.restored.with={rate} %")):
        assert money.irr("investor") == pytest.approx(0.5 ** (1 / 7) - 1 if irr is None else irr, abs=1e-12)
        assert (money.total("return") == 0) == (irr is None)


# ------------------------------------------------------------------------------------------------ Educate Girls, Denver
BULLET = """sibsim: 1
title: A bullet
currency: USD
start: 2015-01
step: year
parties: {payer: P, investor: I, provider: D}
outcomes: {result: {type: score, each: cohort, better: more, over: YEARS years, with: 1}}
measures: {x: {of: result, as: average}}
contract: {payments: {back: {measure: x, TERMS, to: loan}}}
costs: {service: {amount: LENT}}
finance: {tranches: {loan: {amount: LENT, drawn: upfront}}}
"""


def bullet(terms: str, lent: str, years: int) -> str:
    return BULLET.replace("TERMS", terms).replace("LENT", lent).replace("YEARS", str(years))


def test_b06_multiple_and_return() -> None:
    text = bullet("per_unit: 414 085", "270 000", 3)
    for money in (settle(text, "x: 1"), simulate(text)):
        assert money.between("payer", "investor") / 270_000 == pytest.approx(1.53364814815, abs=1e-9)
        assert money.irr("investor") == pytest.approx(0.153210473954, abs=1e-9)


DENVER = """sibsim: 1
title: Denver
currency: USD
start: 2016-01
step: quarter
parties: {payer: Denver, investor: Eight lenders, provider: Two providers}
participants: {size: 100}
outcomes:
  lease: {type: days, better: more, over: 5 years, with: 1 500, sd: 0}
  jail: {type: days, better: fewer, over: 5 years, without: 100, with: 68.1, sd: 0}
measures:
  stable days: {of: lease, as: total, reported: [2020-10, 2021-07]}
  fewer jail days: {of: jail, as: relative_improvement, comparison: {fixed: 100}, reported: 2021-07}
contract:
  payments:
    stability: {measure: stable days, per_unit: 15.12}
    jail payment:
      {measure: fewer jail days, per_point: 160 000, band: [0 %, 65 %], if: {fewer jail days: at least 20 %}}
costs: {service: {amount: 8.6 m}}
finance: {tranches: {loan: {amount: 8.6 m, drawn: upfront}}}
"""


def test_b07_payments_add_up() -> None:
    more = DENVER.replace("size: 100", "size: 365")  # as many were housed
    money = settle(more, "stable days: {2020-10: 258 858, 2021-07: 41 070}, fewer jail days: 31.9 %")
    assert money.paid("stability") == pytest.approx({"2020-10": 3_913_932.96, "2021-07": 620_978.40}, abs=1e-6)
    assert money.total("jail payment") == pytest.approx(5_104_000, abs=1e-6)
    total = -money.net("payer")
    assert total == pytest.approx(9_638_911.36, abs=0.005)
    assert money.net("investor") == pytest.approx(1_038_911.36, abs=0.005)
    assert total / 8.6e6 == pytest.approx(1.12080364651, abs=1e-9)


def test_b07_simulated() -> None:
    """300 days a year for each of 100 people: 142,500 by October 2020 and 7,500 more; 31.9 % fewer days in jail."""
    money = simulate(DENVER)
    assert money.paid("stability") == pytest.approx({"2020-10": 142_500 * 15.12, "2021-07": 7_500 * 15.12})
    assert money.total("jail payment") == pytest.approx(5_104_000)


# ------------------------------------------------------------------------------------------------ Peterborough
PETERBOROUGH = """sibsim: 1
title: A test of each cohort, or else of all together
currency: GBP
start: 2010-09
step: year
parties: {payer: Ministry of Justice, investor: Foundations, provider: One Service}
participants: {cohorts: {one: {size: 1 000}}}
outcomes:
  first: {type: score, each: cohort, better: more, over: 1 year, with: 0 %}
  all: {type: score, each: cohort, better: more, over: 4 years, with: 0 %}
measures:
  cohort reduction: {of: first, as: average, for_each: cohort}
  pooled reduction: {of: all, as: average}
contract:
  payments:
    cohort success: {measure: cohort reduction, steps: [[10 %, 1 m]]}
    pooled success: {measure: pooled reduction, steps: [[7.5 %, 5 m]], if: {cohort success: at most 0}}
""".replace("  all:", "  whole:").replace("of: all,", "of: whole,")


@pytest.mark.parametrize(
    ("cohort", "final", "pays"),
    [(8.4, 9.0, (False, True)), (10, 2, (True, False)), (5, 7.49, (False, False)), (9.9999, 7.5, (False, True)),
     (10, 9, (True, False))],
)  # fmt: skip
def test_b08_either_trigger(cohort: float, final: float, pays: tuple[bool, bool]) -> None:
    """The first row is history: 8.4 % missed the 10 % of the cohort, 9.0 % in all met 7.5 %."""
    sets = (f"outcomes.first.with={cohort} %", f"outcomes.whole.with={final} %")
    came = settle(PETERBOROUGH, f"cohort reduction: {{one: {cohort} %}}, pooled reduction: {final} %")
    for money in (came, simulate(PETERBOROUGH, *sets)):
        assert (money.total("cohort success") == 1e6, money.total("pooled success") == 5e6) == pays


# ------------------------------------------------------------------------------------------------ Red Cross; rounding
@pytest.mark.parametrize(("points", "multiple"), [(0, 0.6), (6, 0.6), (12, 1.2), (14.02, 1.402), (20, 1.07**5)])
def test_b14_corridor(points: float, multiple: float) -> None:
    text = bullet("per_unit: 10 %, of: drawn, floor: 60 %, cap: {irr: 7 %}", "100", 5)
    for money in (settle(text, f"x: {points}"), simulate(text, f"outcomes.result.with={points}")):
        assert money.total("back") == pytest.approx(100 * multiple, abs=1e-7)
    assert settle(text, "x: 20").irr("investor") == pytest.approx(0.07, abs=1e-9)
    assert settle(text, "x: 0").irr("investor") == pytest.approx(-0.0971195485526, abs=1e-9)


@pytest.mark.parametrize(
    ("treated", "control", "millions"), [(135, 150, 9.6), (183, 200, 4.8), (178, 200, 10.08), (132, 150, 10.176)]
)
def test_b15_threshold_hit_exactly(treated: int, control: int, millions: float) -> None:
    """1 - 135/150 is 0.0999... in a computer, and 10 % on paper."""
    as_computed = repr(100 * (1 - treated / control))
    came = settle(RIKERS, f"bed-day reduction: {as_computed} %")
    assert came.total("repayment") == pytest.approx(millions * 1e6)


# ------------------------------------------------------------------------------------------------ noise, volume
MEAN, K = 1.55, 0.941656873876
SD = MEAN / math.sqrt(K)
"""Reconvictions a head, and the shape with which 60 % have any: (1 + m / k) ** -k = 0.4."""
NOISY = f"""sibsim: 1
title: One cohort or two against ten times as many
currency: GBP
start: 2010-09
step: year
parties: {{payer: MoJ, provider: One Service}}
participants: {{size: SIZE}}
outcomes:
  reconvictions:
    {{type: count, better: fewer, over: 1 year, without: {MEAN}, effect: {{ratio: RATIO}}, sd: {SD:.12f}}}
measures: {{reduction: {{of: reconvictions, as: relative_improvement, comparison: {{matched: OTHERS}}}}}}
contract: {{payments: {{success: {{measure: reduction, steps: [[TEST %, 1]]}}}}}}
"""


@pytest.mark.parametrize(
    ("size", "test", "effect", "normal", "direct"),
    [
        (1_000, 10, 0.0, 0.0105090409974, 0.008815),
        (1_000, 10, 0.10, 0.5, 0.50313),
        (1_000, 10, 0.15, 0.906261150824, 0.9040675),
        (2_000, 7.5, 0.0, 0.00718971201151, 0.0061125),
        (2_000, 7.5, 0.09, 0.701607848099, 0.7025125),
    ],
)
def test_c05_chances_of_a_noisy_test(size: int, test: float, effect: float, normal: float, direct: float) -> None:
    """Within 0.015 of the normal approximation, and within noise of 400,000 trials of both arms."""
    n = 32_768
    text = NOISY.replace("SIZE", str(size)).replace("OTHERS", str(10 * size)).replace("TEST", str(test))
    paid = run(text.replace("RATIO", f"{1 - effect:g}"), n_draws=n).metric("payer", "outcome_payments")
    assert float(paid.mean()) == pytest.approx(normal, abs=0.015)
    error = math.sqrt(direct * (1 - direct) * (1 / n + 1 / 400_000))
    assert abs(float(paid.mean()) - direct) < LIMIT * error


def test_c05_spread_of_one_cohort_and_two() -> None:
    for size, se in ((1_000, 0.0433339492823), (2_000, 0.0306417293931)):
        text = NOISY.replace("SIZE", str(size)).replace("OTHERS", str(10 * size)).replace("RATIO", "1")
        text = text.replace("steps: [[TEST %, 1]]", "line: [[-100 %, 0], [100 %, 200]]")
        reduction = run(text, n_draws=16_384).metric("payer", "outcome_payments") / 100 - 1
        assert float(reduction.std()) == pytest.approx(se, abs=0.0012)
        assert abs(float(reduction.mean())) < LIMIT * se / 128 + se**2


REFERRED = """sibsim: 1
title: Poisson referrals, 35 % of whom succeed
currency: EUR
start: 2020-01
step: year
parties: {payer: P, provider: D}
inputs: {people: {discrete: [TABLE]}}
participants: {size: people}
outcomes: {success: {type: event, better: more, over: 1 year, with: 35 %}}
measures: {successes: {of: success, as: total, follow_up: 1 year}}
contract: {payments: {fee: {measure: successes, per_unit: 4 000}}}
"""
COUNTED = """sibsim: 1
title: A count that is Poisson
currency: EUR
start: 2020-01
step: year
parties: {payer: P, provider: D}
participants: {size: 240}
outcomes: {success: {type: count, better: more, over: 1 year, with: 0.35}}
measures: {successes: {of: success, as: total, follow_up: 1 year}}
contract: {payments: {fee: {measure: successes, per_unit: 4 000}}}
"""


def referrals() -> str:
    """Poisson(240) as a table: each number of people with its chance."""
    ks = range(150, 341)
    chances = [round(100 * float(poisson.pmf(k, 240)), 10) for k in ks]
    chances[90] += 100 - sum(chances)
    return ", ".join(f"[{k}, {chance:.10f} %]" for k, chance in zip(ks, chances, strict=True))


@pytest.mark.parametrize("way", ["table", "count"])
def test_c13_volume_by_chance(way: str) -> None:
    """Thinned Poisson is Poisson: mean 84 and variance 84, more than the binomial's 54.6."""
    text = REFERRED.replace("TABLE", referrals()) if way == "table" else COUNTED
    paid = run(text, n_draws=65_536).metric("payer", "outcome_payments")
    assert abs(z_of_mean(paid, 336_000, 36_660.6055596)) < LIMIT
    assert abs(z_of_variance(paid, 36_660.6055596**2)) < LIMIT
    assert settle(COUNTED, "successes: 84").total("fee") == 336_000
