"""``sibsim reproduce``: a saved run once more, and whether every number is the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sibsim.cli import options as common
from sibsim.cli import scale
from sibsim.cli.output import progress

if TYPE_CHECKING:
    from sibsim.keeping.again import Again
    from sibsim.keeping.saved import Saved

__all__ = ["reproduce"]


def _folder(context: click.Context, argument: click.Parameter, value: str) -> Path:
    if not value or "\x00" in value or not os.path.isdir(value):
        raise click.BadParameter(f"there is no folder {value!r}")
    return Path(value)


@click.command(short_help="Do a saved run again and compare every number.")
@click.argument("folder", callback=_folder, metavar="DIR")
@common.workers
@scale.cluster
@common.quiet
def reproduce(folder: Path, workers: int | None, cluster: str | None, quiet: bool) -> int:
    """Do the run again that was saved in DIR, from what is kept there, and compare every number.

    Exit code 1 if a file has changed or is missing, or a number is not the same: to the last bit; with other versions,
    or on another kind of machine, to 1e-9.
    """
    from sibsim.keeping.again import reproduce as again
    from sibsim.keeping.saved import read_saved

    scale.refuse_idle_workers(cluster)
    saved = read_saved(folder)
    with progress(quiet) as report_progress:
        found = again(saved, scale.as_json, workers, report_progress, cluster=cluster)
    click.echo("\n".join(_told(saved, found)))
    return 0 if found.is_same else 1


def _told(saved: Saved, found: Again) -> list[str]:
    """What was found, in lines."""
    asked = saved.asked
    lines = [f"{saved.folder}: {asked.command} {asked.file}, {asked.n_draws:,} futures, seed {asked.seed}"]
    if found.others:
        lines += ["Other than when it was saved, then and now:", *(f"  {other}" for other in found.others)]
    lines += [f"  {wrong}" for wrong in found.files]
    if not found.differences:
        how = f"to 1e-9; {found.last_bits:,} differ in their last digits" if found.last_bits else "to the last bit"
        lines.append(f"Every number is the same, {how}: {found.numbers:,} compared.")
    else:
        differ = f"{found.differences:,} difference{'s' if found.differences != 1 else ''}"
        lines.append(f"Not the same: {differ} in {found.numbers:,} numbers compared.")
        lines += [f"  {one}" for one in found.shown]
        more = found.differences - len(found.shown)
        lines += [f"  and {more:,} more"] if more else []
    if found.files:
        lines.append("A file has changed or is missing: this is not the run that was saved.")
    return lines
