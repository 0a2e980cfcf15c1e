"""What is read off the draws: cash metrics of a stream, quantiles, tail means, and every figure's Monte Carlo error."""

from __future__ import annotations

from sibsim.metrics.alike import alike
from sibsim.metrics.cash import moic, payback_years, peak_capital, weighted_average_life
from sibsim.metrics.estimates import (
    REPLICATE,
    Estimate,
    estimate_mean,
    estimate_quantile,
    estimate_quantiles,
    estimate_ratio,
    estimate_sd,
    estimate_share,
    estimate_shortfall,
    estimate_value_at_risk,
    in_order,
    interval,
    ordered_histogram,
    ordered_quantiles,
)
from sibsim.metrics.risk import (
    expected_shortfall,
    quantile,
    rank_correlations,
    value_at_risk,
)

__all__ = [
    "REPLICATE",
    "Estimate",
    "alike",
    "estimate_mean",
    "estimate_quantile",
    "estimate_quantiles",
    "estimate_ratio",
    "estimate_sd",
    "estimate_share",
    "estimate_shortfall",
    "estimate_value_at_risk",
    "expected_shortfall",
    "in_order",
    "interval",
    "moic",
    "ordered_histogram",
    "ordered_quantiles",
    "payback_years",
    "peak_capital",
    "quantile",
    "rank_correlations",
    "value_at_risk",
    "weighted_average_life",
]
