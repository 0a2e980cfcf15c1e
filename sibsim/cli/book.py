"""``--assumptions``: what a file assumes, in place of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from sibsim.cli.options import Output
from sibsim.cli.scale import refuse_beside

if TYPE_CHECKING:
    from sibsim.loading.assumptions import Book

__all__ = ["assumptions", "show"]

Read = Callable[[str, tuple[str, ...], tuple[str, ...]], "Book"]
"""Of a file, options and changes: its book."""

assumptions = click.option(
    "--assumptions",
    "is_book",
    is_flag=True,
    help="Print only what the file assumes, every figure with its source; nothing is simulated.",
)
"""The command gets ``is_book``."""


def show(read: Read, file: str, options: tuple[str, ...], sets: tuple[str, ...], output: Output) -> int:
    """Print every figure of a file with where it comes from."""
    from sibsim.report.book import BOOKS

    simulating = ("--save", "--parquet", "--cluster", "--factor", "--chance-of-loss")
    refuse_beside("--assumptions", "simulates nothing", *simulating)
    output.write([BOOKS[output.format_](read(file, options, sets), output.layout)])
    return 0
