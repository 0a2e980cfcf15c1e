"""A results summary written by hand, with everything a summary can hold. The figures are made up for the tests.

The 16 replicates and 16,384 draws are those of a default run; nothing else here comes from a run.
"""

from __future__ import annotations

from typing import Any

DRAWS = 16_384


def distribution(unit: str, mean: float, sd: float, histogram: bool = False, **others: Any) -> dict[str, Any]:
    """A metric spread evenly around its mean, as `Results.summary` gives one."""
    shown = {
        "p05": mean - 1.6 * sd,
        "p25": mean - 0.7 * sd,
        "p50": mean,
        "p75": mean + 0.7 * sd,
        "p95": mean + 1.6 * sd,
    }
    found = {"unit": unit, "mean": mean, "sd": sd, "mc_error": sd / 128, **shown}
    found["mc_errors"] = dict.fromkeys(shown, sd / 60)
    if histogram:
        counts = [0, 40, 80, 160, 320, 640, 900, 1200, 1500, 1700, 1652, 1600, 1500, 1300, 1100, 900, 700, 500]
        counts += [300, 150, 80, 40, 20, 2]
        found["histogram"] = {"low": mean - 3 * sd, "high": mean + 3 * sd, "counts": counts}
    return found | others


def value(unit: str, number: float | None, error: float | None = None) -> dict[str, Any]:
    """A metric that is one figure."""
    return {"unit": unit, "value": number, "mc_error": error}


def chance(count: int, error: float = 0.003, draws: int = DRAWS) -> dict[str, Any]:
    """A chance as it was counted."""
    return {"value": count / draws, "mc_error": 0.0 if count in (0, draws) else error, "count": count, "draws": draws}


def payer() -> dict[str, Any]:
    """A region that pays, saves some cash, and has costs of its own."""
    metrics = {
        "outcome_payments": distribution("SEK", 29_117_000, 2_100_000, histogram=True),
        "outcome_payments_pv": distribution("SEK", 25_117_000, 1_900_000),
        "own_costs": distribution("SEK", 2_000_000, 0.0),
        "own_costs_pv": distribution("SEK", 1_804_000, 0.0),
        "value_at_risk_95": value("SEK", 27_345_000, 21_000),
        "expected_shortfall_95": value("SEK", 28_001_000, 25_000),
        "largest_year": distribution("SEK", 29_117_000, 2_100_000),
        "cashable_benefit_pv": distribution("SEK", 1_400_000, 900_000),
        "capacity_benefit_pv": distribution("SEK", 3_300_000, 2_000_000),
        "societal_benefit_pv": distribution("SEK", 4_000, 3_000),
        "net_budget_effect_pv": distribution("SEK", -25_500_000, 2_000_000, histogram=True),
        "benefit_cost_ratio": value("ratio", 0.052, 0.0004),
        "savings_multiple_to_break_even": value("multiple", 19.23, 0.1),
        "break_even_year": value("year", None),
        "cost_per_outcome": value("SEK per outcome", 41_200, 120),
        "cost_per_causal_outcome": value("SEK per outcome", None),
        "payment_without_effect": value("SEK", 24_600_000, 12_000),
    }
    chances = {
        "net_budget_effect_positive": chance(1966),
        "paid_without_effect": chance(0),
        "not_paid_despite_effect": chance(1),
        "cap_binds": chance(DRAWS),
    }
    return {
        "name": "Region Stockholm",
        "roles": ["payer"],
        "pays_at_most": 33_000_000.0,
        "metrics": metrics,
        "probabilities": chances,
        "tranches": {},
    }


