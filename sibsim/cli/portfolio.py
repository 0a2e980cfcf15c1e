"""``sibsim portfolio``: several contracts held together."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from sibsim.cli import book, scale
from sibsim.cli import options as common
from sibsim.cli.options import Futures, Output
from sibsim.cli.run import FORMATS, FORMATS_HELP
from sibsim.cli.scale import Done, Larger
from sibsim.report import Layout

if TYPE_CHECKING:
    from sibsim.keeping.question import Asked
    from sibsim.scenario import Portfolio

__all__ = ["portfolio", "rendered"]


def _share(text: str, example: str) -> float:
    """A share strictly between none and all, written as a percent or a decimal."""
    from sibsim.loading.scalars import explain_number, parse_quantity

    found = parse_quantity(text.strip())
    if found is None:
        raise click.BadParameter(f"{text!r} is no share: {explain_number(text.strip())}; write it as {example}")
    if found.unit == "money" or not 0.0 < found.value < 1.0:
        hint = ""
        if found.unit == "number" and 1.0 <= found.value < 100.0:
            hint = f"; did you mean {text.strip()}%?"
        raise click.BadParameter(f"{text!r} must be more than 0 % and less than 100 %, e.g. {example}{hint}")
    return found.value


def _chance(context: click.Context, option: click.Parameter, value: str) -> float:
    """The chance of a loss for which the size of a pool is wanted."""
    return _share(value, "5%")


def _factors_at(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    """``NAME=SHARE``, each factor once; whether there is such a factor is for the portfolio to say."""
    found: dict[str, float] = {}
    for value in values:
        name, equals, text = value.partition("=")
        name = name.strip()
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not written as NAME=SHARE, e.g. economy=5%")
        if name in found:
            raise click.BadParameter(f"{name!r} is given twice: a factor stands in one place")
        found[name] = _share(text, f"{name}=5%")
    return found


@click.command(short_help="Several contracts held together, as one fund.")
@click.argument("file", metavar="PORTFOLIO")
@common.versions
@common.futures
@common.sampling
@click.option("--chance-of-loss", "chance", default="5%", show_default=True, callback=_chance, metavar="SHARE",
              help="How large must a pool be, so that more is lost in no larger share of the futures?")  # fmt: skip
@click.option("--factor", "factors_at", multiple=True, callback=_factors_at, metavar="NAME=SHARE",
              help="A stress: this factor is in every future where it is lower in so many, e.g. economy=5%. "
                   "May be repeated.")  # fmt: skip
@book.assumptions
@scale.shared
@common.output(FORMATS, FORMATS_HELP)
def portfolio(
    file: str,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    futures: Futures,
    sampling: str,
    chance: float,
    factors_at: dict[str, float],
    is_book: bool,
    larger: Larger,
    output: Output,
) -> int:
    """Simulate PORTFOLIO, a file of contracts held together (or the name of one that comes with sibsim), as one fund.

    What the contracts together may lose, what is left to each who lends to the fund or guarantees it, which contracts
    fail together and why, and how large a pool for losses must be.
    """
    began = time.perf_counter()
    more = {"chance_of_loss": chance, "factors_at": factors_at}
    asked = scale.asked("portfolio", file, options, sets, futures, sampling, **more)
    if larger.blocks:
        return scale.do_part(asked, larger.blocks, futures, output, _check)
    if is_book:
        from sibsim.loading import portfolio_book

        return book.show(portfolio_book, file, options, sets, output)
    if larger.is_asked:
        done = scale.do(asked, futures, larger, output, rendered, _check)
    else:
        done = _simulated(asked, futures, output)
    return scale.show(done, began, futures, output)


def _simulated(asked: Asked, futures: Futures, output: Output) -> Done:
    """Do the run here, to be shown and not kept."""
    from sibsim.loading import load_portfolio
    from sibsim.workers import prepare

    prepare(futures.workers)
    from sibsim.portfolio import simulate_portfolio

    loaded = load_portfolio(asked.file, options=asked.options, sets=asked.sets, is_whole=True)
    _check(loaded, asked)
    with futures.progress() as report_progress:
        found = simulate_portfolio(
            loaded,
            **futures.asked,
            sampling=asked.sampling,
            progress=report_progress,
            factors_at=asked.more["factors_at"],
        )
        return found.n_draws, rendered(found, asked, output.format_, output.layout), None


def rendered(results: Any, asked: Asked, format_: str, layout: Layout) -> Iterable[str]:
    """The text of results in a format, in pieces."""
    if format_ == "csv":
        from sibsim.report.as_csv import rows

        return rows(results.per_draw())
    from sibsim.report.portfolio import RENDERERS

    return [RENDERERS[format_](results.summary(chance_of_loss=asked.more["chance_of_loss"]), layout)]


def _check(loaded: Portfolio, asked: Asked) -> None:
    """Every factor that is to be held somewhere is one of the file."""
    from difflib import get_close_matches

    for name in asked.more["factors_at"]:
        if name in loaded.factors:
            continue
        if not loaded.factors:
            raise click.UsageError(f"--factor {name}: the file has no `factors`, so there is none to hold anywhere")
        near = get_close_matches(name, loaded.factors, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        there = ", ".join(repr(factor) for factor in loaded.factors)
        raise click.UsageError(f"--factor: no factor is called {name!r}; there are {there}{meant}")
