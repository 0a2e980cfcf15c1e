"""From a YAML file to a checked `Scenario`, or to every problem in the file with its line and column.

Reading goes one way: bytes to a tree with positions (`reader`), the file it extends (`extending`), options put in
(`options`), each section read by its table of keys (`header`, `people`, `reports`, `contract`, `money`), checks across
sections (`checks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sibsim.errors import ScenarioError, SibsimError
from sibsim.loading.assumptions import Book
from sibsim.loading.file import opened
from sibsim.loading.finding import find, portfolio_folder, portfolios, scenario_folder, shipped
from sibsim.loading.notes import notes
from sibsim.loading.place import is_portfolio
from sibsim.loading.portfolio_file import PortfolioFile
from sibsim.scenario import Portfolio, Scenario

if TYPE_CHECKING:
    from sibsim.loading.compared import Compared

__all__ = [
    "assumption_book",
    "check",
    "check_file",
    "compare",
    "expanded",
    "find",
    "load",
    "load_portfolio",
    "load_settled",
    "notes",
    "portfolio_book",
    "portfolio_folder",
    "portfolios",
    "scenario_folder",
    "shipped",
]

Asked = tuple[str | Path, Sequence[str], Sequence[str]]
"""A file, its options and changes as of ``--set``."""


def load(
    source: str | Path,
    options: Sequence[str] = (),
    sets: Sequence[str] = (),
    is_whole: bool = False,
    actuals: str | Path | None = None,
    named: str = "",
) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    source : str or Path
        A file, or the name of a scenario that ships with the package; a path always wins over a name.
    options : sequence of str
        Options of the file to apply, in order.
    sets : sequence of str
        Changes ``path=value`` to apply after them, read as YAML.
    is_whole : bool
        Whether to try every other option of the file too, and to warn of those that cannot be run.
    actuals : str or Path, optional
        A file with what came, in place of the section `actuals` of the scenario.
    named : str
        What to call the file, if not as it is named: one that is kept, as the user named it first.

    Returns
    -------
    Scenario
        Checked and immutable; ``warnings`` holds what its author should know.

    Raises
    ------
    ScenarioError
        With every problem found.

    Examples
    --------
    >>> load("no such scenario.yaml")
    Traceback (most recent call last):
    sibsim.errors.ScenarioError: no such scenario.yaml: 1 problem
      -  no such file
    """
    file = opened(source, actuals, named)
    scenario = file.scenario(_several(options), _several(sets))
    if not is_whole:
        return scenario
    return replace(scenario, warnings=(*scenario.warnings, *file.wrong_options(_several(options))))


def load_settled(
    source: str | Path,
    options: Sequence[str] = (),
    sets: Sequence[str] = (),
    actuals: str | Path | None = None,
) -> Scenario:
    """Read a scenario that is to be settled on what came.

    Parameters
    ----------
    source, options, sets, actuals
        As in `load`.

    Raises
    ------
    ScenarioError
        With every problem found; also with everything that must be known to settle it and is not.
    """
    return opened(source, actuals).scenario(_several(options), _several(sets), is_settled=True)


def load_portfolio(
    source: str | Path,
    options: Sequence[str] = (),
    sets: Sequence[str] = (),
    is_whole: bool = False,
    named: str = "",
) -> Portfolio:
    """Read a portfolio: a fund, and what it holds of several contracts.

    Parameters
    ----------
    source : str or Path
        A file, or the name of a portfolio that ships with the package; a path always wins over a name.
    options, sets, is_whole, named
        As in `load`.

    Returns
    -------
    Portfolio
        Checked and immutable. Warnings are those of ``fund``; its ``horizon`` is the last of its dates on which money
        of a holding can move, or that of the file if it is later.

    Raises
    ------
    ScenarioError
        With every problem found, those of the contracts it holds too.
    """
    file = PortfolioFile(opened(source, named=named))
    portfolio = file.portfolio(_several(options), _several(sets))
    if not is_whole:
        return portfolio
    warnings = (*portfolio.fund.warnings, *file.wrong_options(_several(options)))
    return replace(portfolio, fund=replace(portfolio.fund, warnings=warnings))


