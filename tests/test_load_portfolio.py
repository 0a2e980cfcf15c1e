"""Portfolio files: what is read of them, holding by holding, and what an option makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim import cli
from sibsim.errors import ScenarioError
from sibsim.loading import check, load, load_portfolio, portfolios, shipped
from sibsim.scenario import Holding, Loading, Number, Portfolio

FOLDER = Path(__file__).parent / "portfolios"
THREE = FOLDER / "three.yaml"


def held(portfolio: Portfolio, name: str) -> Holding:
    return next(holding for holding in portfolio.holdings if holding.name == name)


@pytest.mark.key("file.portfolio")
def test_the_fund_is_a_scenario_of_money_alone() -> None:
    fund = load_portfolio(THREE).fund
    assert (fund.title, fund.name, fund.currency, fund.step_months) == ("A fund of all or nothing", "three", "SEK", 12)
    assert (fund.outcomes, fund.measures, fund.payments, fund.events, fund.has_people) == ((), (), (), (), False)
    assert [cohort.name for cohort in fund.cohorts] == [""]
    assert [(c.name, c.by, c.to) for c in fund.costs] == [("management", "account", "manager")]
    assert fund.finance is not None
    assert fund.finance.shortfall == "outside"
    assert fund.finance.guarantees[0].covers == ("each holding",)
    assert [(entry.name, entry.dimension) for entry in fund.inputs] == [("fee", 0)]
    assert len(fund.warnings) == 2
    assert "have warnings of their own" in fund.warnings[0]
    assert "of 14 figures nothing is said at all: amount of 3 holdings, holdings.half.starts, " in fund.warnings[1]


@pytest.mark.key("file.holdings", "holdings.scenario", "holdings.tranche", "holdings.amount", "holdings.copies")
def test_what_is_held() -> None:
    """1 m of one contract, 0.5 m of another, and 4 x 50 k EUR at 10 SEK each: 3.5 m in all."""
    portfolio = load_portfolio(THREE)
    assert [(h.name, h.tranche, h.amount, h.copies) for h in portfolio.holdings] == [
        ("one", "loan", Number(1e6, "money"), 1),
        ("half", None, Number(5e5, "money"), 1),
        ("four", None, Number(5e4, "money", "EUR"), 4),
    ]
    assert [copy.label for copy in portfolio.copies] == ["four 1", "four 2", "four 3", "four 4", "half", "one"]
    assert {h.scenario.title for h in portfolio.holdings} == {"All or nothing"}


@pytest.mark.key("holdings.option", "holdings.changes")
def test_a_holding_is_its_scenario_with_an_option_and_changes() -> None:
    portfolio = load_portfolio(THREE)
    prices = [i.distribution.mean for h in portfolio.holdings for i in h.scenario.inputs[1:]]
    assert prices == [1.2e6, 1.2e6, 1.5e6]
    assert [h.scenario.inputs[0].distribution.mean for h in portfolio.holdings] == pytest.approx([0.8, 0.5, 0.8])
    assert [h.scenario.options for h in portfolio.holdings] == [(), (), ("dearer",)]
    alone = load(FOLDER / "all-or-nothing.yaml", ["dearer"])
    assert held(portfolio, "four").scenario.payments == alone.payments
    assert held(portfolio, "four").scenario.inputs == alone.inputs


@pytest.mark.key("holdings.starts")
def test_when_a_contract_begins_and_when_the_last_money_moves() -> None:
    """Each lasts a year: those of 2026 until 2027, the one of 2027 until 2028, which is column 2."""
    portfolio = load_portfolio(THREE)
    assert [h.months for h in portfolio.holdings] == [0.0, 12.0, 0.0]
    assert portfolio.fund.horizon == 2
    assert load_portfolio(THREE, ["earlier"]).fund.horizon == 1
    assert held(load_portfolio(THREE, sets=["holdings.half.starts=24 months"]), "half").months == 24.0
    for starts in ("2027-01-10", "2027-01-25"):  # within a month: from the day on which the next begins
        assert held(load_portfolio(THREE, sets=[f"holdings.half.starts={starts}"]), "half").months == 13.0


@pytest.mark.key("file.factors")
def test_what_they_have_in_common() -> None:
    portfolio = load_portfolio(THREE)
    assert portfolio.factors == ("economy",)
    assert portfolio.loadings == (Loading("economy", "one", "luck", 0.6), Loading("economy", "four", "luck", 0.5))
    assert load_portfolio(THREE, ["nothing in common"]).factors == ()


@pytest.mark.key("file.field", "holdings.field")
def test_the_field_is_that_of_the_holding_or_of_its_scenario() -> None:
    assert load(FOLDER / "all-or-nothing.yaml").field == "work"
    assert [h.field for h in load_portfolio(THREE).holdings] == ["work", "work", "health"]


def test_every_option_is_valid() -> None:
    found = check(THREE)
    assert isinstance(found, Portfolio)
    assert found.fund.available_options == ("no pool", "one lender", "nothing in common", "earlier")
    assert load_portfolio(THREE, ["one lender"]).fund.finance is None


# --------------------------------------------------------------------------------------------- what is covered
@pytest.mark.parametrize("covers", ["each holding", "holdings", "[senior]"])
def test_what_a_guarantee_may_cover(covers: str) -> None:
    finance = load_portfolio(THREE, sets=[f"finance.guarantees.pool.covers={covers}"]).fund.finance
    assert finance is not None
    assert finance.guarantees[0].covers == (covers.strip("[]"),)


def test_in_a_contract_nothing_covers_holdings(tmp_path: Path) -> None:
    sets = ["finance.guarantees={pool: {by: payer, covers: each holding}}"]
    with pytest.raises(ScenarioError, match="'each holding' is for portfolios"):
        load(FOLDER / "all-or-nothing.yaml", sets=sets)


def test_who_bears_what_lacks() -> None:
    """Nobody in particular, unless the file names somebody or has a provider."""
    bearers = [
        load_portfolio(THREE, sets=sets).fund.bearer
        for sets in ([], ["finance.shortfall=bank"], ["parties.provider=A charity"])
    ]
    assert bearers == ["outside", "bank", "provider"]


# --------------------------------------------------------------------------------------------- what was read
def test_the_sum_covers_every_file(tmp_path: Path) -> None:
    for name in ("three", "all-or-nothing"):
        (tmp_path / f"{name}.yaml").write_text((FOLDER / f"{name}.yaml").read_text("utf-8"), encoding="utf-8")
    sums = {load_portfolio(tmp_path / "three.yaml").fund.sha256}
    for name in ("three", "all-or-nothing"):
        with (tmp_path / f"{name}.yaml").open("a", encoding="utf-8") as file:
            file.write("# a remark\n")
        sums.add(load_portfolio(tmp_path / "three.yaml").fund.sha256)
    assert len(sums) == 3


def test_one_that_ships_is_found_by_name() -> None:
    assert "two-bonds" in portfolios()
    portfolio = load_portfolio("two-bonds")
    assert [h.scenario.name for h in portfolio.holdings] == ["stockholm-diabetes", "norrkoping-placed-children"]
    assert portfolio.fund.finance is None
    assert portfolio.fund.parties == ()
    assert not set(portfolios()) & set(shipped())


@pytest.mark.parametrize("name", portfolios())
def test_those_that_ship_are_valid_with_every_option(name: str) -> None:
    assert isinstance(check(name), Portfolio)


def test_inputs_of_a_contract_are_numbered_as_in_a_run_of_its_own() -> None:
    diabetes = load_portfolio("two-bonds").holdings[0].scenario
    assert diabetes.inputs == load("stockholm-diabetes").inputs


# --------------------------------------------------------------------------------------------- the wrong kind of file
@pytest.mark.parametrize(
    "words",
    [
        ["run", "two-bonds"],
        ["run", "--assumptions", "two-bonds"],
        ["settle", "two-bonds"],
        ["compare", "two-bonds"],
        ["compare", "child-obesity", "two-bonds"],
        ["explain", "two-bonds"],
        ["flow", "two-bonds"],
        ["diff", "two-bonds", "child-obesity"],
    ],
)
def test_commands_for_one_contract_refuse_a_portfolio(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 1
    said = capsys.readouterr().err
    assert "this file is a portfolio, several contracts held together: 'sibsim portfolio' simulates it" in said
    assert "1 problem" in said


def test_one_contract_is_no_portfolio() -> None:
    with pytest.raises(ScenarioError, match="this file is one contract: 'sibsim run' simulates it"):
        load_portfolio("child-obesity")


@pytest.mark.parametrize("text", ["- 1", "word", "", "[]"])
def test_what_is_no_mapping_is_no_portfolio(text: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError):
        load_portfolio(path)


def test_validate_and_list_know_portfolios(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "two-bonds", "child-obesity"]) == 0
    assert capsys.readouterr().out.startswith("two-bonds: valid")
    assert cli.main(["list", "portfolios"]) == 0
    assert "two-bonds\n    Two social bonds held together" in capsys.readouterr().out


def test_an_unknown_name_is_looked_for_among_portfolios_too() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'two-bonds'"):
        load_portfolio("two-bond")


# --------------------------------------------------------------------------------------------- several mistakes
def test_what_is_wrong_with_a_contract_is_told_once_for_all_who_hold_it(tmp_path: Path) -> None:
    contract = (FOLDER / "all-or-nothing.yaml").read_text("utf-8").replace("better: more", "better: mre")
    (tmp_path / "all-or-nothing.yaml").write_text(contract, encoding="utf-8")
    path = tmp_path / "three.yaml"
    path.write_text(THREE.read_text("utf-8").replace("copies: 4", "copies: 0"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_portfolio(path)
    found = [(p.file, p.line, p.path, p.message) for p in caught.value.problems]
    assert [line for _, line, _, _ in found] == [19, 13]
    assert found[0][3].startswith("must be from 1 to 1 000")
    assert found[1][0] == str(tmp_path / "all-or-nothing.yaml")
    assert found[1][3].startswith("holdings 'one' and 'half': must be more or fewer")


def test_what_changes_make_wrong_stands_in_the_portfolio() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_portfolio(THREE, sets=["holdings.half.changes={contract.cap: -5, inputs.lck.x: 3}"])
    found = {p.path: p.message for p in caught.value.problems}
    assert found["--set contract.cap"].startswith("holding 'half': must be 0 or more, got -5")
    assert any("there is no 'inputs.lck' to change" in message for message in found.values())


def test_a_contract_may_extend_a_file_of_the_portfolios_folder(tmp_path: Path) -> None:
    for name in ("three", "all-or-nothing"):
        (tmp_path / f"{name}.yaml").write_text((FOLDER / f"{name}.yaml").read_text("utf-8"), encoding="utf-8")
    (tmp_path / "own.yaml").write_text(
        "sibsim: 1\nextends: all-or-nothing.yaml\nchanges: {inputs.price: 2 m}\n", encoding="utf-8"
    )
    scenario = held(load_portfolio(tmp_path / "three.yaml", sets=["holdings.one.scenario=own.yaml"]), "one").scenario
    assert scenario.inputs[1].distribution.mean == 2e6


def test_a_portfolio_begins_with_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "three.yaml").write_text(THREE.read_text("utf-8"), encoding="utf-8")
    path = tmp_path / "more.yaml"
    path.write_text("sibsim: 1\nextends: three.yaml\nchanges: {holdings.one: none}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="a portfolio begins with no other file"):
        load_portfolio(path)


# --------------------------------------------------------------------------------------------- warnings
WARNS = {
    "factor": ("factors={economy: {one: {luck: 0.6}}}", "only one contract hangs on it ('one')"),
    "several copies": ("factors={economy: {four: {luck: 0.6}}}", ""),
    "nothing": ("factors={economy: {one: {luck: 0}, four: {luck: 0.5}}}", "a loading of 0 has no effect"),
    "money": ("finance.tranches.senior.amount=2 m", "they hold 3 000 000 SEK, 530 000 less than the holdings"),
    "money again": ("finance={tranches: {senior: {by: bank, amount: 3 m}}, recycle: all}", ""),
    "money before it is back": (
        "finance={tranches: {senior: {by: bank, amount: 2 m}}, recycle: all}",
        "they hold 2 000 000 SEK; holdings that begin before anything can be paid back (2027-01) can ask for 3 000 000",
    ),
    "late rate": ("exchange_rates.EUR={2027: 10, 2028: 11}", "exchange_rates.EUR: begins in 2027-01, after `start`"),
    "idle factor": (
        [
            "holdings.half.changes={inputs.idle: {uniform: {low: 0, high: 1}}}",
            "factors.economy.half={idle: 0.3}",
        ],
        "factors.economy.half.idle: has no effect: 'idle' is used nowhere in the contract",
    ),
    "horizon": ("horizon=1 year", "is before the last money of 'half' (2028-01), which still counts"),
    "later horizon": ("horizon=5 years", ""),
    "off the grid": ("holdings.one.starts=2026-03", "2026-03 falls between dates of the portfolio"),
    "coarser": ("step=quarter", ""),
    "unused input": ("inputs.idle={uniform: {low: 0, high: 1}}", "inputs.idle: is used nowhere"),
    "unused rate": ("exchange_rates.USD=9", "exchange_rates.USD: is used nowhere"),
    "uncertain rate": (
        ["exchange_rates.EUR={uniform: {low: 10, high: 40}}", "finance=none"],
        "on average 1 250 000 SEK is more than the loans of the contract: 1 000 000 SEK",
    ),
    "sometimes too much": (
        [
            "exchange_rates.EUR={normal: {mean: 10, sd: 1}}",
            "holdings.one.changes={currency: EUR}",
            "finance=none",
            "holdings.one.amount=9.5 m",
        ],
        "in 31 % of the futures it is more than there is",
    ),
    "sometimes too much of it": (
        "holdings.one.amount={uniform: {low: 500 k, high: 1 500 k}}",
        "in 50 % of the futures it is more than there is of the contract, since the amount is uncertain",
    ),
    "sometimes too much of an uncertain loan": (
        [
            "holdings.one.changes={finance.tranches.loan.amount: {uniform: {low: 600 k, high: 1.4 m}}}",
            "holdings.one.amount=700 k",
        ],
        "in 12 % of the futures it is more than there is of the contract, since the contract's loan is uncertain",
    ),
    "costs that rise by dates": (
        "costs.management.amount={2026-01: 1 m, 2027-01: 3 m}",
        "they hold 4 000 000 SEK, 3 500 000 less than the holdings and costs can ask for",
    ),
    "costs that rise by an index": (
        ["costs.management.amount=1 m", "costs.management.index=10 %"],
        "they hold 4 000 000 SEK, 1 600 000 less than the holdings and costs can ask for",
    ),
    "another tranche": (
        [
            "finance=none",
            "holdings.half=none",
            "holdings.four=none",
            "factors=none",
            "holdings.two={scenario: all-or-nothing.yaml}",
        ],
        "this is a contract of its own, not that of 'one'",
    ),
    "for one cost": (
        ["costs.management.paid_from=first loss", "costs.management.amount=15 k"],
        "they hold 3 030 000 SEK, 500 000 less",
    ),
    "limit": ("parties.bank={pays_at_most: 5 m}", "has no effect: in a portfolio nobody pays"),
    "copula": ("copula={t: 4}", ""),
    "idle copula": (["copula={t: 4}", "factors=none"], "copula: has no effect"),
    "changes": (
        "holdings.half.changes={contract.cap: {total: 5 k}}",
        "holdings.half.changes: finance.tranches: lenders surely lose",
    ),
    "a lender guarantees contracts": (
        "finance.guarantees.pool.by=bank",
        "finance.guarantees.pool.by: 'bank' lends to the fund, too: what it pays here may come back to it",
    ),
}
ALWAYS = ("holdings: these contracts have warnings of their own", "nothing is said at all", "figure has no source")


@pytest.mark.parametrize("case", WARNS)
def test_what_is_allowed_and_may_not_be_meant(case: str) -> None:
    sets, says = WARNS[case]
    warnings = load_portfolio(THREE, sets=[sets] if isinstance(sets, str) else sets).fund.warnings
    own = [warning for warning in warnings if not any(word in warning for word in ALWAYS)]
    assert any(says in warning for warning in own) if says else own == []


def test_finer_dates_of_a_contract_are_told() -> None:
    sets = ["holdings.one.changes={step: month}", "holdings.half=none"]
    warnings = load_portfolio(THREE, sets=sets).fund.warnings
    assert any(
        w.startswith("step: the dates of 'one' fall between those of the portfolio (one a year)") for w in warnings
    )


def test_a_correlation_that_loadings_move_is_told() -> None:
    """Scores correlate by 2 sin(pi 0.5 / 6) = 0.5176. Loadings of 0.6 on one factor leave 0.64 of that and add 0.36: it
    is 0.6913, a rank correlation of 6 / pi asin(0.3456) = 0.674."""
    correlated = (
        "{inputs.price: {uniform: {low: 1 m, high: 1.4 m}}, correlations: [{between: [luck, price], rank: 0.5}]}"
    )
    factors = "{economy: {one: {luck: 0.6, price: 0.6}, four: {luck: 0.5}}}"
    sets = [f"holdings.one.changes={correlated}", f"factors={factors}"]
    warnings = load_portfolio(THREE, sets=sets).fund.warnings
    assert any("correlation of 'luck' and 'price' is 0.5 in its scenario, and 0.67 with" in w for w in warnings)


def test_the_fund_pays_nothing_to_itself() -> None:
    with pytest.raises(ScenarioError, match="the fund itself, which cannot pay itself"):
        load_portfolio(THREE, sets=["finance=none", "parties.fund=The fund", "costs.management.to=fund"])
