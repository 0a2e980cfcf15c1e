"""From the tree of a file to a `Scenario`: every section read, defaults filled in, everything checked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, NoReturn

from sibsim.errors import Problem
from sibsim.loading.actuals import actuals
from sibsim.loading.checks import check
from sibsim.loading.cohort_tables import with_tables
from sibsim.loading.contract import CONTRACT
from sibsim.loading.events import EVENTS
from sibsim.loading.finance import finance
from sibsim.loading.header import HEADER
from sibsim.loading.keys import NEEDED, Key, read
from sibsim.loading.money import BENEFITS, COSTS
from sibsim.loading.names import collect_names
from sibsim.loading.people import NOBODY, PEOPLE
from sibsim.loading.place import SET, Context, Node, Place, attempt, is_portfolio
from sibsim.loading.reports import MEASURES
from sibsim.scenario import ACCOUNT, OUTSIDE, Cap, Cost, Input, Number, Payment, Rounding, Scenario

__all__ = ["HELD_TOGETHER", "LATTICE_DIMENSIONS", "ROOT", "TABLES", "build", "ordered_inputs", "warning_text"]
__all__ += ["MOST_OPTIONS", "fields_of", "rates_of"]

LATTICE_DIMENSIONS = 24
MOST_OPTIONS = 100


def warning_text(path: str, message: str) -> str:
    """A warning as the reader sees it."""
    return f"{path}: {message}" if path else message


def _contract(place: Place) -> dict[str, Any]:
    return read(place, CONTRACT)


def _options(place: Place) -> bool:
    """Only that each option is a mapping: what it changes is read when it is chosen."""
    if place.node.kind != "mapping":
        raise place.wrong(f"expected 'name: {{path: value}}'; got {place.node.shown}")
    if len(place.node.entries) > MOST_OPTIONS:
        raise place.wrong(f"{len(place.node.entries)} options; the most is {MOST_OPTIONS}")
    for _, child in place.children():
        if child.node.kind != "mapping":
            child.note(f"expected 'path: value' lines, e.g. 'contract.cap: 5 m'; got {child.node.shown}")
    return True


def _beside(place: Place) -> NoReturn:
    """What is read before the file is built, and is then no longer there."""
    raise place.wrong("needs 'extends' beside it, the file to change; else write the values where they belong")


def _held(place: Place) -> NoReturn:
    """What belongs to a portfolio, in the file of one contract."""
    raise place.wrong("belongs to a portfolio: several contracts held together, with 'portfolio' in place of 'title'")


HELD_TOGETHER = (
    Key("portfolio", _held, "", "in place of `title`: what several contracts held together are called", '"A fund"'),
    Key("holdings", _held, "", "in a portfolio: the contracts it holds", "{care: {scenario: child-obesity}}"),
    Key(
        "factors",
        _held,
        "none",
        "in a portfolio: what its contracts have in common. Each input named hangs on the factor by its loading, from "
        "-1 to 1",
        "{economy: {care: {relative risk: 0.3}}}",
    ),
)
"""Keys that make a file a portfolio."""

ROOT = (
    *HEADER,
    *PEOPLE,
    Key("measures", MEASURES, "none", "what the evaluator reports", "{fewer: {of: relapse, as: total, ...}}"),
    Key("contract", _contract, "none", "how much money each report is worth", "{payments: {...}}"),
    Key("costs", COSTS, "none", "what the service costs", "{programme: {amount: 4 m}}"),
    Key("benefits", BENEFITS, "none", "what the truth is worth, and to whose budget", "{care: {of: relapse, ...}}"),
    Key("finance", finance, "none", "who puts the money up first", "{tranches: {loan: {amount: 4 m}}}"),
    Key("events", EVENTS, "none", "what may interrupt the contract", "{early stop: {at: 2015-07, stops: everything}}"),
    Key("actuals", actuals, "none", "what really came, for settling", "{measures: {completion rate: 100 %}}"),
    Key("options", _options, "none", "other versions of the same contract", "{low: {contract.cap: 5 m}}"),
    Key(
        "extends",
        _beside,
        "",
        "a file in the scenario's folder, or the name of a scenario that comes with sibsim: begin with that",
        "base.yaml",
    ),
    Key("changes", _beside, "none", "beside `extends`: what is different, path: value", "{participants.size: 500}"),
    *HELD_TOGETHER,
)
"""The whole file: each key at its top, in the order of reading."""


def build(root: Node, problems: list[Problem], **about: Any) -> tuple[Scenario | None, Context]:
    """Read a tree.

    Parameters
    ----------
    root : Node
    problems : list of Problem
        What is already known to be wrong.
    about
        Fields of `Scenario` that are not in the file: name, file, sha256, options, available_options; and its
        ``folder``, where other files are looked for.

    Returns
    -------
    Scenario or None, Context
        The scenario holds what could be read; it is right only if ``context.problems`` is empty.
    """
    folder = about.pop("folder", None)
    context = Context(root=root, problems=list(problems), folder=folder, rates=rates_of(root))
    place = Place(context, root, "", (1, 1))
    if root.kind != "mapping":
        place.note(f"a scenario is keys with values, e.g. 'sibsim: 1'; this is {root.shown}")
        return None, context
    if is_portfolio(root):
        key = "portfolio" if "portfolio" in root.entries else "holdings"
        place.child(key).note(
            "this file is a portfolio, several contracts held together: 'sibsim portfolio' simulates it", at_key=True
        )
        return None, context
    context.root = root = with_tables(root, context)
    place = Place(context, root, "", (1, 1))
    collect_names(place)
    attempt(lambda at: read(at, ROOT, context.built), place)
    built = context.built
    if not {key.field or key.name for key in HEADER if key.default == NEEDED} <= set(built):
        return None, context
    scenario = check(_fill(_scenario(context, about), context), context)
    return replace(scenario, warnings=tuple(warning_text(path, message) for path, message in context.warnings)), context


def rates_of(root: Node) -> frozenset[str]:
    """The currencies of which a file says what they are worth."""
    return frozenset(root.entries.get("exchange_rates", Node("text")).entries)


def fields_of(context: Context, about: dict[str, Any], *others: str) -> dict[str, Any]:
    """The fields of a `Scenario` that a file says, those of ``others`` apart, with the defaults of the language."""
    built = dict(context.built)
    for key in ("sibsim", "options", "step_months", *others):
        built.pop(key, None)
    defaults = {
        "price_year": context.start.year,
        "horizon": None,
        "discount_rate": Number(0.0, "percent"),
        "budget_year": 1,
        "cohorts": (NOBODY,),
        "outcomes": (),
    }
    fields: dict[str, Any] = {**defaults, **built, **about}
    if context.tables:  # another table, another scenario
        parts = [about["sha256"], *(sha256 for _, sha256 in sorted(context.tables.items()))]
        fields["sha256"] = hashlib.sha256("".join(parts).encode()).hexdigest()
    fields["copula_df"] = built.get("copula_df") or None
    fields["has_people"] = "cohorts" in built
    fields["inputs"] = ordered_inputs(context)
    fields["evidence"] = tuple(context.evidence.values())
    fields["step_months"] = context.step_months
    return fields


def _scenario(context: Context, about: dict[str, Any]) -> Scenario:
    contract = context.built.get("contract", {})
    rounding = contract.get("round")
    return Scenario(
        payments=tuple(_rounded(payment, rounding) for payment in contract.get("payments", ())),
        contract_cap=contract.get("cap", Cap()),
        contract_round=rounding,
        **fields_of(context, about, "contract"),
    )


def _rounded(payment: Payment, rounding: Rounding | None) -> Payment:
    """A payment that does not say how it is rounded, as the contract says; one that says `none`, not at all."""
    own = payment.round or rounding
    return replace(payment, round=None if own is None or own.to == 0.0 else own)


def _fill(scenario: Scenario, context: Context) -> Scenario:
    """Defaults that hang on other sections: without finance the account is the provider's."""
    nodes = context.nodes

    def payment(p: Payment) -> Payment:
        return replace(p, to="provider") if f"contract.payments.{p.name}.to" not in nodes else p

    def cost(c: Cost) -> Cost:
        by = c.by if f"costs.{c.name}.by" in nodes else "provider"
        to = c.to if f"costs.{c.name}.to" in nodes else OUTSIDE
        return replace(c, by=by, to=to)

    if scenario.finance is not None or ("finance" in context.nodes and not context.nodes["finance"].is_none):
        return scenario
    for p in scenario.payments:
        if p.to == ACCOUNT and f"contract.payments.{p.name}.to" in nodes:
            context.problem(
                f"contract.payments.{p.name}.to", "there is no account without 'finance'; write e.g. 'to: provider'"
            )
    for c in scenario.costs:
        for key in ("by", "to"):
            if getattr(c, key) == ACCOUNT and f"costs.{c.name}.{key}" in nodes:
                context.problem(f"costs.{c.name}.{key}", "there is no account without 'finance'; write e.g. 'provider'")
    return replace(
        scenario,
        payments=tuple(payment(p) for p in scenario.payments),
        costs=tuple(cost(c) for c in scenario.costs),
    )


def ordered_inputs(context: Context) -> tuple[Input, ...]:
    """Declared inputs in order, then distributions written in place: of the file that is extended, of the file, and
    what `--set` brought, each in file order."""

    place = {name: number for number, name in enumerate(context.names_of("input"))}

    def position(entry: Input) -> tuple[bool, bool, bool, int, int, str]:
        if entry.name in place:
            return (False, False, False, place[entry.name], 0, "")
        node = context.nodes[entry.name]
        return (True, node.origin == SET, node.origin == "", node.line, node.column, entry.name)

    return tuple(sorted(context.inputs.values(), key=position))


TABLES: dict[str, tuple[Key, ...]] = {"file": ROOT}
"""By section."""
