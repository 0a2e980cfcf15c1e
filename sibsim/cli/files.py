"""What is about files: check them, begin one, look up what may stand in one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from sibsim.cli import options as common
from sibsim.cli.output import emit, layout_of, new_file
from sibsim.errors import IdentityError, SibsimError
from sibsim.report import Layout
from sibsim.report.layout import wrap

__all__ = ["init", "list_", "schema", "validate"]


# ------------------------------------------------------------------------------------------------ validate
@click.command(short_help="Check scenario and portfolio files without simulating.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def validate(files: tuple[str, ...]) -> int:
    """Check files of scenarios and portfolios: every problem, with line and column. Exit code 1 if there is any.

    Warnings follow: what is allowed, but may not be what was meant. Then how many of the planned people each report
    can count. A portfolio is checked with all contracts it holds.
    """
    from sibsim.loading import check, notes
    from sibsim.scenario import Portfolio

    code = 0
    for file in files:
        try:
            checked = check(file)
        except IdentityError:
            raise
        except SibsimError as error:
            click.echo(str(error), err=True)
            code = 1
            continue
        if isinstance(checked, Portfolio):
            warnings, told = checked.fund.warnings, []
        else:
            warnings, told = checked.warnings, notes(checked)
        count = f", {len(warnings)} warning{'s' if len(warnings) != 1 else ''}" if warnings else ""
        click.echo(f"{file}: valid{count}")
        for warning in warnings:
            _echo_wrapped(warning, "  ")
        if told:
            click.echo("  People whom each report can count, of those planned:")
        for line in told:
            _echo_wrapped(line, "    ")
    return code


def _echo_wrapped(text: str, indent: str) -> None:
    """A line; on a terminal no wider than that. In a pipe it stays one line, for other programs."""
    layout = layout_of(sys.stdout)
    lines = (
        wrap(text, layout.width, indent, f"{indent}  ")
        if sys.stdout is not None and sys.stdout.isatty()
        else [f"{indent}{text}"]
    )
    click.echo("\n".join(lines))


# ------------------------------------------------------------------------------------------------ init
def _fresh_file(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    path = new_file(context, option, value)
    if path is not None and path.exists() and not context.params.get("force"):
        raise click.BadParameter(f"{value} is there already; --force writes over it")
    return path


@click.command(short_help="Begin a scenario: print a commented template.")
@click.argument("template", required=False)
@click.option("--force", is_flag=True, is_eager=True, help="Write over FILE if it is there already.")
@click.option("--out", callback=_fresh_file, metavar="FILE", help="Write it to this file.")
def init(template: str | None, force: bool, out: Path | None) -> int:
    """Print a commented scenario to start from, e.g. `sibsim init rate-card --out pilot.yaml`.

    Without TEMPLATE: the templates, and what each is for.
    """
    from sibsim.loading.finding import template_text

    if template is None:
        if out is not None:
            raise click.UsageError("say which template to write: `sibsim init` names them")
        _emit_list("templates")
        return 0
    emit([template_text(template)], out, Layout(), "yaml")
    if out is not None:
        click.echo(f"{out}: written. Next: sibsim validate {out}", err=True)
    return 0


# ------------------------------------------------------------------------------------------------ schema
@click.command(short_help="Print the JSON Schema of a scenario or portfolio, for editors.")
@click.option("--results", "is_results", is_flag=True, help="Of what `sibsim run --format json` prints, instead.")
@click.option("--settlement", "is_settlement", is_flag=True, help="Of what `sibsim settle --format json` prints.")
@common.out(help="Write it to this file.")
@click.option("--explanation", "is_explanation", is_flag=True, help="Of what `sibsim explain --format json` prints.")
@click.option("--flow", "is_flow", is_flag=True, help="Of what `sibsim flow --format json` prints.")
@click.option("--differences", "is_differences", is_flag=True, help="Of what `sibsim diff --format json` prints.")
@click.option("--comparison", "is_comparison", is_flag=True, help="Of what `sibsim compare --format json` prints.")
@click.option("--portfolio", "is_portfolio", is_flag=True, help="Of what `sibsim portfolio --format json` prints.")
def schema(out: Path | None, **is_asked: bool) -> int:
    """Print the JSON Schema (2020-12) of the file of a scenario or a portfolio.

    An editor that reads it completes keys and marks wrong ones while you write. For editors with the YAML language
    server: write it to sibsim.schema.json and begin your file with

    # yaml-language-server: $schema=sibsim.schema.json
    """
    import json

    from sibsim.loading.schema import scenario_schema
    from sibsim.report import results_schema as schemas

    known = {
        "is_results": schemas.results_schema,
        "is_settlement": schemas.settlement_schema,
        "is_explanation": schemas.explanation_schema,
        "is_flow": schemas.flow_schema,
        "is_differences": schemas.differences_schema,
        "is_comparison": schemas.comparison_schema,
        "is_portfolio": schemas.portfolio_schema,
    }
    chosen = [of for name, of in known.items() if is_asked[name]]
    if len(chosen) > 1:
        raise click.UsageError(
            "--results, --settlement, --explanation, --flow, --differences, --comparison and --portfolio are schemas "
            "of their own: ask for one"
        )
    found = chosen[0]() if chosen else scenario_schema()
    emit([json.dumps(found, ensure_ascii=False, indent=2) + "\n"], out, Layout(), "json")
    return 0


# ------------------------------------------------------------------------------------------------ list
KINDS = ("distributions", "payments", "metrics", "scenarios", "portfolios", "templates")


def _emit_list(what: str) -> None:
    from sibsim.report.catalogue import CATALOGUE

    layout = layout_of(sys.stdout)
    render: Callable[[Layout], list[str]] = CATALOGUE[what]
    emit(["\n".join(render(layout)) + "\n"], None, layout)


@click.command(name="list", short_help="What may stand in a scenario, and what comes with sibsim.")
@click.argument("what", required=False, type=click.Choice(KINDS), metavar="[WHAT]")
def list_(what: str | None) -> int:
    """List what may stand in a scenario or comes with sibsim; without a word, all of it.

    WHAT is distributions, payments, metrics, scenarios, portfolios or templates.
    """
    for number, kind in enumerate([what] if what else KINDS):
        if number:
            click.echo()
        _emit_list(kind)
    return 0
