"""A portfolio's summary written by hand, with everything it can hold. The figures are made up for the tests."""

from __future__ import annotations

from typing import Any

from tests.summary_fixture import DRAWS, chance, distribution, value

Summary = dict[str, Any]


def est(number: float | None, error: float | None = 0.0) -> dict[str, Any]:
    """A figure with its Monte Carlo error."""
    return {"value": number, "mc_error": error if number is not None else None}


def lender(drawn: float, gain: float, loses: int, rate: float) -> dict[str, Any]:
    """Metrics and chances of who lends."""
    metrics = {
        "irr": distribution("per year", rate - 0.002, 0.02, histogram=True),
        "irr_of_expected_flows": value("per year", rate, 0.0002),
        "moic": distribution("multiple", 1 + gain / drawn, 0.1, histogram=True),
        "npv": distribution("SEK", gain / 2, drawn / 10),
        "drawn": distribution("SEK", drawn, 0.0),
        "received": distribution("SEK", drawn + gain, drawn / 10),
        "net_gain": distribution("SEK", gain, drawn / 10, histogram=True),
        "payback_years": distribution("years", 6.0, 1.0, undefined=loses),
        "weighted_average_life": distribution("years", 5.0, 0.1),
        "peak_capital": distribution("SEK", drawn, 0.0),
        "expected_loss": value("SEK", 0.03 * drawn * loses / DRAWS, 100.0),
        "loss_given_loss": value("SEK", 0.03 * drawn, 1000.0) if loses else value("SEK", None),
        "value_at_risk_95": value("SEK", 0.04 * drawn, 1000.0),
        "expected_shortfall_95": value("SEK", 0.06 * drawn, 1000.0),
    }
    chances = {"loss": chance(loses), "total_loss": chance(0), "below_hurdle": chance(loses)}
    return {"metrics": metrics, "probabilities": chances}


def holding(
    name: str, committed: float, contribution: float, whole: float, copies: int = 1, **others: Any
) -> dict[str, Any]:
    """A holding that loses in 20 of 100 futures."""
    euler = {"value": contribution, "mc_error": 20_000.0, "share": contribution / whole if whole > 0 else None}
    return {
        "scenario": name.replace(" ", "-"),
        "title": name.capitalize(),
        "file": f"{name}.yaml",
        "sha256": "ab" * 32,
        "option": None,
        "tranche": "loan",
        "currency": "SEK",
        "copies": copies,
        "starts": "2026-01-01",
        "ends": "2033-01-01",
        "payers": [f"Payer of {name}"],
        "providers": ["A charity"],
        "field": "work",
        "committed": est(committed),
        "share": est(0.5),
        **lender(committed, 0.05 * committed, 3277, 0.012),
        "one_copy": {"loss": est(0.2, 0.002), "total_loss": est(0.0, 0.0)},
        "alone": {"sd": est(0.1 * committed, 900.0), "expected_shortfall_95": est(0.2 * committed, 9000.0)},
        "contribution": {"net_loss": euler, "lost": dict(euler)},
        "in_the_worst": {"net_gain": est(-contribution, 20_000.0), "loses": est(0.6, 0.01)},
        "inputs": {"effect": {"unit": "number", "mean": est(0.7, 0.001), "in_the_worst": est(0.84, 0.004)}},
        **others,
    }


def tail(at_95: float, at_99: float, beyond: float, loses: int, spread: float = 5e6) -> dict[str, Any]:
    """A distribution of losses."""
    found = {
        "unit": "SEK",
        "mean": -3e6,
        "sd": spread,
        "mc_error": 10_000.0 if spread else 0.0,
        "value_at_risk_95": est(at_95, 50_000.0),
        "expected_shortfall_95": est(beyond, 60_000.0),
        "value_at_risk_99": est(at_99, 90_000.0),
        "expected_shortfall_99": est(at_99 + 1e6, 120_000.0),
        "probability": chance(loses),
    }
    sizes = [(10, at_95 - 4e6), (20, at_95), (50, at_95 + 1e6), (100, at_99), (200, at_99 + 1e6)]
    found["exceedance"] = [{"one_in": years, "loss": est(loss, 50_000.0)} for years, loss in sizes]
    return found


def spread_of(mean: float) -> dict[str, Any]:
    """Money of a year of which each future is kept."""
    return {"mean": mean, "mc_error": 0.01 * mean, "p05": 0.8 * mean, "p95": 1.2 * mean}


def year(number: int, lent: float, returned: float, costs: float, balance: float) -> dict[str, Any]:
    """One year of the fund's money."""
    kept = {"lent": spread_of(lent), "returned": spread_of(returned), "distributed": spread_of(returned)}
    means = {"costs": costs, "drawn": lent + costs, "guarantees": 0.0}
    others = {name: {"mean": mean, "mc_error": 0.01 * mean} for name, mean in means.items()}
    return {"year": number, **kept, **others, "balance": {"mean": balance}}