def _several(words: Sequence[str]) -> Sequence[str]:
    """One word is a list of one."""
    return (words,) if isinstance(words, str) else words


def check_file(source: str | Path) -> Scenario:
    """Read a scenario and check that every option of the file gives a valid scenario too.

    Parameters
    ----------
    source : str or Path
        As in `load`.

    Returns
    -------
    Scenario
        Without options; its warnings include those that an option brings.

    Raises
    ------
    ScenarioError
        With every problem found; those of an option begin with its name.
    """
    return opened(source).checked()


def check(source: str | Path) -> Scenario | Portfolio:
    """Read a scenario or a portfolio, whichever it is, and check that every option of the file is valid too.

    Parameters
    ----------
    source : str or Path
        As in `load`.

    Returns
    -------
    Scenario or Portfolio
        As of `check_file`; the warnings of a portfolio are those of its ``fund``.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    file = opened(source)
    return PortfolioFile(file).checked() if is_portfolio(file.root) else file.checked()


def assumption_book(source: str | Path, options: Sequence[str] = (), sets: Sequence[str] = ()) -> Book:
    """Every figure of a scenario with where it comes from.

    Parameters
    ----------
    source, options, sets
        As in `load`.

    Raises
    ------
    ScenarioError
        With every problem found.

    Examples
    --------
    >>> book = assumption_book("child-obesity")
    >>> [(figure.path, figure.shown, figure.status) for figure in book.figures if figure.path == "take_up"]
    []
    >>> next(figure.shown for figure in book.figures if figure.path == "size")
    '1 000'
    """
    return opened(source).book(_several(options), _several(sets))


def portfolio_book(source: str | Path, options: Sequence[str] = (), sets: Sequence[str] = ()) -> Book:
    """Every figure of a portfolio, and of each contract that it holds, with where it comes from.

    Parameters
    ----------
    source, options, sets
        As in `load_portfolio`.

    Raises
    ------
    ScenarioError
        With every problem found.

    Examples
    --------
    >>> list(portfolio_book("two-bonds").contracts)
    ['diabetes', 'placed children']
    """
    return PortfolioFile(opened(source)).book(_several(options), _several(sets))


def expanded(source: str | Path, options: Sequence[str] = (), sets: Sequence[str] = ()) -> str:
    """A scenario, or a portfolio, as one YAML text: with the files that it extends, options and changes put in.

    Parameters
    ----------
    source, options, sets
        As in `load`.

    Raises
    ------
    ScenarioError
        The file cannot be read.
    """
    from sibsim.loading.as_yaml import in_yaml

    return in_yaml(opened(source).changed(_several(options), _several(sets))[0])


def compare(first: Asked, second: Asked) -> Compared:
    """How two scenarios differ, key by key.

    Parameters
    ----------
    first, second : (source, options, sets)
        As in `load`.

    Raises
    ------
    SibsimError
        With every problem of both.

    Examples
    --------
    >>> found = compare(("child-obesity", (), ()), ("child-obesity", ["no effect"], ())).differences
    >>> [(".".join(one.path), one.second.written) for one in found if not one.is_same]
    [('inputs.relative risk', '1')]
    """
    from sibsim.loading.compared import Compared
    from sibsim.loading.differences import differences

    versions, wrong = [], dict[str, ScenarioError]()
    for source, options, sets in (first, second):
        try:
            versions.append(opened(source).version(_several(options), _several(sets)))
        except ScenarioError as error:
            wrong[str(error)] = error
    if len(wrong) == 1:
        raise next(iter(wrong.values()))
    if wrong:
        raise SibsimError("\n".join(wrong))
    return Compared(versions[0], versions[1], tuple(differences(versions[0], versions[1])))
