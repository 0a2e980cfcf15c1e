"""A portfolio on a terminal: what a fund manager reads first in sentences, then the tables."""

from __future__ import annotations

from sibsim.report.background import input_list, warning_list
from sibsim.report.layout import Layout, plain, wrap
from sibsim.report.numbers import exact_percent
from sibsim.report.portfolio.charts import failures_chart, pairs_table, years_table
from sibsim.report.portfolio.fund import fund_questions
from sibsim.report.portfolio.reading import is_fund_alone
from sibsim.report.portfolio.tables import (
    concentration_tables,
    exceedance_table,
    holdings_table,
    lenders_table,
    others_table,
    worst_table,
)
from sibsim.report.portfolio.ties import correlation_table, ties
from sibsim.report.portfolio.together import together_questions
from sibsim.report.reading import Summary
from sibsim.report.sections import answers, calendar, facts_line, headline, joined

__all__ = ["render"]


def render(summary: Summary, layout: Layout) -> str:
    """The whole report as text.

    Parameters
    ----------
    summary : mapping
        Of a portfolio, as `sibsim.portfolio` makes it.
    layout : Layout
        Width, and whether bold may be used.

    Returns
    -------
    str
        Lines no wider than the layout, ending in a line feed. The same summary gives the same text.
    """
    sections = [
        _headline(summary, layout),
        _questions(summary, layout),
        holdings_table(summary, layout),
        exceedance_table(summary, layout),
        lenders_table(summary, layout),
        others_table(summary, layout),
        worst_table(summary, layout),
        *concentration_tables(summary, layout),
        failures_chart(summary, layout),
        pairs_table(summary, layout),
        years_table(summary, layout),
        correlation_table(summary, layout),
        ties(summary, layout),
        input_list(summary, layout),
        warning_list(summary, layout),
        wrap(_footnote(summary), layout.width),
    ]
    return joined(sections)


def _headline(summary: Summary, layout: Layout) -> list[str]:
    about = summary["portfolio"]
    contracts = about["contracts"]
    facts = [
        f"{contracts:,} contract{'' if contracts == 1 else 's'}",
        f"{summary['draws']:,} futures",
        f"seed {summary['seed']}",
        calendar(about["step"], about["start"], about["end"]),
        about["currency"] + (f", prices of {about['price_year']}" if about["price_year"] else ""),
    ]
    if summary["sampling"] != "lattice":
        facts.append(f"{summary['sampling']} sampling")
    return headline(about["title"], about["option"], layout) + facts_line(facts, layout) + _stress(summary, layout)


def _stress(summary: Summary, layout: Layout) -> list[str]:
    """That factors are held where they were asked to be: then no chance below is one of the real world."""
    held = summary["portfolio"].get("factors_at") or {}
    if not held:
        return []
    each = ", ".join(f"'{plain(name)}' {_stands(share)}" for name, share in held.items())
    text = f"A stress, no forecast: in every future {each}. All chances below are chances where that is so."
    return wrap(text, layout.width)


def _stands(share: float) -> str:
    """Where a factor is held, and how often it would be lower.

    >>> _stands(0.05), _stands(0.995)
    ('stands where it is lower in 5 % of all futures', 'stands where it is lower in 99.5 % of all futures')
    """
    return f"stands where it is lower in {exact_percent(share)} of all futures"


def _questions(summary: Summary, layout: Layout) -> list[str]:
    return answers([*fund_questions(summary), *together_questions(summary)], layout)


def _footnote(summary: Summary) -> str:
    before = "" if is_fund_alone(summary) else ", and before guarantees and tranches that bear losses first"
    return (
        f"Means, limits and chances are over {summary['draws']:,} futures; each contract's future is the same draw in "
        f"all figures. ± is the simulation's own standard error of the figure before it, from {summary['replicates']} "
        "independent replicates; brackets after a chance hold its 95 % interval. They say how well the model was "
        "computed, not how well it describes the world. IRR, the internal rate of return: the yearly interest at which "
        "what comes back is worth what was lent. What contracts lose or gain is before the fund's own costs"
        f"{before}, and not discounted."
    )
