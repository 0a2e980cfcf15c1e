"""How fast sibsim is: `make bench` measures this and writes ``docs/performance.md``. It never fails for being slow."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
SCENARIO = ROOT / "scenarios" / "stockholm-diabetes.yaml"
DRAWS, SCALING_DRAWS, MANY_DRAWS = 100_000, 500_000, 1_000_000
PAIRS, TIMES, SCALING_PAIRS = 5, 10, 3
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

`sibsim run --draws {many_draws:,} --workers 2` takes {memory_seconds:.1f} s; the largest of its processes holds at most
{memory:,.0f} MB.

## The engine and the floor

One thread, {draws:,} futures, from a loaded scenario to its complete summary, against the least that the same random
numbers cost by themselves: `Generator.random` with the inverse from `scipy.special` for each uncertain input,
`Generator.binomial` with the same people and chances for each group of people and each report, and no other arithmetic
(`benchmarks/floor_stockholm_diabetes.py`). Both draw {numbers:,} random numbers. Five alternating pairs, medians.

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

The ratio of each pair: {pairs}. The aim is 4 or less.
The engine reads the inverse of a beta from a table of scipy's values, quicker than `betaincinv` in the floor. Without
the inverses the floor is {binomials:.2f} s, and the engine takes {binomials_ratio:.2f} times that.

## Two workers

`simulate` alone, {scaling_draws:,} futures, medians of {scaling_pairs}: {one:.2f} s with one worker, {two:.2f} s with
two, {gain:.2f} times as fast. Workers are processes, started anew by each run; `summary` is the work of one. Runs of
fewer than 16 blocks (some 115,000 futures) use one.
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


def commands() -> dict[str, float]:
    """Times of whole commands, and the memory of a large run.

    Comes first, while this process is small: a child's peak counts what it was copied from.
    """
    large = sibsim("run", SCENARIO.stem, "--draws", str(MANY_DRAWS), "--workers", "2", "--quiet")
    seconds, memory = timed(lambda: quietly(large))
    return {
        "run": command_time("run", SCENARIO.stem, "--quiet"),
        "validate": command_time("validate", str(SCENARIO)),
        "help": command_time("--help"),
        "memory": memory / 1e6,
        "memory_seconds": seconds,
    }


def engine() -> dict[str, Any]:
    """The engine and the floor in turn, then one worker and two in turn."""
    sys.path.insert(0, str(ROOT))
    import floor_stockholm_diabetes as floor

    from sibsim.loading import load
    from sibsim.simulate import simulate

    scenario = load(str(SCENARIO))
    n_draws = simulate(scenario, n_draws=DRAWS, workers=1).n_draws  # warms up, and rounds up to whole replicates
    passes = floor.plan(n_draws)
    rows = []
    for _ in range(PAIRS):
        simulating, results = timed(lambda: simulate(scenario, n_draws=DRAWS, workers=1))
        summing, _ = timed(results.summary)
        del results
        rows.append((simulating, summing, timed(lambda: floor.draw(passes))[0]))
    workers: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(SCALING_PAIRS):
        for n, seconds in workers.items():
            seconds.append(timed(lambda n=n: simulate(scenario, n_draws=SCALING_DRAWS, workers=n))[0])
    return {
        "draws": n_draws,
        "scaling_draws": SCALING_DRAWS,
        "numbers": sum(p.numbers * p.n_draws for p in passes),
        "passes": "\n".join(f"| {p.name} | {p.n_draws:,} | {p.numbers} |" for p in passes),
        "pairs": ", ".join(f"{(simulating + summing) / least:.2f}" for simulating, summing, least in rows),
        "simulate": median(r[0] for r in rows),
        "summary": median(r[1] for r in rows),
        "engine": median(r[0] + r[1] for r in rows),
        "floor": median(r[2] for r in rows),
        "inverses": median(timed(lambda: floor.draw_inputs(passes))[0] for _ in range(PAIRS)),
        "one": median(workers[1]),
        "two": median(workers[2]),
    }


def machine() -> str:
    """The machine and the versions that matter."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    return f"{os.cpu_count()} cores ({platform.system()}, {platform.machine()}), {python}, {libraries}"


def main() -> None:
    """Measure everything and write the page."""
    if os.getloadavg()[0] > BUSY:
        print(f"This machine is busy (load {os.getloadavg()[0]:.1f}): the numbers will be too high.", file=sys.stderr)
    found = commands() | engine()
    for name in ("simulate", "summary", "inverses"):
        found[f"{name}_ratio"] = found[name] / found["floor"]
    found["ratio"] = found["engine"] / found["floor"]
    found["binomials"] = found["floor"] - found["inverses"]
    found["binomials_ratio"] = found["engine"] / found["binomials"]
    text = TEXT.format(
        **found,
        gain=found["one"] / found["two"],
        machine=machine(),
        many_draws=MANY_DRAWS,
        times=TIMES,
        scaling_pairs=SCALING_PAIRS,
    )
    PAGE.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
