"""``sibsim generate``: made-up contracts of the reference class, and a portfolio that holds them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import click

from sibsim.cli import options as common
from sibsim.cli.output import can_be_called
from sibsim.cli.words import Decimal, Whole

__all__ = ["generate"]


class _Percent(click.ParamType[float]):
    """A share: ``30%``, ``30 %`` or ``0.3``."""

    name = "share"

    def convert(self, value: object, option: click.Parameter | None, context: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(%?)", str(value).strip())
        share = float(found[1]) / (100.0 if found[2] else 1.0) if found else -1.0
        if not 0.0 <= share <= 1.0:
            self.fail(f"{value!r} is no share from 0 % to 100 %, e.g. 30%", option, context)
        return share


def _currency(context: click.Context, option: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise click.BadParameter(f"{value!r} is no code of a currency, e.g. SEK")
    return value


def _start(context: click.Context, option: click.Parameter, value: str) -> tuple[int, int]:
    found = re.fullmatch(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])", value)
    if not found:
        raise click.BadParameter(f"{value!r} is no month from 1900-01 to 2099-12, e.g. 2026-01")
    return int(found[1]), int(found[2])


def _folder(context: click.Context, option: click.Parameter, value: str) -> Path:
    path = Path(os.path.realpath(value)) if value and "\x00" not in value else None
    if path is None or not can_be_called(path):
        raise click.BadParameter("must name a folder" if path is None else "the name is too long")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise click.BadParameter(f"{value} is there already, and is not an empty folder; nothing is written over")
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise click.BadParameter(f"nothing can be written in the folder {path.parent}")
    return path


@click.command(short_help="Make up contracts that are like known ones.")
@click.argument("number", type=Whole(1, 999), metavar="N")
@common.seed
@click.option("--out", "folder", required=True, callback=_folder, metavar="DIR", help="A new folder for the files.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["A", "B", "both"]),
    default="both",
    show_default=True,
    help="A: capital funds the whole programme. B: revolving working capital, paid each quarter.",
)
@click.option(
    "--revolving",
    type=_Percent(),
    metavar="SHARE",
    help="With both: share of type B (default: 68%, as in the database).",
)
@click.option(
    "--correlation",
    type=Decimal(0.0, 1.0, max_open=True),
    default=0.0,
    show_default=True,
    metavar="R",
    help="Of what results of any two contracts hang on, through one common factor. An assumption of yours.",
)
@click.option("--currency", default="USD", show_default=True, callback=_currency, metavar="CODE", help="Of all money.")
@click.option(
    "--dollar",
    type=Decimal(0.1, 100_000),
    metavar="RATE",
    help="What one US dollar is worth in that currency; needed for any other. An assumption of yours.",
)
@click.option("--start", default="2026-01", show_default=True, callback=_start, metavar="MONTH", help="First date.")
@click.option(
    "--results",
    type=click.Choice(["project", "metric"]),
    default="project",
    show_default=True,
    help="How results of the past count: one vote for each project, or (lower) for each metric.",
)
@click.option(
    "--planned",
    type=_Percent(),
    default=0.78,
    show_default="78%",
    metavar="SHARE",
    help="Type B: part of the most that can be paid for which the service is budgeted. An assumption.",
)
def generate(
    number: int,
    seed: int,
    folder: Path,
    kind: str,
    revolving: float | None,
    correlation: float,
    currency: str,
    dollar: float | None,
    start: tuple[int, int],
    results: str,
    planned: float,
) -> int:
    """Make up N contracts, drawn from statistics of the INDIGO database, and a portfolio that holds them all.

    Each is a scenario file of its own, contract-001.yaml and so on, beside portfolio.yaml. The same seed gives the same
    files, and the first N contracts of a larger number. They are no forecast: what is known of results is English, of
    2012 to 2024, and returns are assumed.
    """
    from sibsim.reference import REVOLVING, Asked, Way, files

    if planned < 0.3:
        raise click.BadParameter("a service that costs under 30 % of what can be paid is none", param_hint="--planned")
    if dollar is None and currency != "USD":
        raise click.UsageError(f"the statistics are in US dollars: say what one is worth in {currency}: --dollar RATE")
    if dollar is not None and currency == "USD" and dollar != 1.0:
        raise click.UsageError("--dollar is what a US dollar is worth in another currency; say which with --currency")
    if revolving is not None and kind != "both":
        raise click.UsageError(f"--revolving is the share of type B; with --type {kind} there is no choice")
    way = Way(start, currency, dollar or 1.0, results, planned)
    asked = Asked(number, seed, kind, REVOLVING if revolving is None else revolving, correlation, way)
    here = Path.cwd()
    _write(folder, files(asked))
    told = folder.relative_to(here) if folder.is_relative_to(here) else folder
    click.echo(f"{told}: {number} contract{'s' if number != 1 else ''} and portfolio.yaml", err=True)
    click.echo(f"Next: sibsim portfolio {told / 'portfolio.yaml'}", err=True)
    return 0


def _write(folder: Path, written: Iterable[tuple[str, str]]) -> None:
    """Write all files, so that the folder is there whole or not at all."""
    beside = folder.with_name(f".sibsim.{os.urandom(6).hex()}.part")
    try:
        beside.mkdir()
        for name, text in written:
            (beside / name).write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, folder)
    except OSError as error:
        raise click.UsageError(f"{folder} could not be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