def full_summary() -> Summary:
    """Three holdings of eight contracts, two factors, three tranches and a guarantee."""
    whole = 10e6
    holdings = {
        "diabetes": holding("diabetes", 30e6, 6e6, whole, field="health"),
        "children": holding("children", 20e6, 3e6, whole, field=""),
        "work": holding("work", 30e6, 1e6, whole, copies=6, currency="EUR"),
    }
    parties = {
        "pension fund": lending("a pension fund", "senior", lender(45e6, 3e6, 820, 0.024)),
        "companies": lending("insurance companies", "mezzanine", lender(30e6, 4e6, 2458, 0.051)),
        "foundation": lending("a foundation", "first loss", lender(12e6, -2e6, 8192, -0.021)),
        "state": {
            "name": "the state",
            "roles": ["guarantor"],
            "metrics": {"called": distribution("SEK", 1.5e6, 2e6, histogram=True, p05=0.0)},
            "probabilities": {},
        },
        "manager": {
            "name": "fund manager",
            "roles": ["supplier"],
            "metrics": {"margin": distribution("SEK", 12e6, 0.0)},
            "probabilities": {},
        },
    }
    shares = [("Payer of diabetes", 30e6, 0.375, 0.6), ("Payer of work", 30e6, 0.375, 0.1)]
    shares.append(("Payer of children", 20e6, 0.25, 0.3))
    listed = [
        {"name": name, "committed": size, "share": share, "contribution_share": part}
        for name, size, share, part in shares
    ]
    by = dict.fromkeys(("payer", "provider", "field", "holding"), listed)
    return {
        "format": "sibsim.portfolio/1",
        "sibsim": "0.1.0",
        "seed": 1,
        "draws": DRAWS,
        "replicates": 16,
        "sampling": "lattice",
        "portfolio": {
            "name": "nordic",
            "title": "Nordic fund: three contracts",
            "file": "nordic.yaml",
            "sha256": "cd" * 32,
            "currency": "SEK",
            "price_year": 2026,
            "option": None,
            "start": "2026-01-01",
            "end": "2040-01-01",
            "step": "quarter",
            "n_dates": 57,
            "budget_year": "January",
            "discount_rate": 0.03,
            "contracts": 8,
            "lattice_dimensions": {"economy": 0, "evidence": 1},
            "factors_at": {},
        },
        "parties": parties,
        "contracts": lender(80e6, 5e6, 3277, 0.021),
        "holdings": holdings,
        "losses": {"net_loss": tail(8e6, 12e6, whole, 3277), "lost": tail(11e6, 15e6, 13e6, 12_000)},
        "diversification": {"sd_ratio": est(1.6, 0.01), "shortfall_ratio": est(1.6, 0.01), "alone_sum": 16e6},
        "concentration": {
            "by": by,
            "effective_number": {"payer": 2.9, "provider": 2.9, "field": 2.9, "holding": 2.9},
        },
        "joint_failures": {
            "mean": est(1.6, 0.01),
            "any": chance(12_000),
            "none": chance(DRAWS - 12_000),
            "quarter": chance(6000),
            "half": chance(900),
            "number": [
                {"contracts": k, "probability": est(p, 0.002)}
                for k, p in enumerate([0.2676, 0.3, 0.2, 0.1, 0.08, 0.03, 0.02, 0.0023, 0.0001])
            ],
            "pairs": [{"holdings": ["children", "work"], "together": est(0.06, 0.002), "if_independent": est(0.04)}],
        },
        "worst": {
            "share": 0.05,
            "net_loss": est(whole, 60_000.0),
            "failing": est(4.4, 0.05),
            "factors": {"economy": {"score": est(-1.28, 0.02)}, "evidence": {"score": est(0.01, 0.02)}},
        },
        "correlation": {
            "stated": True,
            "factors": {
                "economy": [
                    {"holding": "work", "input": "effect", "loading": 0.6},
                    {"holding": "children", "input": "effect", "loading": -0.2},
                ],
                "evidence": [
                    {"holding": "diabetes", "input": "effect", "loading": 0.6},
                    {"holding": "children", "input": "effect", "loading": 0.5},
                ],
            },
            "exchange_rates": [],
            "copula_df": None,
            "chance_of_loss": {
                name: {"independent": chance(a), "stated": chance(b), "doubled": chance(c)}
                for name, a, b, c in (("all contracts", 2500, 3277, 4096), ("senior", 500, 820, 1100))
            },
            "expected_shortfall_95": {
                name: {"independent": est(a, 1e4), "stated": est(b, 1e4), "doubled": est(c, 1e4)}
                for name, a, b, c in (("all contracts", 8e6, 10e6, 12e6), ("senior", 1e6, 2e6, 3e6))
            },
            "draws": DRAWS,
        },
        "pool": {
            "chance": 0.05,
            "net_loss": {"size": est(8e6, 50_000.0), "share_of_committed": 0.1},
            "lost": {"size": est(11e6, 50_000.0), "share_of_committed": 0.1375},
        },
        "funding": {
            "committed": est(80e6),
            "available": 87e6,
            "shortfall": chance(328, 0.001),
            "shortfall_amount": est(24_023.4375, 1e3),
            "left_over": est(0.0, 0.0),
        },
        "yearly": [
            year(2026, 40e6, 0.0, 1.2e6, 0.0),
            year(2027, 40e6, 10e6, 1.2e6, 1e6),
            year(2028, 0.0, 75e6, 9.6e6, 20e6),
        ],
        "inputs": [],
        "assumed": ["inputs.exchange rate"],
        "warnings": ["holding 'work': its contract begins a month before money can move"],
    }


def lending(name: str, tranche: str, figures: dict[str, Any]) -> dict[str, Any]:
    """An investor with one tranche."""
    return {"name": name, "roles": ["investor"], **figures, "tranches": {tranche: figures}}
