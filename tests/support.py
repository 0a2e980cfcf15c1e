"""Helpers of the tests: a scenario from YAML text, a run of it with its books checked, and what moved by hand."""

from __future__ import annotations

import hashlib
import math
import os
import pickle
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.loading import load
from sibsim.parties import roles
from sibsim.results import Results
from sibsim.scenario import Scenario
from sibsim.simulate import Future, future, simulate
from sibsim.timeline import n_dates

T = TypeVar("T")
KEPT = "SIBSIM_TESTS_KEPT"
"""The variable that names the folder of what a run of the tests keeps."""
SCENARIOS = Path(__file__).parent / "scenarios"
LIMIT = 4.5
"""Standard errors by which an estimate may miss the truth: about one in 150,000 by chance alone."""


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="sibsim-tests-")


def scenario(source: str, *options: str, sets: Iterable[str] = ()) -> Scenario:
    """A scenario from the name of a file in ``tests/scenarios`` or from the text of one."""
    if "\n" not in source:
        return load(SCENARIOS / f"{source}.yaml", list(options), list(sets))
    path = Path(_folder().name) / f"{hashlib.sha256(source.encode()).hexdigest()[:16]}.yaml"
    path.write_text(source, encoding="utf-8")
    return load(path, list(options), list(sets))


@cache
def as_it_stands(name: str) -> Scenario:
    """A scenario that ships, without options: read once by each process, whoever chooses cases by it."""
    return load(name)


def kept(key: tuple[object, ...], make: Callable[[], T]) -> T:
    """What one test has made and others look at, too: made once in a run of the tests, by whoever comes first.

    It is written to a folder of that run alone, so that nothing older is ever read.
    """
    folder = os.environ.get(KEPT)
    if folder is None:
        return make()
    path = Path(folder) / hashlib.sha256(repr(key).encode()).hexdigest()[:32]
    if not path.exists():
        made = make()
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_bytes(pickle.dumps(made))
        os.replace(beside, path)
    found: T = pickle.loads(path.read_bytes())
    return found


def in_turn(cases: Sequence[Any], every: int) -> list[Any]:
    """Every so manieth case as it is, the others left to `make long`."""
    apart = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [
        case if number % every == 0 else pytest.param(*one, marks=pytest.mark.long)
        for number, (case, one) in enumerate(zip(cases, apart, strict=True))
    ]


def run(
    source: str | Scenario, *options: str, n_draws: int = 8192, seed: int = 1, sets: Iterable[str] = (), **more: Any
) -> Results:
    """Simulate, and check the books of some draws with a second set of sums. A run just made is not made again."""
    if isinstance(source, str) and not more:
        return _checked(source, options, tuple(sets), n_draws, seed)
    what = scenario(source, *options, sets=sets) if isinstance(source, str) else source
    results = simulate(what, n_draws=n_draws, seed=seed, **({"workers": 2} | more))
    check_books(results)
    return results


@lru_cache(maxsize=8)
def _checked(source: str, options: tuple[str, ...], sets: tuple[str, ...], n_draws: int, seed: int) -> Results:
    results = simulate(scenario(source, *options, sets=sets), n_draws=n_draws, seed=seed, workers=2)
    check_books(results)
    return results


def world(
    source: str | Scenario, *options: str, replicates: int = 16, seed: int = 1, sets: Iterable[str] = ()
) -> Future:
    """One block of futures with everything in it: people, truth, reports, money."""
    what = scenario(source, *options, sets=sets) if isinstance(source, str) else source
    return future(begin(what, Streams(seed, range(replicates))))


# ------------------------------------------------------------------------------------------------ books
def books(results: Results, draws: slice = slice(0, 1)) -> dict[str, np.ndarray]:
    """Net flow of every party, shape (n_dates, draws), added up here from the audit ledger."""
    n = len(range(results.n_draws)[draws])
    net: dict[str, np.ndarray] = defaultdict(lambda: np.zeros((n_dates(results.scenario), n)))
    for transfer in results.transfers(draws):
        net[transfer.source] -= transfer.amounts
        net[transfer.target] += transfer.amounts
    return dict(net)


