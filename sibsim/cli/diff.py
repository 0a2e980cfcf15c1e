"""``sibsim diff``: how two scenarios differ, in words."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sibsim.cli.output import emit, layout_of, new_file
from sibsim.cli.run import assignments
from sibsim.report import Layout

__all__ = ["diff"]

FORMATS = ("text", "markdown", "json")


@click.command(short_help="How two scenarios differ, key by key, in words.")
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@click.option("--option", "options", multiple=True, metavar="NAME",
              help="With A alone: the option to set the file beside. May be repeated, as in `sibsim run`.")  # fmt: skip
@click.option("--set", "sets", multiple=True, callback=assignments, metavar="PATH=VALUE",
              help="With A alone: a change to set the file beside. May be repeated.")  # fmt: skip
@click.option("--option-a", "options_a", multiple=True, metavar="NAME", help="An option of A. May be repeated.")
@click.option("--option-b", "options_b", multiple=True, metavar="NAME",
              help="An option of B (without B: of A). May be repeated.")  # fmt: skip
@click.option("--set-a", "sets_a", multiple=True, callback=assignments, metavar="PATH=VALUE", help="A change of A.")
@click.option("--set-b", "sets_b", multiple=True, callback=assignments, metavar="PATH=VALUE", help="A change of B.")
@click.option("--all", "is_all", is_flag=True, help="Also what is only written otherwise, and notes.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text and markdown for people; json for programs.")  # fmt: skip
@click.option("--out", callback=new_file, metavar="FILE",
              help="Write to this file what would be printed; whole, or not at all.")  # fmt: skip
def diff(
    first: str,
    second: str | None,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    options_a: tuple[str, ...],
    options_b: tuple[str, ...],
    sets_a: tuple[str, ...],
    sets_b: tuple[str, ...],
    is_all: bool,
    format_: str,
    out: Path | None,
) -> int:
    """Say how two scenarios A and B (files, or names of those that come with sibsim) differ, key by key.

    With A alone and --option: the file as it stands beside that option. What is said is what a file says with all it
    extends, its options and changes; 5 % and 0.05, 12 months and 1 year are no difference. Exit code 0 whether they
    differ or not.
    """
    from sibsim.loading import compare
    from sibsim.report.differences import RENDERERS, differences_summary

    if options or sets:
        if second is not None or options_b or sets_b:
            raise click.UsageError(
                "--option and --set are for one file; say --option-a, --option-b, --set-a or --set-b"
            )
        options_b, sets_b = options, sets
    if second is None and not (options_a or options_b or sets_a or sets_b):
        raise click.UsageError("name a second scenario, or an option of the first: --option NAME")
    layout = Layout() if out else layout_of(sys.stdout)
    found = compare((first, options_a, sets_a), (second or first, options_b, sets_b))
    emit([RENDERERS[format_](differences_summary(found, is_all), layout)], out, layout, format_)
    return 0
