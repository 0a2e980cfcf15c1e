"""A file that was read once, to be built with any options: one contract, or several held together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.actuals_file import with_actuals
from sibsim.loading.assumptions import Book, book_of
from sibsim.loading.build import LATTICE_DIMENSIONS, MOST_OPTIONS, build, ordered_inputs, warning_text
from sibsim.loading.check_settled import check_settled
from sibsim.loading.extending import Whole, read_whole, with_changes
from sibsim.loading.finding import find
from sibsim.loading.options import apply, option_names
from sibsim.loading.place import Context, Node
from sibsim.scenario import Scenario

if TYPE_CHECKING:
    from sibsim.loading.compared import Version

__all__ = ["File", "Readable", "numbered", "opened", "uncertain"]

T = TypeVar("T")


def uncertain(context: Context) -> list[str]:
    """The inputs of a file that are drawn, in file order."""
    return [entry.name for entry in ordered_inputs(context) if entry.distribution.IS_DRAWN]


def numbered(scenario: Scenario, known: Iterable[str]) -> Scenario:
    """The scenario with a lattice dimension for each uncertain input: those ``known`` first, then new ones by name."""
    names = list(known)
    drawn = [entry.name for entry in scenario.inputs if entry.distribution.IS_DRAWN]
    names += sorted(set(drawn) - set(names))
    numbers = {name: number for number, name in enumerate(names[:LATTICE_DIMENSIONS]) if name in drawn}
    inputs = tuple(replace(entry, dimension=numbers.get(entry.name)) for entry in scenario.inputs)
    return replace(scenario, inputs=inputs)


class Readable(ABC, Generic[T]):
    """A file of which each choice of options gives something."""

    name: str
    root: Node

    @abstractmethod
    def build(self, options: Sequence[str], sets: Sequence[str]) -> tuple[T | None, Context]:
        """What the file says with these options, and what is known about it."""

    @abstractmethod
    def finished(self, built: T, base: Context, warnings: Sequence[str]) -> T:
        """What was built, its inputs numbered as those of the file as it stands, with these warnings."""

    def checked(self) -> T:
        """The file as it stands; ScenarioError if anything is wrong with it or with one of its options."""
        built, context = self.build((), ())
        problems, warnings = list(context.problems), [warning_text(*warning) for warning in context.warnings]
        for name in option_names(self.root)[:MOST_OPTIONS]:
            _, of_option = self.build((name,), ())
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
        if problems or built is None:
            raise ScenarioError(self.name, problems)
        return self.finished(built, context, warnings)

    def wrong_options(self, used: Sequence[str]) -> list[str]:
        """A warning for each option, apart from those used, that gives nothing valid."""
        found = []
        for name in option_names(self.root)[:MOST_OPTIONS]:
            problems = self.build((name,), ())[1].problems if name not in used else []
            if problems:
                first = warning_text(problems[0].path, problems[0].message)
                more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
                found.append(f"option '{name}' cannot be run: {first}{more} (`sibsim validate` tells all)")
        return found

    def changed(self, options: Sequence[str], sets: Sequence[str]) -> tuple[Node, list[Problem]]:
        """The tree with these options, and what is wrong with them."""
        if self.root.kind != "mapping":
            return self.root, []
        return apply(self.root, options, sets)


class File(Readable[Scenario]):
    """The file of one contract.

    Parameters
    ----------
    path : Path
    name : str
        What to call it in messages.
    whole : Whole
        What was read, with all that it extends.
    """

    def __init__(self, path: Path, name: str, whole: Whole) -> None:
        self.path, self.name, self.whole = path, name, whole
        self.root, self.problems = whole.root, whole.problems

    def build(
        self, options: Sequence[str], sets: Sequence[str], changes: Node | None = None
    ) -> tuple[Scenario | None, Context]:
        """The scenario with these options, then these ``changes`` (path: value), then those of ``sets``."""
        root, problems = self.changed(options, sets)
        if changes is not None and root.kind == "mapping":
            root, found = with_changes(root, changes)
            problems = [*problems, *found]
        return build(root, [*self.problems, *problems], **self.about(tuple(options)))

    def version(self, options: Sequence[str], sets: Sequence[str]) -> Version:
        """The scenario with these options, to be set beside another; ScenarioError if anything is wrong."""
        from sibsim.loading.compared import Version

        scenario, context = self.build(options, sets)
        if context.problems or scenario is None:
            raise ScenarioError(self.name, context.problems)

        def built(tree: Node) -> Scenario | None:
            made, known = build(tree, [], **self.about(tuple(options)))
            return None if known.problems else made

        return Version(context, scenario, built, tuple(sets))

    def about(self, options: tuple[str, ...]) -> dict[str, Any]:
        """What is known of a scenario besides what it says."""
        return {
            "name": self.path.stem,
            "file": self.name,
            "folder": self.path.parent,
            "sha256": self.whole.sha256,
            "options": options,
            "available_options": tuple(option_names(self.root)),
        }

    def book(self, options: Sequence[str], sets: Sequence[str]) -> Book:
        """Every figure with where it comes from."""
        scenario = self.scenario(options, sets)
        return book_of(self.build(options, sets)[1], scenario)

    def scenario(self, options: Sequence[str], sets: Sequence[str], is_settled: bool = False) -> Scenario:
        """The scenario with these options; ScenarioError if anything is wrong, or not known that must be to settle."""
        scenario, context = self.build(options, sets)
        if is_settled and scenario is not None and not context.problems:
            check_settled(scenario, context)
        if context.problems or scenario is None:
            raise ScenarioError(self.name, context.problems)
        base = self.build((), ())[1] if options or sets else context
        return self.numbered(scenario, base)

    def numbered(self, scenario: Scenario, base: Context) -> Scenario:
        """Give each uncertain input its lattice dimension.

        First those of the file as it stands, then those that only an option or ``--set`` brings, by name: so that no
        option moves the draws of another input, and a file meets the luck of the one it extends.
        """
        return numbered(scenario, self._uncertain(base))

    def finished(self, built: Scenario, base: Context, warnings: Sequence[str]) -> Scenario:
        """The scenario, numbered as the file as it stands, with these warnings."""
        return replace(self.numbered(built, base), warnings=tuple(warnings))

    def _uncertain(self, base: Context) -> list[str]:
        """The uncertain inputs of the file as it stands, those of the file it extends first, then new ones by name."""
        found: list[str] = []
        for level in self.whole.levels:
            names = uncertain(base if level is self.root else build(level, [], **self.about(()))[1])
            found += [name for name in (sorted(names) if found else names) if name not in found]
        return found


def opened(source: str | Path, actuals: str | Path | None = None, named: str = "") -> File:
    """Read the file of a path or a name, with what came, if that stands in a file of its own.

    ``named`` is what to call it in messages, if not as the user named it.

    Raises
    ------
    ScenarioError
        It cannot be found or read.
    """
    path = find(source)
    name = named or (str(source) if Path(source) == path else str(path))
    whole = read_whole(path, name)
    return File(path, name, whole if actuals is None else with_actuals(whole, Path(actuals)))
