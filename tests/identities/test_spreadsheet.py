"""Without chance a run must equal a spreadsheet: here is one, written in plain Python from the file's own terms."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from scipy.optimize import brentq

from sibsim.results import Results
from tests.support import books, run

LAST = 36
"""Columns are quarters from January 2020; the horizon is nine years."""
CASH = 200_000.0
Flows = dict[str, dict[int, float]]


@pytest.fixture(scope="module")
def certain() -> Results:
    return run("everything", "certain")


class Spreadsheet:
    """The contract of ``tests/scenarios/everything.yaml`` under the option ``certain``, cell by cell."""

    def __init__(self) -> None:
        self.net: Flows = defaultdict(lambda: defaultdict(float))
        self.paid: Flows = defaultdict(lambda: defaultdict(float))
        self.own: Flows = defaultdict(lambda: defaultdict(float))
        self.tranche: Flows = {"senior": defaultdict(float), "junior": defaultdict(float)}
        self.owed = {"senior": 0.0, "junior": 0.0}
        self.capital = 0.0
        self.undrawn = {"grant": 200_000.0, "senior": 900_000.0}
        for column in range(LAST + 1):
            self.owed["senior"] *= 1.03**0.25
            self.owed["junior"] *= 1.06**0.25
            if column == 0:
                self.draw(column, "junior", "investor", 600_000.0)
            self.payments(column)
            self.costs(column)

    def move(self, column: int, source: str, target: str, amount: float) -> None:
        self.net[source][column] -= amount
        self.net[target][column] += amount

    def draw(self, column: int, name: str, lender: str, amount: float) -> None:
        self.move(column, lender, "account", amount)
        self.capital += amount
        if name in self.tranche:
            self.tranche[name][column] -= amount
            self.owed[name] += amount

    def pay(self, column: int, party: str, target: str, amount: float) -> None:
        self.move(column, party, target, amount)
        self.paid[party][column] += amount

    def payments(self, column: int) -> None:
        receipts = 0.0
        if column == 8:  # an improvement of 41 - 30 = 11, 1,100 points at 20,000; 260,000 a year at most
            receipts = 260_000.0
            self.pay(column, "payer", "account", receipts)
        if column == 9:  # relapses fell from 40 to 30, by a quarter: 2.4 m x 0.25 / 0.40
            receipts = 1_500_000.0
            self.pay(column, "region", "account", 0.3 * receipts)
            self.pay(column, "payer", "account", 0.7 * receipts)
        if column == 16:  # 11.2 points are at least 11
            receipts = 100_000.0
            self.pay(column, "payer", "account", receipts)
        if column < 8:
            self.pay(column, "payer", "provider", 62_500 * 1.02 ** (column / 4))
        for name in ("senior", "junior"):
            back = min(receipts, self.owed[name])
            self.owed[name] -= back
            receipts -= back
            self.tranche[name][column] += back
            self.move(column, "account", "investor", back)
        self.tranche["junior"][column] += receipts / 2
        self.move(column, "account", "investor", receipts / 2)
        self.move(column, "account", "payer", receipts / 2)

    def costs(self, column: int) -> None:
        self.from_account(column, 200_000.0 if column < 8 else 0.0)
        self.from_account(column, 150_000.0 if column == 0 else 0.0)
        if column in (4, 12):
            self.move(column, "payer", "evaluator", 60_000.0)
            self.own["payer"][column] += 60_000.0
        if column < 12:
            self.move(column, "provider", "outside", 400_000 / 12)

    def from_account(self, column: int, amount: float) -> None:
        for name, lender in (("grant", "fund"), ("senior", "investor")):
            new = min(max(amount - self.capital, 0.0), self.undrawn[name])
            self.undrawn[name] -= new
            self.draw(column, name, lender, new)
        paid = min(amount, self.capital)
        self.capital -= paid
        self.move(column, "account", "provider", paid)
        self.move(column, "payer", "provider", amount - paid)
        self.own["payer"][column] += amount - paid


def savings() -> Flows:
    """By kind and party: ten fewer after two years, half of them left three years later."""
    standing = [0.0 if c < 8 else 10 * 0.5 ** ((c - 8) / 12) for c in range(LAST + 1)]
    years = {c: (standing[c - 1] + standing[c]) / 2 / 4 for c in range(1, LAST + 1)}
    return {
        "cashable": {c: y * 9_000 * 0.6 for c, y in years.items()},
        "capacity": {c: y * 3_000 * 1.01 ** (c / 4) for c, y in years.items()},
        "societal": {4: 1.2 * 200},
        "region": {8: 10 * 5_000.0},
    }


def present(flows: dict[int, float], rate: float) -> float:
    return sum(amount * (1 + rate) ** (-column / 4) for column, amount in flows.items())


def test_every_flow_of_every_party(certain: Results) -> None:
    sheet, got = Spreadsheet(), books(certain, slice(0, 4))
    assert sheet.owed == pytest.approx({"senior": 0, "junior": 0}, abs=1e-6)
    assert set(got) == {party for party, flow in sheet.net.items() if any(flow.values())} | {"account"}
    for party, flow in sheet.net.items():
        if party in got:
            expected = np.array([flow.get(c, 0.0) for c in range(got[party].shape[0])])
            assert np.allclose(got[party], expected[:, None], rtol=1e-9, atol=1e-6), party


def test_what_payers_see(certain: Results) -> None:
    sheet, saved = Spreadsheet(), savings()
    for party, rate, cash in (("payer", 0.03, saved["cashable"]), ("region", 0.04, saved["region"])):
        paid = sheet.paid[party]
        expected = {
            "outcome_payments": sum(paid.values()),
            "outcome_payments_pv": present(paid, rate),
            "own_costs": sum(sheet.own[party].values()),
            "own_costs_pv": present(sheet.own[party], rate),
            "cashable_benefit_pv": present(cash, rate),
            "net_budget_effect_pv": present(cash, rate) + present(sheet.net[party], rate),
        }
        got = {name: float(certain.metric(party, name)[0]) for name in expected}
        assert got == pytest.approx(expected, rel=1e-9), party
    payer = {f"{k}_benefit_pv": present(saved[k], 0.03) for k in ("capacity", "societal")}
    assert {k: float(certain.metric("payer", k)[0]) for k in payer} == pytest.approx(payer, rel=1e-9)
    purse = present(saved["cashable"], 0.03) + present(saved["region"], 0.03)
    purse += present(sheet.net["payer"], 0.03) + present(sheet.net["region"], 0.03)
    assert certain.metric("public_purse", "net_budget_effect_pv")[0] == pytest.approx(purse, rel=1e-9)


def test_ratios_of_the_payer(certain: Results) -> None:
    sheet, cash = Spreadsheet(), present(savings()["cashable"], 0.03)
    outlay = -present(sheet.net["payer"], 0.03)
    figures = certain.summary()["parties"]["payer"]["metrics"]
    assert figures["benefit_cost_ratio"]["value"] == pytest.approx(cash / outlay, rel=1e-9)
    assert figures["savings_multiple_to_break_even"]["value"] == pytest.approx(outlay / cash, rel=1e-9)
    spent = -sum(sheet.net["payer"].values())
    assert figures["cost_per_causal_outcome"]["value"] == pytest.approx(spent / 10, rel=1e-9)


def test_what_the_investor_sees(certain: Results) -> None:
    sheet = Spreadsheet()
    both = sheet.net["investor"]
    out, back = -sum(min(a, 0) for a in both.values()), sum(max(a, 0) for a in both.values())
    assert certain.metric("investor", "drawn")[0] == pytest.approx(out)
    assert certain.metric("investor", "moic")[0] == pytest.approx(back / out, rel=1e-9)
    root = brentq(lambda r: present(both, r), -0.5, 1.0, xtol=1e-14)
    assert certain.metric("investor", "irr")[0] == pytest.approx(root, abs=1e-10)
    for name, hurdle in (("senior", 0.03), ("junior", 0.0)):
        flows = sheet.tranche[name]
        assert certain.metric("investor", "npv", name)[0] == pytest.approx(present(flows, hurdle), abs=1e-4)
        rate = brentq(lambda r, f=flows: present(f, r), -0.5, 1.0, xtol=1e-14)
        assert certain.metric("investor", "irr", name)[0] == pytest.approx(rate, abs=1e-10)
    # the senior loan is paid in full, so it earns its rate
    assert certain.metric("investor", "irr", "senior")[0] == pytest.approx(0.03, abs=1e-10)


def test_what_the_provider_and_the_guarantor_see(certain: Results) -> None:
    flow = Spreadsheet().net["provider"]
    balance = CASH + np.cumsum([flow.get(c, 0.0) for c in range(LAST + 1)])
    assert certain.metric("provider", "margin")[0] == pytest.approx(sum(flow.values()))
    assert certain.metric("provider", "lowest_cash")[0] == pytest.approx(min(CASH, balance.min()))
    assert certain.metric("provider", "runs_out")[0] == 0
    assert certain.metric("guarantor", "called")[0] == 0
    assert certain.metric("fund", "drawn")[0] == 200_000


def test_the_table_by_year(certain: Results) -> None:
    """Budget years begin in April: January 2020 falls in 2019."""
    sheet, saved = Spreadsheet(), savings()
    rows = {row["year"]: row["parties"]["payer"] for row in certain.summary()["yearly"]}
    balance = 0.0
    for year in range(2019, 2029):
        columns = [c for c in range(LAST + 1) if 2020 + c // 4 - (c % 4 == 0) == year]
        row = rows[year]
        assert row["payments"]["mean"] == pytest.approx(sum(sheet.paid["payer"].get(c, 0.0) for c in columns))
        assert row["own_costs"]["mean"] == pytest.approx(sum(sheet.own["payer"].get(c, 0.0) for c in columns))
        cash = sum(saved["cashable"].get(c, 0.0) for c in columns)
        assert row["cashable_benefit"]["mean"] == pytest.approx(cash)
        balance += cash + sum(sheet.net["payer"].get(c, 0.0) for c in columns)
        assert row["balance"]["mean"] == pytest.approx(balance)
