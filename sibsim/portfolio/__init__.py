"""Several contracts held together: simulated in the same futures, with what they have in common."""

from __future__ import annotations

from sibsim.portfolio.run import PortfolioResults, portfolio_job, simulate_portfolio

__all__ = ["PortfolioResults", "portfolio_job", "simulate_portfolio"]