def check_books(results: Results, draws: slice = slice(0, 48)) -> None:
    """No amount is negative; nobody's money is made or lost; the account pays only what it has, and ends empty."""
    transfers = results.transfers(draws)
    largest = max((float(t.amounts.max()) for t in transfers), default=1.0)
    slack = 1e-9 * max(largest, 1.0)
    assert all(t.amounts.min() >= -slack for t in transfers), "a negative transfer"
    net = books(results, draws)
    together = sum(net.values(), np.zeros(()))
    assert np.max(np.abs(together)) <= slack * 10, "all parties together are not zero"
    if "account" in net:
        balance = np.cumsum(net["account"], axis=0)
        assert balance.min() >= -slack * 10, "the account paid what it did not have"
        assert np.max(np.abs(balance[-1])) <= slack * 10, "money was left on the account"
    paid: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(1))
    for transfer in transfers:
        if transfer.kind == "payment" and transfer.source != transfer.target:
            paid[transfer.source] = paid[transfer.source] + transfer.amounts.sum(axis=0)
    for party, does in roles(results.scenario).items():
        if "payer" in does and party not in ("account", "outside"):
            total = results.metric(party, "outcome_payments")[draws]
            assert np.allclose(paid[party], total, rtol=1e-9, atol=slack * 10)
        if does == ["investor"] and party in net:
            gain = results.metric(party, "net_gain")[draws]
            assert np.allclose(net[party].sum(axis=0), gain, rtol=1e-9, atol=slack * 10)


def moved(results: Results, draw: int = 0) -> dict[tuple[str, str, str], dict[int, float]]:
    """Money of one draw by (label, source, target): amount by column, zeros left out."""
    table: dict[tuple[str, str, str], dict[int, float]] = defaultdict(dict)
    for t in results.transfers(slice(draw, draw + 1)):
        for column, amount in enumerate(t.amounts[:, 0].tolist()):
            if amount:
                key = (t.label, t.source, t.target)
                table[key][column] = table[key].get(column, 0.0) + amount
    return dict(table)


def flow(results: Results, party: str, draw: int = 0) -> list[float]:
    """Net flow of a party in one draw, by column."""
    net = books(results, slice(draw, draw + 1))
    return net[party][:, 0].tolist() if party in net else [0.0] * n_dates(results.scenario)


# ------------------------------------------------------------------------------------------------ statistics
def z_of_mean(values: np.ndarray, truth: float, sd: float | None = None) -> float:
    """Standard errors between the mean of independent draws and the truth; ``sd`` is that of one draw if known."""
    values = np.asarray(values, dtype=float)
    spread = float(values.std(ddof=1)) if sd is None else sd
    if spread < 1e-12 * max(1.0, abs(truth)):
        return 0.0 if math.isclose(float(values.mean()), truth, rel_tol=1e-9, abs_tol=1e-9) else math.inf
    return (float(values.mean()) - truth) / (spread / math.sqrt(len(values)))


def z_of_variance(values: np.ndarray, truth: float) -> float:
    """Standard errors between the variance of independent draws and the truth."""
    values = np.asarray(values, dtype=float)
    squares = (values - values.mean()) ** 2
    return z_of_mean(squares * len(values) / (len(values) - 1), truth)


def z_of_covariance(x: np.ndarray, y: np.ndarray, truth: float) -> float:
    """Standard errors between the covariance of pairs of draws and the truth."""
    products = (x - x.mean()) * (y - y.mean())
    return z_of_mean(products * len(x) / (len(x) - 1), truth)


def filled(values: Any, n: int) -> np.ndarray:
    """A number that may be the same in every draw, as one number a draw."""
    return np.broadcast_to(np.asarray(values, dtype=float), (n,))


# ------------------------------------------------------------------------------------------------ small contracts
HEAD = """
sibsim: 1
title: A contract to work out by hand
currency: SEK
start: 2020-01
step: year
parties: {payer: P, city: C, fund: F, investor: I, lender: L, provider: D, guarantor: G}
"""


def deal(head: str = HEAD, **sections: str) -> str:
    """The text of a scenario with one certain result x (default 10 after a year), and the sections given."""
    base = {
        "outcomes": "{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: 10}}",
        "measures": "{x: {of: result, as: average}}",
    }
    return head.strip() + "\n" + "".join(f"{name}: {text}\n" for name, text in (base | sections).items())


def summary_value(summary: Mapping[str, Any], path: str) -> Any:
    """A figure of a summary by its path, e.g. ``parties/payer/metrics/outcome_payments/mean``."""
    found: Any = summary
    for key in path.split("/"):
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found
