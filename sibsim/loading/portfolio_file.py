"""A portfolio that was read once, to be built with any options."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.assumptions import Book, book_of
from sibsim.loading.build import fields_of, rates_of, warning_text
from sibsim.loading.check_portfolio import check_portfolio
from sibsim.loading.contracts import Contracts
from sibsim.loading.extending import Located, real_path
from sibsim.loading.file import File, Readable, numbered, uncertain
from sibsim.loading.keys import NEEDED, read
from sibsim.loading.names import collect_names
from sibsim.loading.place import Context, Node, Place, attempt, is_portfolio
from sibsim.loading.portfolio import FOREIGN, PORTFOLIO
from sibsim.scenario import OUTSIDE, Finance, Loading, Portfolio, Scenario

__all__ = ["PortfolioFile"]


class PortfolioFile(Readable[Portfolio]):
    """The file of a portfolio."""

    def __init__(self, file: File) -> None:
        self.file, self.name, self.root = file, file.name, file.root
        folder = real_path(file.path.parent)
        self.contracts = Contracts(Located(file.path, file.name, folder))

    def build(self, options: Sequence[str], sets: Sequence[str]) -> tuple[Portfolio | None, Context]:
        """The portfolio with these options, and what is known about it."""
        root, problems = self.file.changed(options, sets)
        about = self.file.about(tuple(options))
        context = Context(
            root=_without_changes(root),
            problems=[*self.file.problems, *problems],
            folder=about.pop("folder"),
            rates=rates_of(root),
        )
        if not _is_right_kind(root, len(self.file.whole.levels), context):
            return None, context
        place = Place(context, _of_portfolio(root, context), "", (1, 1))
        collect_names(place)
        attempt(lambda at: read(at, PORTFOLIO, context.built), place)
        if not {key.field or key.name for key in PORTFOLIO if key.default == NEEDED} <= set(context.built):
            return None, context
        return self._built(context, about), context

    def _built(self, context: Context, about: dict[str, Any]) -> Portfolio:
        holdings = self.contracts.holdings(context.built["holdings"], context)
        about["sha256"] = _sum(about["sha256"], *self.contracts.sums(holdings))
        fields = fields_of(context, about, "portfolio", "holdings", "factors")
        fields = {"parties": (), **fields, "title": context.built["portfolio"]}
        fund = _filled(Scenario(**fields))
        ties = context.built.get("factors", ())
        loadings = tuple(Loading(tie.factor, tie.holding, tie.input, tie.loading) for tie in ties)
        factors = tuple(dict.fromkeys(tie.factor for tie in ties))
        portfolio = Portfolio(fund, holdings, factors, loadings, has_rate="discount_rate" in context.built)
        portfolio = check_portfolio(portfolio, context)
        portfolio = replace(portfolio, loadings=tuple(one for one in portfolio.loadings if one.loading != 0.0))
        for tie in ties:
            of_contract = self.contracts.known.get(tie.holding)
            if of_contract is not None and tie.input in set(of_contract.names_of("input")) - of_contract.used:
                message = f"has no effect: '{tie.input}' is used nowhere in the contract"
                context.warn(f"factors.{tie.factor}.{tie.holding}.{tie.input}", message)
        warnings = tuple(warning_text(path, message) for path, message in context.warnings)
        return replace(portfolio, fund=replace(portfolio.fund, warnings=warnings))

    def portfolio(self, options: Sequence[str], sets: Sequence[str]) -> Portfolio:
        """The portfolio with these options; ScenarioError if anything is wrong."""
        built, context = self.build(options, sets)
        if context.problems or built is None:
            raise ScenarioError(self.name, context.problems)
        base = self.build((), ())[1] if options or sets else context
        return self.finished(built, base, built.fund.warnings)

    def book(self, options: Sequence[str], sets: Sequence[str]) -> Book:
        """Every figure of the portfolio, and of each contract with its changes, with where it comes from."""
        portfolio = self.portfolio(options, sets)
        context = self.build(options, sets)[1]
        known = self.contracts.known
        contracts = {one.name: book_of(known[one.name], one.scenario) for one in portfolio.holdings}
        return replace(book_of(context, portfolio.fund), contracts=contracts)

    def finished(self, built: Portfolio, base: Context, warnings: Sequence[str]) -> Portfolio:
        """The portfolio, the inputs of the fund numbered as those of the file as it stands, with these warnings."""
        fund = numbered(built.fund, uncertain(base))
        return replace(built, fund=replace(fund, warnings=tuple(warnings)))


def _is_right_kind(root: Node, n_levels: int, context: Context) -> bool:
    """Whether it is a portfolio, in a file that begins with no other; else that is noted."""
    if root.kind != "mapping":
        context.problems.append(
            Problem(root.line, root.column, "", f"a portfolio is keys with values, e.g. 'sibsim: 1'; got {root.shown}")
        )
    elif not is_portfolio(root):
        message = (
            "this file is one contract: 'sibsim run' simulates it. A portfolio has 'portfolio' in place of 'title', "
            "and 'holdings'"
        )
        context.problems.append(Problem(1, 1, "", message))
    elif n_levels > 1:
        context.problems.append(Problem(1, 1, "extends", "a portfolio begins with no other file; use its options"))
    else:
        return True
    return False


def _of_portfolio(root: Node, context: Context) -> Node:
    """The tree without keys that belong to one contract; each is noted."""
    for key in root.entries:
        if key in FOREIGN:
            title = "what a portfolio is called stands in 'portfolio'; leave 'title' out"
            of_one = "belongs to one contract; a portfolio says in 'holdings' which contracts it holds"
            place = Place(context, root.entries[key], key, root.keys[key])
            place.note(title if key == "title" else of_one, at_key=True)
    return replace(root, entries={key: node for key, node in root.entries.items() if key not in FOREIGN})


def _without_changes(root: Node) -> Node:
    """The tree without the changes of holdings: their figures are those of the contract, and it says where they come
    from."""
    holdings = root.entries.get("holdings")
    if holdings is None:
        return root
    entries = {
        name: replace(node, entries={key: child for key, child in node.entries.items() if key != "changes"})
        for name, node in holdings.entries.items()
    }
    return replace(root, entries={**root.entries, "holdings": replace(holdings, entries=entries)})


def _sum(*sums: str) -> str:
    return hashlib.sha256("".join(sums).encode()).hexdigest()


def _filled(fund: Scenario) -> Scenario:
    """The fund with who bears what it cannot pay: nobody in particular, where no party is its provider."""
    is_named = fund.finance is None or fund.finance.shortfall != Finance.shortfall
    if is_named or any(party.id == Finance.shortfall for party in fund.parties):
        return fund
    assert fund.finance is not None
    return replace(fund, finance=replace(fund.finance, shortfall=OUTSIDE))
