"""How fast sibsim is: `make bench` measures this and writes ``docs/performance.md``. It never fails for being slow.

``python benchmarks/bench.py 100`` measures everything with a hundredth of the futures, to try it, and writes nothing.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
SCENARIO = ROOT / "scenarios" / "stockholm-diabetes.yaml"
SIZES = (10_000, 100_000, 1_000_000)
"""Futures of the runs that are measured; the middle one is looked at closely, the last one with two workers."""
PAIRS, TIMES = 5, 10
MADE = 200
"""Contracts of the large portfolio."""
BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024
WARM = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""What the commands are started with: Python keeps what it has compiled, as it does for everybody."""
BUSY = 0.5
"""Load of the last minute above which the numbers are too high to mean much."""

TEXT = """\
# Performance

Written by `make bench` (`benchmarks/bench.py`) on the machine named here. No test depends on these numbers.

{machine}. Scenario: `stockholm-diabetes`.

## Commands

Whole commands, from the shell and back: median of {times}, after one that is not counted.

| Command | Seconds | Aim |
|---|---:|---:|
| `sibsim run stockholm-diabetes` (16,384 futures, all cores) | {run:.2f} | 1.2 |
| `sibsim validate scenarios/stockholm-diabetes.yaml` | {validate:.2f} | 0.4 |
| `sibsim --help` | {help:.2f} | 0.25 |

## Small and large runs

One thread, from a loaded scenario to its complete summary, every metric and error; the floor is the same random
numbers alone (below). Medians of {pairs}. Memory is the most that any process of the whole command
`sibsim run --draws N` holds, with one worker and with two. Aims: at most 4 times the floor at {middle:,}; under
1,000 MB at {largest:,}.

| Futures | Engine, s | of it `summary` | Floor, s | Engine / floor | MB, one worker | MB, two |
|---:|---:|---:|---:|---:|---:|---:|
{sizes}

## The engine and the floor

One thread, {draws:,} futures, against the least that the same random
numbers cost by themselves: `Generator.random` with the inverse from `scipy.special` for each uncertain input,
`Generator.binomial` with the same people and chances for each group of people and each report, and no other arithmetic
(`benchmarks/floor_stockholm_diabetes.py`). Both draw {numbers:,} random numbers. {pairs} alternating pairs, medians.

| Pass | Futures | Random numbers a future |
|---|---:|---:|
{passes}

| | Seconds | Of the floor |
|---|---:|---:|
| floor | {floor:.2f} | 1.00 |
| of it, the inverses of the inputs | {inverses:.2f} | {inverses_ratio:.2f} |
| `simulate` | {simulate:.2f} | {simulate_ratio:.2f} |
| `summary` | {summary:.2f} | {summary_ratio:.2f} |
| **engine** | **{engine:.2f}** | **{ratio:.2f}** |

The ratio of each pair: {each_ratio}.
The engine reads the inverse of a beta from a table of scipy's values, quicker than `betaincinv` in the floor. Without
the inverses the floor is {binomials:.2f} s, and the engine takes {binomials_ratio:.2f} times that.

## Real contracts

One thread, {middle:,} futures, the same way: `simulate` and `summary` against the random numbers alone
(`benchmarks/floor_real_contracts.py`). Medians of {pairs}; aim: at most 4 times the floor.

| Contract | Engine, s | of it `summary` | Floor, s | Engine / floor |
|---|---:|---:|---:|---:|
{real}

## Portfolios

Whole commands on all cores, from the shell and back; MB is the most that any one process holds. The second one holds
200 contracts made up by `sibsim generate 200 --seed 1 --correlation 0.1`.

| Command | Futures | Seconds | Aim | MB |
|---|---:|---:|---:|---:|
{portfolios}

`simulate_portfolio` alone, `nordic-twelve`, {of_portfolio:,} futures, {pairs} alternating pairs:
{portfolio_one:.2f} s with one worker, {portfolio_two:.2f} s with two (medians). Each pair's gain: {portfolio_gains};
their median is **{portfolio_gain:.2f}**, the aim 1.7. The whole command, which reads files and
makes its summary with one worker: {whole_one:.2f} s and {whole_two:.2f} s; gains {whole_gains}; median
{whole_gain:.2f}.

## Two workers

`simulate` alone, {largest:,} futures, {pairs} alternating pairs: {one:.2f} s with one worker, {two:.2f} s with two
(medians). Each pair's gain: {gains}; their median is **{gain:.2f}**, the aim 1.7. Workers are processes: the one
that was started, and others that each run starts anew; `summary` is the work of one. Runs of fewer than 16 blocks
(some 115,000 futures) use one.
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds a piece of work takes, and what it returns."""
    begins = time.perf_counter()
    result = work()
    return time.perf_counter() - begins, result


