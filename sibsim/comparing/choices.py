"""What is compared: the options of one file or several files, made to meet the same futures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace

from sibsim.comparing.standard import STANDARD
from sibsim.errors import Problem, ScenarioError
from sibsim.loading import load
from sibsim.scenario import Input, Number, Ref, Scenario
from sibsim.timeline import step_name

__all__ = ["AS_IT_STANDS", "Choice", "choices_of", "in_same_futures"]

AS_IT_STANDS = "as it stands"
"""What the file without any option is called."""


@dataclass(frozen=True)
class Choice:
    """One of the options that are compared.

    Parameters
    ----------
    name : str
    scenario : Scenario
    says : str or None
        What a standard option does.
    service : tuple of str
        Costs paid by a fund of the payers' own, which their savings fill again.
    facts : tuple of str
        What it takes to be different in the world than the first one does: then it is no other way to buy.
    """

    name: str
    scenario: Scenario
    says: str | None = None
    service: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


def choices_of(sources: Sequence[str], options: Sequence[str] = (), sets: Sequence[str] = ()) -> list[Choice]:
    """Read what is to be compared.

    Parameters
    ----------
    sources : sequence of str
        One file: it as it stands, with its options; several: each as it stands.
    options : sequence of str
        Of one file: only these, beside it as it stands; of the file, or standard ones. Of several: standard ones, made
        of the first.
    sets : sequence of str
        Changes ``path=value`` to each.

    Raises
    ------
    ScenarioError
        A file is wrong, an option unknown, or there is nothing to compare it with.
    """
    first = load(sources[0], (), sets)
    twice = [name for i, name in enumerate(options) if name in options[:i]]
    if twice:
        raise _wrong(first, f"the option '{twice[0]}' is named twice")
    found = [Choice(AS_IT_STANDS, first)]
    if len(sources) > 1:
        found = [Choice(name, load(s, (), sets)) for name, s in zip(_names(sources), sources, strict=True)]
    named = options or (first.available_options if len(sources) == 1 else ())
    for name in named:
        if name in first.available_options and len(sources) == 1:
            found.append(Choice(name, load(sources[0], (name,), sets)))
        elif name in STANDARD:
            made = STANDARD[name](first)
            found.append(Choice(name, made.scenario, made.says, made.service))
        else:
            raise _wrong(first, _unknown(name, first if len(sources) == 1 else None))
    if len(found) < 2:
        raise _wrong(first, _alone())
    return in_same_futures(found)


def _names(sources: Sequence[str]) -> list[str]:
    """Files by their names without folder and ending, or whole where two would be called the same."""
    short = [
        source.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml") for source in sources
    ]
    names = [s if short.count(s) == 1 else source for s, source in zip(short, sources, strict=True)]
    return [n if names.count(n) == 1 else f"{n} ({names[: i + 1].count(n)})" for i, n in enumerate(names)]


def _unknown(name: str, scenario: Scenario | None) -> str:
    own = list(scenario.available_options) if scenario else []
    of_file = f"the file has {_listed(own)}; " if own else "the file has none; " if scenario else ""
    return f"no option is called '{name}'; {of_file}any file can be compared with {_listed(list(STANDARD))}"


def _alone() -> str:
    return (
        "there is nothing to compare it with: the file has no options. Name another file, or a standard option, "
        f"e.g. --option 'fee for service'; there are {_listed(list(STANDARD))}"
    )


def _listed(names: Sequence[str]) -> str:
    shown = [f"'{name}'" for name in names]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _wrong(scenario: Scenario, message: str) -> ScenarioError:
    return ScenarioError(scenario.file, [Problem(0, 0, "", message)])


# ------------------------------------------------------------------------------------------------ the same futures
def in_same_futures(choices: Sequence[Choice]) -> list[Choice]:
    """The choices on one grid, an input of the same name on the same dimension of the lattice in each.

    Raises
    ------
    ScenarioError
        They differ in currency, step or start.
    """
    _refuse_other_grids(choices)
    dimensions = _dimensions([choice.scenario for choice in choices])
    found = []
    for choice in choices:
        inputs = tuple(
            replace(entry, dimension=dimensions.get(entry.name)) if entry.distribution.IS_DRAWN else entry
            for entry in choice.scenario.inputs
        )
        facts = choice.facts or _other_facts(choices[0].scenario, choice)
        found.append(replace(choice, scenario=replace(choice.scenario, inputs=inputs), facts=facts))
    return found


def _refuse_other_grids(choices: Sequence[Choice]) -> None:
    first = choices[0]
    problems = []
    for choice in choices[1:]:
        one, other = first.scenario, choice.scenario
        pairs = {
            "currency": (one.currency, other.currency),
            "step": (step_name(one), step_name(other)),
            "start": (f"{one.start:%Y-%m}", f"{other.start:%Y-%m}"),
        }
        for what, (mine, its) in pairs.items():
            if mine != its:
                message = f"cannot be compared: '{first.name}' has {mine}, '{choice.name}' has {its}"
                problems.append(Problem(0, 0, what, message))
    if problems:
        raise ScenarioError(first.scenario.file, problems)


def _dimensions(scenarios: Sequence[Scenario]) -> dict[str, int]:
    """The dimension of each uncertain input: that of the first scenario; then, by name, what the others bring.

    A new one keeps the number it has elsewhere, if nothing else has it; so a comparison of options draws what a run of
    the option draws wherever that can be.
    """
    from sibsim.draws.lattice import LATTICE

    found = {e.name: e.dimension for e in scenarios[0].inputs if e.dimension is not None}
    known = {e.name for e in scenarios[0].inputs if e.distribution.IS_DRAWN}
    wanted: dict[str, int] = {}
    for entry in (entry for scenario in scenarios[1:] for entry in scenario.inputs):
        if entry.distribution.IS_DRAWN and entry.name not in known and entry.dimension is not None:
            wanted[entry.name] = min(entry.dimension, wanted.get(entry.name, entry.dimension))
    for name in sorted(wanted):
        taken = set(found.values())
        free = (number for number in (wanted[name], *range(len(LATTICE))) if number not in taken)
        number = next(free, None)
        if number is not None:
            found[name] = number
    return found


# ------------------------------------------------------------------------------------------------ facts
def _other_facts(first: Scenario, choice: Choice) -> tuple[str, ...]:
    """Inputs, outcomes and benefits of the same name that say something else of the world than the first scenario."""
    other = choice.scenario
    if choice.says is not None or other is first:
        return ()
    found = [f"outcomes.{name}" for name in _changed(_named(first.outcomes), _named(other.outcomes))]
    found += [f"benefits.{name}" for name in _changed(_named(first.benefits), _named(other.benefits))]
    found += [f"benefits.{name}" for name in _counted_by_one(first, other)]
    mine, its = ({e.name: _is(e) for e in s.inputs if e.name in _of_the_world(s)} for s in (first, other))
    found += [f"inputs.{name}" for name in _changed(mine, its)]
    found += _hang_together(first, other, set(mine) & set(its))
    found += [f"exchange_rates.{code}" for code in _changed(first.exchange_rates, other.exchange_rates)]
    if first.discount_rate != other.discount_rate:
        found.append("discount_rate")
    ours, theirs = ({p.id: p.discount_rate for p in s.parties} for s in (first, other))
    found += [f"parties.{party}.discount_rate" for party in _changed(ours, theirs)]
    if first.outcomes and other.outcomes and first.horizon != other.horizon:
        found.append("horizon")
    return tuple(found)


def _counted_by_one(first: Scenario, other: Scenario) -> list[str]:
    """Benefits that only one of them counts, though the same outcome is had under both: of other money for others."""
    if not all(any(c.size != Number(0.0) or c.queue for c in s.cohorts) for s in (first, other)):
        return []
    had = {outcome.name for outcome in first.outcomes} & {outcome.name for outcome in other.outcomes}
    mine, its = ({b.name: b for b in s.benefits if b.of in had} for s in (first, other))
    return [name for name in (mine | its) if name not in mine or name not in its]


def _hang_together(first: Scenario, other: Scenario, about: set[str]) -> list[str]:
    """Whether inputs that the world hangs on are joined otherwise."""
    mine, its = (
        (s.copula_df, {(frozenset(c.between), c.rank) for c in s.correlations if set(c.between) <= about})
        for s in (first, other)
    )
    return ["correlations"] if (mine[1] or its[1]) and mine != its else []


def _is(entry: Input) -> object:
    return entry.distribution, entry.unit, entry.currency, entry.formula


def _named(things: Sequence[object]) -> dict[str, object]:
    return {getattr(thing, "name"): thing for thing in things}  # noqa: B009 - outcomes and benefits alike


def _changed(mine: Mapping[str, object], its: Mapping[str, object]) -> list[str]:
    return [name for name, thing in mine.items() if name in its and its[name] != thing]


def _of_the_world(scenario: Scenario) -> set[str]:
    """Inputs that what happens to people, or its worth, hangs on; not those that only terms hang on."""
    about = (scenario.outcomes, scenario.benefits, scenario.cohorts, scenario.discount_rate)
    found = {name for thing in about for name in _refs(thing)}
    formulas = {e.name: e.formula for e in scenario.inputs if e.formula is not None}
    while True:
        more = {n for name in found if name in formulas for n in _refs(formulas[name])} - found
        if not more:
            return found
        found |= more


def _refs(thing: object) -> Iterator[str]:
    """The names of inputs anywhere in a part of a scenario."""
    if isinstance(thing, Ref):
        yield thing.name
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _refs(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _refs(getattr(thing, field.name))
