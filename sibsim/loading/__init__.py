"""From a YAML file to a checked `Scenario`, or to every problem in the file with its line and column.

Reading goes one way: bytes to a tree with positions (`reader`), the file it extends (`extending`), options put in
(`options`), each section read by its table of keys (`header`, `people`, `reports`, `contract`, `money`), checks across
sections (`checks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sibsim.errors import Problem, ScenarioError, SibsimError
from sibsim.loading.actuals_file import with_actuals
from sibsim.loading.assumptions import Book, book_of
from sibsim.loading.build import LATTICE_DIMENSIONS, MOST_OPTIONS, build, ordered_inputs, warning_text
from sibsim.loading.check_settled import check_settled
from sibsim.loading.extending import read_whole
from sibsim.loading.finding import find, scenario_folder, shipped
from sibsim.loading.notes import notes
from sibsim.loading.options import apply, option_names
from sibsim.loading.place import Context, Node
from sibsim.scenario import Scenario

if TYPE_CHECKING:
    from sibsim.loading.compared import Compared, Version

__all__ = [
    "assumption_book",
    "check_file",
    "compare",
    "find",
    "load",
    "load_settled",
    "notes",
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
    file = _File(source, actuals, named)
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
    return _File(source, actuals).scenario(_several(options), _several(sets), is_settled=True)


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
    file = _File(source)
    scenario, context = file.build((), ())
    problems, warnings = list(context.problems), [warning_text(*warning) for warning in context.warnings]
    for name in option_names(file.root)[:MOST_OPTIONS]:
        _, of_option = file.build((name,), ())
        known = {(p.path, p.message) for p in context.problems}
        problems += [
            replace(p, message=f"option '{name}': {p.message}")
            for p in of_option.problems
            if (p.path, p.message) not in known
        ]
        warnings += [
            f"option '{name}': {warning_text(path, message)}"
            for path, message in of_option.warnings
            if path
            and (path, message) not in context.warnings  # not sums over the file, which differ a little each time
        ]
    if problems or scenario is None:
        raise ScenarioError(file.name, problems)
    return replace(file.numbered(scenario, context), warnings=tuple(warnings))


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
    file = _File(source)
    scenario = file.scenario(_several(options), _several(sets))
    root, context = file.known(_several(options), _several(sets))
    return book_of(root, context, scenario.title, " + ".join(scenario.options) or None)


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
            versions.append(_File(source).version(_several(options), _several(sets)))
        except ScenarioError as error:
            wrong[str(error)] = error
    if len(wrong) == 1:
        raise next(iter(wrong.values()))
    if wrong:
        raise SibsimError("\n".join(wrong))
    return Compared(versions[0], versions[1], tuple(differences(versions[0], versions[1])))


class _File:
    """A file that was read once, to be built with any options."""

    def __init__(self, source: str | Path, actuals: str | Path | None = None, named: str = "") -> None:
        self.path = find(source)
        self.name = named or (str(source) if Path(source) == self.path else str(self.path))
        whole = read_whole(self.path, self.name)
        self.whole = whole if actuals is None else with_actuals(whole, Path(actuals))
        self.root, self.problems = self.whole.root, self.whole.problems

    def build(self, options: Sequence[str], sets: Sequence[str]) -> tuple[Scenario | None, Context]:
        """The scenario with these options, and what is known about it."""
        root, problems = self._changed(options, sets)
        return build(root, [*self.problems, *problems], **self._about(tuple(options)))

    def version(self, options: Sequence[str], sets: Sequence[str]) -> Version:
        """The scenario with these options, to be set beside another; ScenarioError if anything is wrong."""
        from sibsim.loading.compared import Version

        scenario, context = self.build(options, sets)
        if context.problems or scenario is None:
            raise ScenarioError(self.name, context.problems)

        def built(tree: Node) -> Scenario | None:
            made, known = build(tree, [], **self._about(tuple(options)))
            return None if known.problems else made

        return Version(context, scenario, built, tuple(sets))

    def wrong_options(self, used: Sequence[str]) -> list[str]:
        """A warning for each option, apart from those used, that gives no valid scenario."""
        found = []
        for name in option_names(self.root)[:MOST_OPTIONS]:
            problems = self.build((name,), ())[1].problems if name not in used else []
            if problems:
                first = warning_text(problems[0].path, problems[0].message)
                more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
                found.append(f"option '{name}' cannot be run: {first}{more} (`sibsim validate` tells all)")
        return found

    def _about(self, options: tuple[str, ...]) -> dict[str, Any]:
        """What is known of a scenario besides what it says."""
        return {
            "name": self.path.stem,
            "file": self.name,
            "folder": self.path.parent,
            "sha256": self.whole.sha256,
            "options": options,
            "available_options": tuple(option_names(self.root)),
        }

    def known(self, options: Sequence[str], sets: Sequence[str]) -> tuple[Node, Context]:
        """The tree with these options and the rows of its tables, and what is known about it."""
        context = self.build(options, sets)[1]
        return context.root, context

    def _changed(self, options: Sequence[str], sets: Sequence[str]) -> tuple[Node, list[Problem]]:
        if self.root.kind != "mapping":
            return self.root, []
        return apply(self.root, options, sets)

    def scenario(self, options: Sequence[str], sets: Sequence[str], is_settled: bool = False) -> Scenario:
        """The scenario with these options; ScenarioError if anything is wrong, or not known that must be to settle."""
        scenario, context = self.build(options, sets)
        if is_settled and scenario is not None and not context.problems:
            check_settled(scenario, context)
        if context.problems or scenario is None:
            raise ScenarioError(self.name, context.problems)
        base = self.build((), ())[1] if options or sets else context
        return self.numbered(scenario, base)

    def _uncertain(self, base: Context) -> list[str]:
        """The uncertain inputs of the file as it stands, those of the file it extends first, then new ones by name."""
        found: list[str] = []
        for level in self.whole.levels:
            context = base if level is self.root else build(level, [], **self._about(()))[1]
            names = [entry.name for entry in ordered_inputs(context) if entry.distribution.IS_DRAWN]
            found += [name for name in (sorted(names) if found else names) if name not in found]
        return found

    def numbered(self, scenario: Scenario, base: Context) -> Scenario:
        """Give each uncertain input its lattice dimension.

        First those of the file as it stands, then those that only an option or ``--set`` brings, by name: so that no
        option moves the draws of another input, and a file meets the luck of the one it extends.
        """
        known = self._uncertain(base)
        uncertain = [entry.name for entry in scenario.inputs if entry.distribution.IS_DRAWN]
        known += sorted(set(uncertain) - set(known))
        numbers = {name: number for number, name in enumerate(known[:LATTICE_DIMENSIONS]) if name in uncertain}
        inputs = tuple(replace(entry, dimension=numbers.get(entry.name)) for entry in scenario.inputs)
        return replace(scenario, inputs=inputs)