def investor_figures() -> tuple[dict[str, Any], dict[str, Any]]:
    """Metrics and chances of an investor or a tranche."""
    metrics = {
        "irr": distribution("per year", -0.0062, 0.014, histogram=True, undefined=12),
        "irr_of_expected_flows": value("per year", -0.0058, 0.0001),
        "moic": distribution("multiple", 0.971, 0.07, histogram=True),
        "npv": distribution("SEK", -3_100_000, 1_900_000),
        "drawn": distribution("SEK", 30_000_000, 0.0),
        "received": distribution("SEK", 29_117_000, 2_100_000),
        "net_gain": distribution("SEK", -883_000, 2_100_000, histogram=True),
        "payback_years": distribution("years", 5.0, 0.0, undefined=9_011),
        "weighted_average_life": distribution("years", 5.0, 0.0),
        "peak_capital": distribution("SEK", 30_000_000, 0.0),
        "expected_loss": value("SEK", 1_500_000, 9_000),
        "loss_given_loss": value("SEK", 2_720_000, 11_000),
        "value_at_risk_95": value("SEK", 4_240_000, 30_000),
        "expected_shortfall_95": value("SEK", 4_900_000, 30_000),
    }
    chances = {"loss": chance(9_011, 0.004), "total_loss": chance(0), "below_hurdle": chance(14_100, 0.002)}
    return metrics, chances


def investor() -> dict[str, Any]:
    """An investor with one tranche."""
    metrics, chances = investor_figures()
    tranche = {"metrics": metrics, "probabilities": chances}
    return {
        "name": "Skandia",
        "roles": ["investor"],
        "metrics": metrics,
        "probabilities": chances,
        "tranches": {"bond": tranche},
    }


def provider() -> dict[str, Any]:
    """A provider that may run out of cash."""
    metrics = {
        "margin": distribution("SEK", 1_200_000, 2_000_000, histogram=True),
        "lowest_cash": distribution("SEK", 210_000, 90_000),
    }
    return {
        "name": "Health Integrator",
        "roles": ["provider"],
        "metrics": metrics,
        "probabilities": {"runs_out": chance(90, 0.0006)},
        "tranches": {},
    }


def guarantor() -> dict[str, Any]:
    """A guarantor that pays in some futures."""
    metrics = {"called": distribution("SEK", 300_000, 150_000)}
    return {"name": "The state", "roles": ["guarantor"], "metrics": metrics, "probabilities": {}, "tranches": {}}


def year(number: int, paid: float, saved: float, balance: float) -> dict[str, Any]:
    """A row of the table by year."""
    flows = {
        "payments": {"mean": paid, "p50": paid, "p95": 1.13 * paid},
        "cashable_benefit": {"mean": saved, "p50": saved, "p95": 2 * saved},
        "capacity_benefit": {"mean": 2 * saved, "p50": 2 * saved, "p95": 4 * saved},
        "societal_benefit": {"mean": 0.0, "p50": 0.0, "p95": 0.0},
        "own_costs": {"mean": 0.0, "p50": 0.0, "p95": 0.0},
        "balance": {"mean": balance},
    }
    return {"year": number, **flows, "parties": {"payer": flows}}


def payment(mean: float, sd: float, count: int, outcomes: list[str]) -> dict[str, Any]:
    """What one payment pays, in 2025."""
    return {
        "by": ["payer"],
        "to": "bond",
        "outcomes": outcomes,
        "dates": ["2025-06-01"],
        "paid": distribution("SEK", mean, sd),
        "goes_back": False,
        "pays": chance(count),
        "by_year": [{"year": 2025, "mean": mean}],
    }


