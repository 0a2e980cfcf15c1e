"""A run as it was asked for: in words, numbers and the files that were read, enough to ask for it again elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sibsim.context import Array
from sibsim.draws.streams import REPLICATE
from sibsim.errors import FileError
from sibsim.jobs import Job
from sibsim.loading import expanded, find, load, load_portfolio, portfolio_folder, scenario_folder
from sibsim.loading.kept import PORTFOLIOS, SHIPPED, Kept, keep, reading_from, recording
from sibsim.scenario import Portfolio, Scenario
from sibsim.simulate import replicates_for, simulation

__all__ = ["COMMANDS", "Answer", "Asked", "Command", "Question", "as_asked", "ask", "load_kept", "told_kept"]

MOST_REPLICATES = 10_000
MOST_SEED = 10**1_000
MOST_WORDS = 1_000
SAMPLINGS = ("lattice", "random")


class Answer(Protocol):
    """What a job makes of its stores, as far as it is printed, kept and compared."""

    @property
    def n_draws(self) -> int: ...

    def summary(self) -> dict[str, Any]:
        """All figures, as JSON holds them."""

    def per_draw(self) -> dict[str, Array]:
        """Numbers by draw, by the name of the column."""


@dataclass(frozen=True)
class Asked:
    """What was asked for, in words and numbers.

    Parameters
    ----------
    command : str
        One of `COMMANDS`.
    file : str
        As the user named it.
    options, sets : tuple of str
        Options of the file, and changes ``path=value``, in their order.
    n_draws : int
        Whole replicates of 1,024.
    seed : int
    sampling : {'lattice', 'random'}
    more : mapping of str to what JSON holds
        What only this command asks for.
    """

    command: str
    file: str
    options: tuple[str, ...]
    sets: tuple[str, ...]
    n_draws: int
    seed: int
    sampling: str = "lattice"
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_replicates(self) -> int:
        return replicates_for(self.n_draws)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON holds it; `as_asked` reads it."""
        said: dict[str, Any] = {name: getattr(self, name) for name in ("command", "file", "seed", "sampling")}
        words = {"options": list(self.options), "sets": list(self.sets)}
        return {**said, "draws": self.n_draws, **words, "more": dict(self.more)}


class Question(NamedTuple):
    """What was asked for, and the files that say what it is about."""

    asked: Asked
    kept: Kept


class Command(NamedTuple):
    """A command whose runs can be done in parts, kept and done again.

    Parameters
    ----------
    find : callable
        The path of the file that the user named.
    load : callable
        (path or name, what was asked, what to call it): what the files say.
    job : callable
        (what they say, what was asked, workers): the job.
    told : callable
        (path or name, what was asked): the files as one text, with options and changes put in.
    dimensions : callable
        (what the files say): the dimension of the lattice of each uncertain input.
    summary : callable
        (results, what was asked): all figures.
    is_more : callable
        Whether something is what only this command asks for, in full.
    """

    find: Callable[[str | Path], Path]
    load: Callable[[str | Path, Asked, str], Any]
    job: Callable[[Any, Asked, int | None], Job[Any]]
    told: Callable[[str | Path, Asked], str]
    dimensions: Callable[[Any], dict[str, int]]
    summary: Callable[[Any, Asked], dict[str, Any]]
    is_more: Callable[[Mapping[str, Any]], bool]


def _load_scenario(source: str | Path, asked: Asked, named: str) -> Scenario:
    return load(source, options=asked.options, sets=asked.sets, is_whole=True, named=named)


def _simulation(scenario: Scenario, asked: Asked, workers: int | None) -> Job[Any]:
    return simulation(scenario, asked.n_draws, asked.seed, asked.sampling, workers)


def _told(source: str | Path, asked: Asked) -> str:
    return expanded(source, asked.options, asked.sets)


def _dimensions(scenario: Scenario) -> dict[str, int]:
    return {i.name: i.dimension for i in scenario.inputs if i.dimension is not None}


def _summary(results: Answer, asked: Asked) -> dict[str, Any]:
    return results.summary()


# ------------------------------------------------------------------------------------------------ portfolios
def _load_portfolio(source: str | Path, asked: Asked, named: str) -> Portfolio:
    return load_portfolio(source, options=asked.options, sets=asked.sets, is_whole=True, named=named)


def _portfolio_job(portfolio: Portfolio, asked: Asked, workers: int | None) -> Job[Any]:
    from sibsim.portfolio import portfolio_job

    return portfolio_job(portfolio, asked.n_draws, asked.seed, asked.sampling, asked.more["factors_at"])


