"""``sibsim diff``: how two scenarios differ, in words."""

from __future__ import annotations

import click

from sibsim.cli import options as common
from sibsim.cli.options import Output

__all__ = ["diff"]


@click.command(short_help="How two scenarios differ, key by key, in words.")
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@common.named(help="With A alone: the option to set the file beside. May be repeated, as in `sibsim run`.")
@common.changes(help="With A alone: a change to set the file beside. May be repeated.")
@common.named("--option-a", "options_a", help="An option of A. May be repeated.")
@common.named("--option-b", "options_b", help="An option of B (without B: of A). May be repeated.")
@common.changes("--set-a", "sets_a", help="A change of A. May be repeated.")
@common.changes("--set-b", "sets_b", help="A change of B (without B: of A). May be repeated.")
@click.option("--all", "is_all", is_flag=True, help="Also what is only written otherwise, and notes.")
@common.output(("text", "markdown", "json"), "text and markdown for people; json for programs.")
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
    output: Output,
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
    found = compare((first, options_a, sets_a), (second or first, options_b, sets_b))
    output.write([RENDERERS[output.format_](differences_summary(found, is_all), output.layout)])
    return 0