def full_summary() -> dict[str, Any]:
    """The whole summary, fresh each time, so that a test may change it."""
    saved = [0.0, 12_000.0, 60_000.0, 130_000.0, 180_000.0, 210_000.0, 190_000.0, 160_000.0]
    yearly, balance = [], 0.0
    for i, amount in enumerate(saved):
        paid = 29_117_000.0 if i == 5 else 0.0
        balance += amount - paid
        yearly.append(year(2020 + i, paid, amount, balance))
    drivers = [("hazard ratio", -0.71, -0.80), ("progression", 0.44, 0.02), ("comparison bias", 0.0, None)]
    return {
        "format": "sibsim.results/1",
        "sibsim": "0.1.0",
        "seed": 1,
        "draws": DRAWS,
        "replicates": 16,
        "sampling": "lattice",
        "scenario": {
            "name": "made-up",
            "title": "A made-up health bond: fewer cases of type-2 diabetes [pilot]",
            "file": "scenarios/made-up.yaml",
            "sha256": "0" * 64,
            "currency": "SEK",
            "price_year": 2020,
            "option": None,
            "start": "2020-06-01",
            "end": "2035-06-01",
            "step": "quarter",
            "discount_rate": 0.03,
            "budget_year": "January",
            "n_dates": 61,
            "lattice_dimensions": {"hazard ratio": 1, "progression": 0},
        },
        "parties": {
            "payer": payer(),
            "investor": investor(),
            "provider": provider(),
            "state": guarantor(),
            "public_purse": payer() | {"pays_at_most": None, "name": "All payers together", "roles": ["public_purse"]},
        },
        "yearly": yearly,
        "drivers": [
            {"input": name, "metric": metric, "rank_correlation": number}
            for name, *numbers in drivers
            for metric, number in zip(("payer.net_budget_effect_pv", "investor.irr"), numbers, strict=True)
        ],
        "variance_by_layer": {
            "payer.net_budget_effect_pv": {
                "inputs": 0.71,
                "people": 0.29,
                "measurement": 0.0,
                "mc_error": {"inputs": 0.012, "people": 0.012, "measurement": 0.0},
            },
            "investor.irr": {
                "inputs": 0.52,
                "people": -0.002,
                "measurement": 0.482,
                "mc_error": {"inputs": 0.012, "people": 0.004, "measurement": 0.012},
            },
        },
        "outcomes": {
            "diabetes": {
                "type": "event",
                "better": "fewer",
                "each": "person",
                "needs": None,
                "people": 925.0,
                "expected_without": 149.8,
                "expected_with": 122.1,
                "happened": 122.2,
                "is_causal": True,
                "effect": {"mean": 27.7, "p05": 15.1, "p50": 26.9, "p95": 44.0},
                "effect_is_zero": False,
            },
        },
        "measures": {
            "fewer cases": {
                "as": "relative_improvement",
                "of": "diabetes",
                "among": "starters",
                "unit": "percent",
                "reports": [
                    {
                        "date": "2025-06-01",
                        "cohort": None,
                        "counted": 925.0,
                        "people": 925.0,
                        "mean": 0.17,
                        "sd": 0.21,
                        "p05": -0.21,
                        "p50": 0.19,
                        "p95": 0.44,
                        "no_report": 0.0001,
                    },
                ],
            },
        },
        "events": {
            "early stop": {
                "chance": chance(1966),
                "is_certain": False,
                "mean_date": "2022-03-14",
                "median_date": "2022-06-01",
                "by_year": [{"year": 2021, "value": 0.04}, {"year": 2022, "value": 1966 / DRAWS - 0.04}],
                "people_kept_away": value("people", 412.5, 3.1),
                "service_lost": value("person-years", 380.2, 3.0),
            },
        },
        "inputs": [
            {
                "name": "hazard ratio",
                "describe": "lognormal, median 0.80, 95 % in 0.73 to 0.87",
                "mean": 0.801,
                "sd": 0.036,
                "unit": "number",
                "source": "NHSDPP",
                "status": None,
                "note": "referred against not referred, so drop-outs are already in it",
                "is_uncertain": True,
            },
            {
                "name": "progression",
                "describe": "lognormal, median 0.0356, 95 % in 0.0151 to 0.083",
                "mean": 0.039,
                "sd": 0.017,
                "unit": "number",
                "source": None,
                "status": None,
                "note": None,
                "is_uncertain": True,
            },
        ],
        "assumed": ["progression", "costs.evaluation.amount"],
        "contract": {
            "lowest": 24_000_000.0,
            "highest": 33_000_000.0,
        },
        "claims": {"effect_of": ["diabetes"], "without_claim": []},
        "payments": {
            "floor": payment(24_000_000.0, 0.0, DRAWS, []),
            "repayment": payment(5_117_000.0, 2_100_000.0, 14_100, ["diabetes"]),
        },
        "warnings": ["3 inputs have no source: see [inputs] in the file."],
    }