def sibsim(*arguments: str) -> list[str]:
    """The command as installed beside this Python, else as a module of the checkout."""
    script = Path(sys.executable).with_name("sibsim")
    return [str(script), *arguments] if script.exists() else [sys.executable, "-m", "sibsim", *arguments]


def quietly(command: Sequence[str]) -> int:
    """Run a command, throw its output away, and return the most memory it held, in bytes."""
    process = subprocess.Popen(command, cwd=ROOT, env=WARM, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with exit code {process.returncode}")
    return int(usage.ru_maxrss) * BYTES_PER_MAXRSS


def command_time(*arguments: str) -> float:
    """Median seconds of a whole command, warm."""
    command = sibsim(*arguments)
    quietly(command)
    return median(timed(lambda: quietly(command))[0] for _ in range(TIMES))


def commands(sizes: Sequence[int]) -> dict[str, Any]:
    """Times of whole commands, and the memory of runs of each size with one worker and with two.

    Comes first, while this process is small: a child's peak counts what it was copied from.
    """
    return {
        "memory": [
            tuple(
                quietly(sibsim("run", SCENARIO.stem, "--draws", str(n), "--workers", str(workers), "--quiet")) / 1e6
                for workers in (1, 2)
            )
            for n in sizes
        ],
        "run": command_time("run", SCENARIO.stem, "--quiet"),
        "validate": command_time("validate", str(SCENARIO)),
        "help": command_time("--help"),
    }


def engine(sizes: Sequence[int]) -> dict[str, Any]:
    """The engine and the floor in turn at each size, then one worker and two in turn at the largest."""
    sys.path.insert(0, str(ROOT))
    import floor_stockholm_diabetes as floor

    from sibsim.loading import load
    from sibsim.simulate import simulate

    scenario = load(str(SCENARIO))
    found: dict[str, Any] = {"rows": []}
    for size in sizes:
        n_draws = simulate(scenario, n_draws=size, workers=1).n_draws  # warms up, and rounds up to whole replicates
        passes = floor.plan(n_draws)
        rows = []
        for _ in range(PAIRS):
            simulating, results = timed(lambda size=size: simulate(scenario, n_draws=size, workers=1))
            summing, _ = timed(results.summary)
            del results
            rows.append((simulating, summing, timed(lambda passes=passes: floor.draw(passes))[0]))
        found["rows"].append((n_draws, rows))
        if size == sizes[1]:
            found |= _closely(n_draws, rows, passes)
            found["inverses"] = median(timed(lambda passes=passes: floor.draw_inputs(passes))[0] for _ in range(PAIRS))
    pairs = [
        tuple(timed(lambda n=n: simulate(scenario, n_draws=sizes[-1], workers=n))[0] for n in (1, 2))
        for _ in range(PAIRS)
    ]
    return found | {
        "one": median(one for one, _ in pairs),
        "two": median(two for _, two in pairs),
        "gains": ", ".join(f"{one / two:.2f}" for one, two in pairs),
        "gain": median(one / two for one, two in pairs),
    }


def real_contracts(size: int) -> str:
    """The engine and the floor in turn for each real contract that has one, as rows of a table."""
    import floor_real_contracts as floor

    from sibsim.loading import load
    from sibsim.simulate import simulate

    lines = []
    for name, plan in floor.PLANS.items():
        scenario = load(name)
        passes, rows = plan(simulate(scenario, n_draws=size, workers=1).n_draws), []
        for _ in range(PAIRS):
            simulating, results = timed(lambda scenario=scenario: simulate(scenario, n_draws=size, workers=1))
            summing, _ = timed(results.summary)
            rows.append((simulating + summing, summing, timed(lambda passes=passes: floor.draw(passes))[0]))
        whole, summary, least = (median(column) for column in zip(*rows, strict=True))
        ratio = median(row[0] / row[2] for row in rows)
        lines.append(f"| `{name}` | {whole:.2f} | {summary:.2f} | {least:.2f} | {ratio:.2f} |")
    return "\n".join(lines)


def portfolio_commands(size: int, many: int) -> str:
    """Whole commands on portfolios, as rows of a table; before this process is large, see `commands`."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        quietly(sibsim("generate", str(MADE), "--seed", "1", "--correlation", "0.1", "--out", str(made)))
        for name, what, n_draws, aim in (
            ("nordic-twelve", "nordic-twelve", size, 30),
            (str(made / "portfolio.yaml"), f"{MADE} contracts", many, 90),
        ):
            command = sibsim("portfolio", name, "--draws", str(n_draws), "--quiet")
            seconds, memory = timed(lambda command=command: quietly(command))
            lines.append(f"| `sibsim portfolio`, {what} | {n_draws:,} | {seconds:.1f} | {aim} | {memory / 1e6:,.0f} |")
    return "\n".join(lines)


def portfolios(size: int) -> dict[str, Any]:
    """One worker and two in turn: the simulation alone, and the whole command."""
    from sibsim.loading import load_portfolio
    from sibsim.portfolio import simulate_portfolio

    portfolio = load_portfolio("nordic-twelve")
    pairs = [
        tuple(timed(lambda n=n: simulate_portfolio(portfolio, n_draws=size, workers=n))[0] for n in (1, 2))
        for _ in range(PAIRS)
    ]
    command = sibsim("portfolio", "nordic-twelve", "--draws", str(size), "--quiet", "--workers")
    whole = [tuple(timed(lambda n=n: quietly([*command, n]))[0] for n in ("1", "2")) for _ in range(PAIRS)]
    return {
        "of_portfolio": size,
        "portfolio_one": median(one for one, _ in pairs),
        "portfolio_two": median(two for _, two in pairs),
        "portfolio_gains": ", ".join(f"{one / two:.2f}" for one, two in pairs),
        "portfolio_gain": median(one / two for one, two in pairs),
        "whole_one": median(one for one, _ in whole),
        "whole_two": median(two for _, two in whole),
        "whole_gains": ", ".join(f"{one / two:.2f}" for one, two in whole),
        "whole_gain": median(one / two for one, two in whole),
    }


def _closely(n_draws: int, rows: Sequence[tuple[float, float, float]], passes: Sequence[Any]) -> dict[str, Any]:
    """Where the time goes at one size."""
    return {
        "draws": n_draws,
        "numbers": sum(p.numbers * p.n_draws for p in passes),
        "passes": "\n".join(f"| {p.name} | {p.n_draws:,} | {p.numbers} |" for p in passes),
        "each_ratio": ", ".join(f"{(simulating + summing) / least:.2f}" for simulating, summing, least in rows),
        "simulate": median(r[0] for r in rows),
        "summary": median(r[1] for r in rows),
        "engine": median(r[0] + r[1] for r in rows),
        "floor": median(r[2] for r in rows),
    }


def _line(n_draws: int, rows: Sequence[tuple[float, float, float]], memory: tuple[float, float]) -> str:
    """One size in the table."""
    whole, summary, least = (median(v) for v in zip(*((a + b, b, c) for a, b, c in rows), strict=True))
    ratio = median((a + b) / c for a, b, c in rows)
    cells = (f"{n_draws:,}", f"{whole:.2f}", f"{summary:.2f}", f"{least:.2f}", f"{ratio:.2f}")
    return f"| {' | '.join(cells)} | {memory[0]:,.0f} | {memory[1]:,.0f} |"


def machine() -> str:
    """The machine and the versions that matter."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    return f"{os.cpu_count()} cores ({platform.system()}, {platform.machine()}), {python}, {libraries}"


def main() -> None:
    """Measure everything and write the page; with a number behind it, that many times less, and only print."""
    smaller = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    sizes = [size // smaller for size in SIZES]
    if os.getloadavg()[0] > BUSY:
        print(f"This machine is busy (load {os.getloadavg()[0]:.1f}): the numbers will be too high.", file=sys.stderr)
    found = commands(sizes)
    found["portfolios"] = portfolio_commands(sizes[1], 16_384 // smaller)
    found |= engine(sizes)
    for name in ("simulate", "summary", "inverses"):
        found[f"{name}_ratio"] = found[name] / found["floor"]
    found["ratio"] = found["engine"] / found["floor"]
    found["binomials"] = found["floor"] - found["inverses"]
    found["binomials_ratio"] = found["engine"] / found["binomials"]
    found["sizes"] = "\n".join(_line(*row, memory) for row, memory in zip(found["rows"], found["memory"], strict=True))
    found["real"] = real_contracts(sizes[1])
    found |= portfolios(sizes[1])
    text = TEXT.format(**found, machine=machine(), times=TIMES, pairs=PAIRS, middle=sizes[1], largest=sizes[-1])
    if smaller == 1:
        PAGE.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
