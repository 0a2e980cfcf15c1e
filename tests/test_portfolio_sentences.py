"""Every sentence on a portfolio is true, also at its corners: no loss, nothing but losses, one contract, no finance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sibsim.report import Layout
from sibsim.report.portfolio import RENDERERS
from tests.portfolio_fixture import Summary, est, full_summary, lender, lending, tail
from tests.summary_fixture import DRAWS, chance, distribution, value

Change = Callable[[Summary], object]


def said(*changes: Change) -> str:
    """The sentences of the report, on one line."""
    summary = full_summary()
    for change in changes:
        change(summary)
    text = RENDERERS["text"](summary, Layout())
    return " ".join(text.split("\n\nHoldings,")[0].split())


WORK = "work"
"""The holding in another currency, of which there are several copies."""


def put(path: str, new: Any) -> Change:
    """Something else at a place of the summary."""

    def change(summary: Summary) -> None:
        *keys, last = path.split("/")
        place: Any = summary
        for key in keys:
            place = place[key]
        place[last] = new

    return change


RATE = put("correlation/exchange_rates", ["EUR"])


def test_who_bears_a_shortfall_is_told_of_only_where_money_lacks() -> None:
    enough = said(put("funding/shortfall", chance(0)))
    assert "too high" not in enough
    assert "that others bear" not in enough


def test_the_sentences_in_full() -> None:
    text = said()
    for sentence in (
        "Nordic fund: three contracts 8 contracts · 16,384 futures · seed 1 · quarters, January 2026 to January 2040 · "
        "SEK, prices of 2026 Should the fund be made? Before the fund's own costs, the 8 contracts together give back "
        "less than was lent in 20 of 100 futures (19.4-20.6); where that is so, 2.40 m less on average, of the 80.0 m "
        "lent. Their expected return is 2.1 % a year (IRR of the expected flows); on average they give back 1.06 times "
        "what was lent. In at most 1 of 20 futures they lose more than 8.00 m, in at most 1 of 100 more than 12.0 m.",
        "The fund itself pays costs of 12.0 m on average, all years together, beside those that others bear where its "
        "money is lacking; on average the contracts gain 5.00 m, 7.00 m less than that.",
        "The fund commits 80.0 m to contracts and is promised 87.0 m; money is lacking in 2 of 100 futures (1.8-2.2), "
        "then 1.20 m on average. Who bears the shortfall pays that and gets nothing of it back, so what the fund's "
        "lenders are said to get is too high.",
        "Should a pension fund invest in 'senior'? It loses money in 5 of 100 futures (4.4-5.6)",
        "What must the state expect as guarantor? Its guarantee costs it 1.50 m on average, in at least 95 of 100 "
        "futures at most 4.70 m.",
        "What goes to fund manager? 12.0 m in every future.",
        "On average 1.6 of the 8 do; at least one in 73 of 100 futures (72.6-73.9), half of them or more in 5 of 100 "
        "futures (4.9-6.1).",
        "What they have in common, as the file states it: 'economy' and 'evidence', on which hang 3 inputs of 3 "
        "holdings. All else in different contracts is taken to be independent.",
        "All contracts together give back less than was lent in 20 of 100 futures (19.4-20.6); with nothing in common "
        "in 15 of 100 futures (14.6-15.9), with correlations twice as strong in 25 of 100 futures (24.4-25.6). In "
        "their worst 5 of 100 futures they lose 10.0 m on average; with nothing in common 8.00 m, with correlations "
        "twice as strong 12.0 m.",
        "In the worst 5 of 100 futures, on average, the contracts lose 10.0 m and 4.4 of 8 fail. Added up one by one, "
        "each contract in its own worst 5 of 100 futures, it would be 16.0 m. Of that loss 'diabetes' makes 60 %, "
        "'children' 30 % and 'work (6 contracts)' 10 %. There 'economy' stands on average so low that it is higher in "
        "90 of 100 futures.",
        "A pool that bears the first losses of all contracts together must hold 8.00 m (10 % of what is committed), "
        "one that bears the loss of each contract by itself, whatever others gain, must hold 11.0 m (14 % of what is "
        "committed), so that more than that is lost in at most 5 of 100 futures. This looks at the contracts alone, "
        "without the fund's own costs and without guarantees and first-loss tranches that the file has already.",
    ):
        assert sentence in text


# ------------------------------------------------------------------------------------------------ how much is lost
def losses(at_95: float, at_99: float, beyond: float, spread: float = 5e6) -> Change:
    return put("losses/net_loss", tail(at_95, at_99, beyond, 100, spread))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (losses(-1e6, 2e6, 0.5e6), "In at most 1 of 20 futures they lose anything, in at most 1 of 100 more than 2.00"),
        (losses(-2e6, -1e6, -1.5e6), "In at most 1 of 100 futures they lose anything."),
        (losses(0.0, 0.0, 0.0), "In at most 1 of 100 futures they lose anything."),
        (losses(8e6, 8e6, 8e6), "In at most 1 of 100 futures they lose more than 8.00 m."),
        (losses(8_001_000, 12e6, 1e7), "In at most 1 of 20 futures they lose more than 8.01 m"),
        (losses(-3e6, -3e6, -3e6, 0.0), "In every future they gain 3.00 m."),
        (put("contracts/probabilities/total_loss", chance(164)), "They give back nothing in 1 of 100 futures"),
        (put("yearly", []), "The 8 contracts together give back less than was lent in 20 of 100 futures"),
        (put("contracts/metrics/drawn", distribution("SEK", 8e7, 1e6)), "2.40 m less on average, of 80.0 m lent on av"),
        (put("contracts/metrics/net_gain", distribution("SEK", 2e7, 1e6)), "gain 20.0 m, 8.00 m more than that."),
        (put("contracts/metrics/net_gain", distribution("SEK", -2e6, 1e6)), "contracts lose 2.00 m, so nothing of it"),
        (put("contracts/metrics/net_gain", distribution("SEK", 12e6, 1e6)), "on average the contracts gain just that."),
        (put("funding/shortfall", chance(0)), "is promised 87.0 m; money is lacking in none of 16,384 futures (under"),
        (put("funding/committed", est(80e6, 5.0)), "The fund commits 80.0 m on average to contracts"),
    ],
)
def test_the_fund_at_its_corners(change: Change, sentence: str) -> None:
    assert sentence in said(change)


def no_loss(summary: Summary) -> None:
    """No contract ever loses."""
    summary["contracts"] = lender(80e6, 5e6, 0, 0.021)
    summary["losses"] = {"net_loss": tail(-3e6, -2e6, -2.5e6, 0), "lost": tail(0.0, 0.0, 0.0, 0)}
    for one in summary["holdings"].values():
        one |= lender(30e6, 1e6, 0, 0.012)
        one["contribution"]["net_loss"] = {"value": -1e6, "mc_error": 1e4, "share": None}
        one["in_the_worst"] = {"net_gain": est(1e6), "loses": est(0.0)}
    failing = {"mean": est(0.0), "any": chance(0), "none": chance(DRAWS), "quarter": chance(0), "half": chance(0)}
    summary["joint_failures"] = {**failing, "number": [{"contracts": 0, "probability": est(1.0)}], "pairs": []}
    summary["worst"] |= {"net_loss": est(-2.5e6, 1e4), "failing": est(0.0)}
    summary["diversification"] = {key: est(None) for key in ("sd_ratio", "shortfall_ratio")} | {"alone_sum": -1e6}
    for key in ("net_loss", "lost"):
        summary["pool"][key] = {"size": est(0.0), "share_of_committed": 0.0}


def test_a_fund_that_never_loses() -> None:
    text = said(no_loss)
    assert "together give back less than was lent in none of 16,384 futures (under 1 in 5,461). Their" in text
    assert "In at most 1 of 100 futures they lose anything." in text
    assert "less than was lent: none does in any of 16,384 futures seen." in text
    assert "Even in the worst 5 of 100 futures the contracts gain 2.50 m on average." in text
    assert "None is needed: any contract loses anything in at most 5 of 100 futures." in text
    assert "Of that loss" not in text
    assert "Added up" not in text
    report = RENDERERS["text"](changed(no_loss), Layout())
    assert "Contracts that fail together" not in report
    assert "NaN" not in report


def changed(*changes: Change) -> Summary:
    summary = full_summary()
    for change in changes:
        change(summary)
    return summary


def only_loss(summary: Summary) -> None:
    """Each contract loses the same in every future."""
    summary["contracts"] = lender(80e6, -8e6, DRAWS, -0.02)
    for key in ("net_loss", "lost"):
        found = tail(8e6, 8e6, 8e6, DRAWS, 0.0) | {"mean": 8e6}
        found["exceedance"] = [{**row, "loss": est(8e6)} for row in found["exceedance"]]
        summary["losses"][key] = found
    summary["joint_failures"] |= {"mean": est(8.0), "any": chance(DRAWS), "none": chance(0), "half": chance(DRAWS)}
    summary["joint_failures"]["number"] = [{"contracts": k, "probability": est(float(k == 8))} for k in range(9)]
    summary["worst"] |= {"net_loss": est(8e6), "failing": est(8.0)}
    summary["worst"]["factors"] = {"economy": {"score": est(-0.02, 0.02)}, "evidence": {"score": est(0.0, 0.02)}}
    summary["diversification"] = {"sd_ratio": est(None), "shortfall_ratio": est(1.0), "alone_sum": 8e6}


def test_a_fund_that_always_loses_the_same() -> None:
    text = said(only_loss)
    assert "less than was lent in all of 16,384 futures (otherwise in under 1 in 5,461); where that is so" in text
    assert "In every future they lose 8.00 m." in text
    assert "In at most" not in text
    assert "On average 8 of the 8 do; at least one in all of 16,384 futures" in text
    assert "Holding them together takes nothing off that" in text
    assert "None of the factors is clearly off its average there." in text
    report = RENDERERS["text"](changed(only_loss), Layout())
    assert "  8   all  ███" in report
    assert "  Fewer than 8 in no future seen." in report


# ------------------------------------------------------------------------------------------------ who lends
def no_finance(summary: Summary) -> None:
    own = lender(92e6, -7e6, 9000, -0.01)
    summary["parties"] = {"fund": lending("the fund", "fund", own)}
    summary["funding"] = {
        "committed": est(80e6),
        "available": None,
        "shortfall": chance(0),
        "shortfall_amount": est(0.0),
    }


def test_without_finance_the_fund_itself_lends() -> None:
    text = said(no_finance)
    assert "And after the fund's own costs? It loses money in 55 of 100 futures" in text
    assert "invest" not in text
    assert "promised" not in text
    assert "This looks at the contracts alone, without the fund's own costs." in text
    nothing_spent = said(no_finance, put("yearly", []))
    assert "And after" not in nothing_spent
    assert "This looks at" not in nothing_spent


def test_a_lender_of_the_file_may_be_called_fund() -> None:
    """It is asked whether to invest, also where the amount of its loan is uncertain."""
    lends = {"fund": lending("A fund of funds", "loan", lender(92e6, -7e6, 9000, -0.01))}
    assert "Should A fund of funds invest in 'loan'?" in said(no_finance, lambda s: s.update(parties=lends))


def test_a_lender_with_two_tranches_is_told_of_each() -> None:
    both = {"senior": lender(40e6, 2e6, 820, 0.02), "junior": lender(5e6, -1e6, 8192, -0.03)}
    text = said(lambda s: s["parties"]["pension fund"].update(tranches=both))
    assert "Should a pension fund invest in 2 tranches? It loses money in 5 of 100 futures" in text
    assert "By 'senior' alone: it loses money in 5 of 100" in text
    assert "By 'junior' alone: its expected return is -3.0 % a year" in text


def test_grants_and_uncertain_fees() -> None:
    giver = {"name": "a donor", "roles": ["grantor"], "probabilities": {}}
    giver["metrics"] = {"drawn": distribution("SEK", 3e6, 0.0)}
    text = said(put("parties/donor", giver), put("parties/manager/metrics/margin", distribution("SEK", 12e6, 1e6)))
    assert "What does a donor give? 3.00 m in every future, not to be paid back." in text
    assert "12.0 m on average, in at least 90 of 100 futures 10.4 m to 13.6 m." in text


def test_who_pays_where_money_lacks_is_told_how_much() -> None:
    owner = {"name": "the owner", "roles": [], "probabilities": {}}
    owner["metrics"] = {"own_costs": distribution("SEK", 1e6, 2e5)}
    text = said(put("parties/owner", owner))
    assert "What else does the owner pay? 1.00 m on average: costs of its own, and what the fund's money lacks." in text
    assert "What else" not in said()


# ------------------------------------------------------------------------------------------------ together
def one_contract(summary: Summary) -> None:
    summary["holdings"] = {"diabetes": summary["holdings"]["diabetes"]}
    summary["portfolio"]["contracts"] = 1
    summary["joint_failures"]["pairs"] = []


def test_one_contract_is_no_crowd() -> None:
    text = said(one_contract)
    assert "Before the fund's own costs, the contract gives back less than was lent in 20 of 100" in text
    assert "Its expected return is 2.1 % a year" in text
    assert "it gives back 1.06 times" in text
    assert "1 contract · 16,384" in text
    assert "In at most 1 of 20 futures it loses more than 8.00 m" in text
    assert "In the worst 5 of 100 futures, on average, the contract loses 10.0 m." in text
    assert (
        "A pool that bears its first losses must hold 8.00 m (10 % of what is committed), so that more than that"
        in text
    )
    assert "contracts together" not in text
    assert "Do the contracts fail together?" not in text
    report = RENDERERS["text"](changed(one_contract), Layout())
    assert "all together  " not in report
    assert "Contracts that fail together" not in report


def test_two_contracts_both() -> None:
    numbers = [{"contracts": k, "probability": est(p, 0.001)} for k, p in enumerate((0.7, 0.25, 0.05))]
    text = said(put("portfolio/contracts", 2), put("joint_failures/number", numbers))
    assert "On average 1.6 of the 2 do; at least one in 73 of 100 futures (72.6-73.9), both in 5 of 100 futures" in text


def unstated(summary: Summary) -> None:
    summary["correlation"] |= {"stated": False, "factors": {}}
    for key in ("chance_of_loss", "expected_shortfall_95"):
        of = summary["correlation"][key]
        summary["correlation"][key] = {name: {"stated": one["stated"]} for name, one in of.items()}
    summary["worst"]["factors"] = {}


def test_a_loss_that_is_less_often_where_more_is_in_common_is_explained() -> None:
    three = {"independent": chance(6000), "stated": chance(5000), "doubled": chance(4000)}
    text = said(put("correlation/chance_of_loss/all contracts", three))
    assert "strong 12.0 m. What fails together also gains together: a loss is less often, and larger where" in text
    assert "also gains together" not in said()


def test_no_correlation_is_said_to_be_an_assumption() -> None:
    text = said(unstated, RATE)
    assert "The file states nothing that contracts have in common but for exchange rates (EUR): they are taken" in text
    assert "with nothing in common" not in text
    assert "stands on average" not in text
    assert "None of the factors" not in text
    assert "Correlation" not in RENDERERS["text"](changed(unstated), Layout())
    assert "states nothing that contracts have in common: they are taken to be independent." in said(unstated)


def test_an_exchange_rate_that_is_in_common_is_told() -> None:
    assert "hang 3 inputs of 3 holdings; and exchange rates (EUR). All else" in said(RATE)
    assert "exchange rates" not in said()


def test_a_chance_that_so_few_futures_cannot_tell() -> None:
    """Of 16,384 futures 3 are 0.018 %."""
    rare = said(put("pool/chance", 1e-4))
    assert (
        "16,384 futures are too few to tell what happens in 1 of 10,000: this is about the largest losses seen" in rare
    )
    assert "Ask for --draws 30,000 or more." in rare
    assert "too few" not in said(put("pool/chance", 2e-4))


def test_holdings_that_gain_where_others_lose() -> None:
    gain = {"value": -2e6, "mc_error": 1e4, "share": -0.2}
    more = {"value": 9e6, "mc_error": 1e4, "share": 0.9}
    text = said(
        put(f"holdings/{WORK}/contribution/net_loss", gain), put("holdings/diabetes/contribution/net_loss", more)
    )
    assert "Of that loss 'diabetes' makes 90 % and 'children' 30 %; 1 other holding gains 2.00 m there, which" in text


def test_copies_of_one_contract_alone() -> None:
    text = said(lambda s: s.update(holdings={"work": s["holdings"]["work"]}), put("portfolio/contracts", 6))
    assert "Of that loss" not in text
    assert "of the 6 do" in text


@pytest.mark.parametrize(
    ("score", "sentence"),
    [
        (est(1.6449, 0.02), "There 'economy' stands on average so high that it is lower in 95 of 100 futures."),
        (est(-3.1, 0.02), "stands on average so low that it is higher in over 99 of 100 futures."),
        (est(-0.3, 0.2), "None of the factors is clearly off its average there."),
        (est(None), "None of the factors is clearly off its average there."),
    ],
)
def test_a_factor_is_named_only_if_it_is_clearly_off(score: dict[str, Any], sentence: str) -> None:
    assert sentence in said(put("worst/factors/economy/score", score))


def test_a_stress_is_said_to_be_none_of_the_real_world() -> None:
    text = said(put("portfolio/factors_at", {"economy": 0.05}))
    stress = "A stress, no forecast: in every future 'economy' stands where it is lower in 5 % of all futures."
    assert f"prices of 2026 {stress} All chances below are chances where that is so." in text
    assert "'economy' stands on average" not in text
    assert "twice as strong" not in text


@pytest.mark.parametrize(
    ("wanted", "net", "sentence"),
    [
        (
            0.05,
            0.0,
            "All contracts together lose anything in at most 5 of 100 futures, so that none is needed for them",
        ),
        (0.01, 8e6, "so that more than that is lost in at most 1 of 100 futures."),
        (0.005, 8e6, "so that more than that is lost in at most 5 of 1,000 futures."),
    ],
)
def test_the_size_of_a_pool(wanted: float, net: float, sentence: str) -> None:
    text = said(put("pool/chance", wanted), put("pool/net_loss/size", est(net)))
    assert sentence in text


def test_nothing_lent_is_all_there_is_to_say() -> None:
    text = said(put("contracts/metrics/drawn", distribution("SEK", 0.0, 0.0)), put("yearly", []))
    assert "Should the fund be made? No contract is lent any money in any future seen." in text
    assert "pool" not in text


def test_costs_that_differ_between_futures() -> None:
    rows = [{**row, "costs": {"mean": 1e6, "mc_error": 0.0}} for row in full_summary()["yearly"]]
    never = put("funding/shortfall", chance(0))
    assert "The fund itself pays costs of 3.00 m in every future, all years together" in said(
        put("yearly", rows), never
    )
    assert "The fund itself pays costs of 3.00 m on average" in said(put("yearly", rows))  # some of it others pay
    rows[0] = {**rows[0], "costs": {"mean": 1e6, "mc_error": 5.0}}
    assert "The fund itself pays costs of 3.00 m on average, all years together" in said(put("yearly", rows))


def test_what_is_not_a_number_is_not_told() -> None:
    text = said(
        put("contracts/metrics/irr_of_expected_flows", value("per year", None)),
        put("losses/net_loss/value_at_risk_99", est(None)),
        put("worst/net_loss", est(None)),
        put("pool/net_loss/size", est(None)),
    )
    assert "n/a" not in text
    assert "None" not in text


def test_grants_are_among_what_is_drawn() -> None:
    gives = RENDERERS["text"](changed(lambda s: s["parties"]["state"]["roles"].append("grantor")), Layout())
    assert "drawn: from those who lend or give to the fund" in " ".join(gives.split())
    assert "drawn: from those who lend to the fund" in " ".join(RENDERERS["text"](full_summary(), Layout()).split())


def test_several_payers_of_one_contract_count_alike() -> None:
    two = RENDERERS["text"](changed(put("holdings/diabetes/payers", ["A region", "The state"])), Layout())
    assert "each counts with an equal part" in " ".join(two.split())
    assert "equal part" not in " ".join(RENDERERS["text"](full_summary(), Layout()).split())
