"""Options that commands have in common: what each takes, and that a name means the same in all of them."""

from __future__ import annotations

import click
import pytest

from sibsim import cli
from sibsim.cli import options as common
from sibsim.cli.options import Futures, Output

OF_THEIR_OWN = {("compare", "--option"), ("compare", "--set"), ("diff", "--option"), ("diff", "--set")}
"""Those that mean more there than elsewhere: standard options, every file, one file beside itself."""
SHARED = ("--option", "--set", "--draws", "--seed", "--workers", "--quiet", "--format", "--out")


def options_of(command: click.Command) -> dict[str, click.Option]:
    return {option.opts[0]: option for option in command.params if isinstance(option, click.Option)}


@pytest.mark.parametrize("name", SHARED)
def test_an_option_is_the_same_in_every_command(name: str) -> None:
    have_it = [
        (command, options_of(cli.commands.commands[command])[name])
        for command in ("run", "settle", "compare", "portfolio", "explain", "flow", "diff")
        if name in options_of(cli.commands.commands[command])
    ]
    assert len(have_it) > 3
    assert len({(option.name, option.default, option.multiple) for _, option in have_it}) == 1
    assert len({str(option.metavar) for _, option in have_it}) == 1
    if name != "--format":  # which formats there are differs
        assert len({option.help for command, option in have_it if (command, name) not in OF_THEIR_OWN}) == 1


def test_groups_hand_over_one_object_and_leave_the_rest() -> None:
    given: list[object] = []

    @click.command()
    @common.scenario
    @common.versions
    @common.futures
    @click.option("--own")
    @common.output(("text", "json"), "text for people; json for programs.")
    def command(
        scenario: str, options: tuple[str, ...], sets: tuple[str, ...], futures: Futures, own: str, output: Output
    ) -> int:
        given.extend([scenario, options, sets, futures, own, output])
        return 0

    words = "a.yaml --option b --set c=1 --draws 9 --seed 2 --workers 3 --quiet --own d --format json"
    command.main(words.split(), standalone_mode=False)
    assert given == ["a.yaml", ("b",), ("c=1",), Futures(9, 2, 3, True), "d", Output("json", None)]
    assert Futures(9, 2, 3, True).asked == {"n_draws": 9, "seed": 2, "workers": 3}
    shown = [option.opts[0] for option in command.params]
    assert shown == ["scenario", *SHARED[:6], "--own", *SHARED[6:]]