def _portfolio_dimensions(portfolio: Portfolio) -> dict[str, int]:
    held = {f"{one.name}.{name}": i for one in portfolio.holdings for name, i in _dimensions(one.scenario).items()}
    return {**_dimensions(portfolio.fund), **held}


def _portfolio_summary(results: Any, asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = results.summary(chance_of_loss=asked.more["chance_of_loss"])
    return found


def _is_of_portfolio(more: Mapping[str, Any]) -> bool:
    if set(more) != {"chance_of_loss", "factors_at"} or not isinstance(more["factors_at"], Mapping):
        return False
    shares = [more["chance_of_loss"], *more["factors_at"].values()]
    return all(isinstance(share, float) and 0.0 < share < 1.0 for share in shares)


COMMANDS: dict[str, Command] = {
    "run": Command(find, _load_scenario, _simulation, _told, _dimensions, _summary, lambda more: not more),
    "portfolio": Command(
        find, _load_portfolio, _portfolio_job, _told, _portfolio_dimensions, _portfolio_summary, _is_of_portfolio
    ),
}


def ask(asked: Asked) -> tuple[Question, Any]:
    """Read the files of a run, and keep them.

    Parameters
    ----------
    asked : Asked
        ``file`` may be the name of a scenario that ships.

    Returns
    -------
    (Question, what the files say)

    Raises
    ------
    ScenarioError
        With every problem of the files.
    FileError
        They cannot be kept so that they give the same once more.
    """
    command = COMMANDS[asked.command]
    with recording() as read:
        loaded = command.load(asked.file, asked, "")
    main = command.find(asked.file)
    named = asked.file if Path(asked.file) == main else str(main)
    question = Question(
        replace(asked, file=named), keep(read, main, {SHIPPED: scenario_folder(), PORTFOLIOS: portfolio_folder()})
    )
    if load_kept(question) != loaded:
        raise FileError(f"{asked.file}: what was read cannot be kept so that it gives the same scenario once more")
    return question, loaded


def told_kept(question: Question, folder: Path) -> str:
    """The files of a question as one text, read from where they are kept."""
    with reading_from(folder):
        return COMMANDS[question.asked.command].told(folder / question.kept.main, question.asked)


def load_kept(question: Question, folder: Path | None = None) -> Any:
    """What the files of a question say, read from where they are kept.

    Parameters
    ----------
    question : Question
    folder : Path, optional
        Where they are kept; None puts them into a folder for the time being.

    Raises
    ------
    ScenarioError
        With every problem of the files.
    """
    if folder is not None:
        with reading_from(folder):
            asked = question.asked
            return COMMANDS[asked.command].load(folder / question.kept.main, asked, asked.file)
    with tempfile.TemporaryDirectory(prefix="sibsim-") as name:
        question.kept.write(Path(name))
        return load_kept(question, Path(name))


def as_asked(said: Any) -> Asked:
    """What was asked for, as a file of results says it: whatever that is.

    Raises
    ------
    FileError
        It is not what it must be.
    """
    try:
        if not isinstance(said, Mapping):
            raise ValueError
        asked = Asked(
            _one_of(said["command"], tuple(COMMANDS)),
            _word(said["file"]),
            _words(said["options"]),
            _words(said["sets"]),
            _number(said["draws"], 1, MOST_REPLICATES * REPLICATE),
            _number(said["seed"], 0, MOST_SEED),
            _one_of(said["sampling"], SAMPLINGS),
            said["more"],
        )
        if set(said) != {"command", "file", "options", "sets", "draws", "seed", "sampling", "more"}:
            raise ValueError
        if not isinstance(asked.more, Mapping) or not COMMANDS[asked.command].is_more(asked.more):
            raise ValueError
    except (KeyError, ValueError):
        raise FileError("does not say in full what was asked for") from None
    return asked


def _one_of(said: Any, known: tuple[str, ...]) -> str:
    if said not in known:
        raise ValueError
    return str(said)


def _word(said: Any) -> str:
    if not isinstance(said, str) or not said or len(said) > 10_000 or "\x00" in said:
        raise ValueError
    return said


def _words(said: Any) -> tuple[str, ...]:
    if not isinstance(said, list) or len(said) > MOST_WORDS:
        raise ValueError
    return tuple(_word(one) for one in said)


def _number(said: Any, least: int, most: int) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not least <= said <= most:
        raise ValueError
    return said
