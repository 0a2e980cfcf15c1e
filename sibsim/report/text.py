"""The report on a terminal: sentences a council member reads first, then the tables for the analyst."""

from __future__ import annotations

from sibsim.report.background import driver_table, input_list, spread_table, warning_list
from sibsim.report.came import came_list
from sibsim.report.events import event_list
from sibsim.report.financiers import (
    cash_sentences,
    guarantor_sentences,
    investor_sentences,
    only_gets,
    provider_sentences,
)
from sibsim.report.layout import Layout, listed, wrap
from sibsim.report.numbers import is_number, percent
from sibsim.report.payer import beneficiary_sentences, payer_sentences, purse_sentences
from sibsim.report.payments import cohort_table, payment_table
from sibsim.report.people import measure_tables, outcome_tables
from sibsim.report.queues import queue_list
from sibsim.report.reading import PUBLIC_PURSE, Party, Summary, name_of, parties, parties_that_are, works
from sibsim.report.sections import answers, calendar, facts_line, headline, joined
from sibsim.report.tables import party_tables, yearly_tables

__all__ = ["questions", "render"]


def render(summary: Summary, layout: Layout) -> str:
    """The whole report as text.

    Parameters
    ----------
    summary : mapping
        What `Results.summary` returns.
    layout : Layout
        Width, and whether bold may be used.

    Returns
    -------
    str
        Lines no wider than the layout, ending in a line feed. The same summary gives the same text.
    """
    sections = [
        _headline(summary, layout),
        _decisions(summary, layout),
        payment_table(summary, layout),
        cohort_table(summary, layout),
        *yearly_tables(summary, layout),
        *party_tables(summary, layout),
        event_list(summary, layout),
        queue_list(summary, layout),
        outcome_tables(summary, layout),
        measure_tables(summary, layout),
        came_list(summary, layout),
        driver_table(summary, layout),
        spread_table(summary, layout),
        input_list(summary, layout),
        warning_list(summary, layout),
        _footnote(summary, layout),
    ]
    return joined(sections)


def _headline(summary: Summary, layout: Layout) -> list[str]:
    scenario = summary["scenario"]
    facts = [
        f"{summary['draws']:,} futures",
        f"seed {summary['seed']}",
        calendar(scenario["step"], scenario["start"], scenario["end"]),
        f"{scenario['currency']}, prices of {scenario['price_year']}",
    ]
    if summary["sampling"] != "lattice":
        facts.append(f"{summary['sampling']} sampling")
    return headline(scenario["title"], scenario["option"], layout) + facts_line(facts, layout)


def _decisions(summary: Summary, layout: Layout) -> list[str]:
    """The questions each party has to answer, each with its sentences."""
    return _no_effect(summary, layout) + answers(questions(summary), layout)


def questions(summary: Summary) -> list[tuple[str, list[str]]]:
    """What each party has to decide, in the order of the report, each with the sentences that answer it."""
    payers, investors = parties_that_are(summary, "payer"), parties_that_are(summary, "investor")
    providers, guarantors = parties_that_are(summary, "provider"), parties_that_are(summary, "guarantor")
    asked = [(f"Should {name_of(p)} sign?", payer_sentences(summary, id, p)) for id, p in payers]
    asked += [(f"What does {name_of(p)} gain?", beneficiary_sentences(p)) for _, p in _only_save(summary)]
    purses = [p for id, p in parties(summary) if id == PUBLIC_PURSE]
    asked += [(f"And {_lowered(name_of(p))}?", purse_sentences(summary, PUBLIC_PURSE, p)) for p in purses]
    asked += [(f"Should {name_of(p)} invest?", investor_sentences(summary, p)) for _, p in investors]
    provider_asks = "What does {} risk?" if investors else "Should {} take it on?"
    asked += [
        (
            ("What goes to {}? (What that costs is not in the file.)" if only_gets(p) else provider_asks).format(
                name_of(p)
            ),
            provider_sentences(summary, p),
        )
        for _, p in providers
    ]
    asked += [(f"What does {name_of(p)} risk as guarantor?", guarantor_sentences(summary, p)) for _, p in guarantors]
    waits = [(id, p) for id, p in parties(summary) if p.get("cash") and "provider" not in p["roles"]]
    asked += [(f"Does the cash of {name_of(p)} last?", cash_sentences(summary, p)) for _, p in waits]
    return asked


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _only_save(summary: Summary) -> list[tuple[str, Party]]:
    return [(id, p) for id, p in parties_that_are(summary, "beneficiary") if "payer" not in p["roles"]]


def _no_effect(summary: Summary, layout: Layout) -> list[str]:
    if works(summary) is not False:
        return []
    if not any(outcome["people"] for outcome in summary["outcomes"].values()):
        return ["Nobody takes part in this version."]
    others = [name for name, outcome in summary["outcomes"].items() if not outcome["is_causal"]]
    if others:
        causal = listed([name for name in summary["outcomes"] if name not in others])
        rest = f"how {listed(others)} would be without it"
        return wrap(
            f"The programme has no effect on {causal}, in any future; the file does not say {rest}.", layout.width
        )
    text = (
        "The programme has no effect on any outcome of this file, in any future. What is saved is luck, and what "
        "is paid is owed whatever the result or paid for luck."
    )
    return wrap(text, layout.width)


def _present_value(summary: Summary) -> str:
    rate = summary["scenario"]["discount_rate"]
    file_rate = f"{percent(rate)} a year" if is_number(rate) else "the rate of the file"
    return f"present value at {file_rate}, or at a party's own rate where it has one"


def _footnote(summary: Summary, layout: Layout) -> list[str]:
    text = (
        f"Mean, quantiles and chances are over {summary['draws']:,} futures. ± is the simulation's own standard error "
        f"of the figure before it, from {summary['replicates']} independent replicates; brackets after a chance hold "
        "its 95 % interval. They say how well the model was computed, not how well it describes the world. "
        f"pv: {_present_value(summary)}. "
        "Cash saved, freed capacity and value to society are different things and are not added up."
    )
    return wrap(text, layout.width)
