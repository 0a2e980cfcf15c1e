"""What happens when contracts fail together: how many, what was assumed, what makes the worst futures, how large a pool
must be. Sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from sibsim.report.layout import listed, plain
from sibsim.report.numbers import amount, amount_at_most, exact, fixed
from sibsim.report.portfolio.reading import (
    costs,
    error_of,
    has_money_lent,
    how_often,
    is_fund_alone,
    many,
    name_of_holding,
    often,
    out_of,
    share,
    value,
)
from sibsim.report.reading import Summary

__all__ = ["clear_factors", "together_questions"]

ALL = "all contracts"
ORDER = ("independent", "stated", "doubled")
"""Correlations: none, those of the file, and twice those."""
CLEAR, LEAST = 4.0, 0.1
"""Errors by which a factor is off its average in the worst futures before it is named, and by how much at least."""
SEEN = 3.0
"""Futures in which a chance must be expected to show before anything is told of it."""
NAMED = 3
"""Holdings named as making the worst futures."""
Sentence = Callable[[Summary], str]


def together_questions(summary: Summary) -> list[tuple[str, list[str]]]:
    """What there is to know of all contracts together, each question with its sentences.

    Parameters
    ----------
    summary : mapping
        Of a portfolio, as `sibsim.portfolio` makes it.
    """
    if not has_money_lent(summary):
        return []
    is_one = summary["portfolio"]["contracts"] == 1
    asked = [] if is_one else [("Do the contracts fail together?", TOGETHER)]
    asked += [("What makes the worst futures?", WORST), ("How large must a pool for losses be?", POOL)]
    return [
        (question, said)
        for question, sentences in asked
        if (said := [text for text in (sentence(summary) for sentence in sentences) if text])
    ]


# ------------------------------------------------------------------------------------------------ failing
def _fail(summary: Summary) -> str:
    """How many contracts fail on average, whether any does, and whether half of them do."""
    found, n = summary["joint_failures"], int(summary["portfolio"]["contracts"])
    text = "A contract fails here where it gives back less than was lent"
    if not found["any"]["count"]:
        return f"{text}: none does in any of {summary['draws']:,} futures seen."
    mean = value(found["mean"]) or 0.0
    number = exact(mean, 2) if mean < 100 else exact(mean, 3)
    text += f". On average {number} of the {n:,} {'does' if number == '1' else 'do'}; at least one"
    text += f" {how_often(summary, found['any'])}"
    if n == 2:
        both = next((one for one in found["number"] if one["contracts"] == 2), None)
        return f"{text}, both {often(summary, both['probability'])}." if both else f"{text}."
    return f"{text}, half of them or more {how_often(summary, found['half'])}."


def _assumed(summary: Summary) -> str:
    """What the file says the contracts have in common."""
    found = summary["correlation"]
    foreign = found["exchange_rates"]
    rates = f"exchange rates ({', '.join(foreign)})" if foreign else ""
    if not found["stated"]:
        apart = f" but for {rates}" if rates else ""
        return (
            f"The file states nothing that contracts have in common{apart}: they are taken to be independent. If "
            "in truth an economy, a policy or a provider is the same for several, large losses are usually more likely "
            "than shown here."
        )
    loadings = [one for entries in found["factors"].values() for one in entries]
    holdings = {one["holding"] for one in loadings}
    inputs = {(one["holding"], one["input"]) for one in loadings}
    names = listed([f"'{plain(name)}'" for name, tied in found["factors"].items() if tied])
    tied = f"{many(len(inputs), 'input')} of {many(len(holdings), 'holding')}"
    hang = "hangs" if len(inputs) == 1 else "hang"
    text = f"What they have in common, as the file states it: {names}, on which {hang} {tied}"
    text += f"; and {rates}" if rates else ""
    heavy = found["copula_df"]
    extremes = (
        f" Extremes come together more often than with normal scores (t copula, {exact(float(heavy), 3)} degrees of "
        "freedom)."
        if heavy
        else ""
    )
    return f"{text}. All else in different contracts is taken to be independent.{extremes}"


def _under_correlations(summary: Summary) -> str:
    """The chance that all together lose with nothing in common, as stated, and with correlations doubled."""
    found = summary["correlation"]
    chances = found["chance_of_loss"].get(ALL)
    if summary["portfolio"]["factors_at"]:  # a stronger correlation would then be a stronger stress
        return ""
    if not found["stated"] or not chances or not all(key in chances for key in ORDER):
        return ""
    none, stated, doubled = (how_often(summary, chances[key]) for key in ORDER)
    means = [value(found["expected_shortfall_95"][ALL][key]) for key in ("stated", "independent", "doubled")]
    who = "all contracts together give back less than was lent"
    few = f"In the first {found['draws']:,} futures " if found["draws"] != summary["draws"] else ""
    text = f"{few}{who if few else who.capitalize()} {stated}; with nothing in common {none}, with correlations "
    text += f"twice as strong {doubled}."
    if any(mean is None or mean < 0 for mean in means):  # the table shows gains
        return text
    stated, none, doubled = (amount(mean) for mean in means)
    return (
        f"{text} In their worst 5 of 100 futures they lose {stated} on average; with nothing in common {none}, with "
        f"correlations twice as strong {doubled}.{_gains_too(chances, means)}"
    )


def _gains_too(chances: Mapping[str, Any], worst: list[float | None]) -> str:
    """Why a loss may be less often the more contracts have in common; ``worst`` as stated, with nothing, doubled."""
    none, doubled = (value(chances[key]) or 0.0 for key in ("independent", "doubled"))
    error = max(error_of(chances[key]) or 0.0 for key in ("independent", "doubled"))
    if doubled >= none - CLEAR * error or (worst[2] or 0.0) <= (worst[1] or 0.0):
        return ""
    return " What fails together also gains together: a loss is less often, and larger where it is bad."


def _gained(summary: Summary) -> str:
    """What is gained by holding them together, in the worst futures."""
    contracts = int(summary["portfolio"]["contracts"])
    found, whole = summary["diversification"], value(summary["losses"]["net_loss"]["expected_shortfall_95"])
    ratio, parts = value(found["shortfall_ratio"]), value(found["alone_sum"])
    if contracts < 2 or whole is None or whole <= 0 or ratio is None or parts is None:
        return ""
    if ratio <= 1.0 + max(0.005, 2 * (error_of(found["shortfall_ratio"]) or 0.0)):
        return (
            "Holding them together takes nothing off that: added up one by one, each contract in its own worst 5 of "
            "100 futures, it is the same."
        )
    return f"Added up one by one, each contract in its own worst 5 of 100 futures, it would be {amount(parts)}."


# ------------------------------------------------------------------------------------------------ the worst
def _worst(summary: Summary) -> str:
    """What is lost in the worst futures, and how many contracts fail there."""
    found, n = summary["worst"], int(summary["portfolio"]["contracts"])
    loss, failing = value(found["net_loss"]), value(found["failing"])
    if loss is None:
        return ""
    which = "the contract" if n == 1 else "the contracts"
    s = "s" if n == 1 else ""
    where = f"the worst {out_of(found['share'])} futures"
    if loss < 0:
        return f"Even in {where} {which} gain{s} {amount(-loss)} on average."
    text = f"In {where}, on average, {which} {'lose' if loss else 'gain'}{s} {amount(loss) if loss else 'nothing'}"
    if n > 1 and failing is not None:
        text += f" and {exact(failing, 2 if failing < 100 else 3)} of {n:,} fail"
    return f"{text}."


def _who(summary: Summary) -> str:
    """Which holdings make that loss, and whether others make up for some of it."""
    holdings = summary["holdings"]
    loss = value(summary["worst"]["net_loss"])
    if len(holdings) < 2 or loss is None or loss <= 0:
        return ""
    parts = {name: value(one["contribution"]["net_loss"]) or 0.0 for name, one in holdings.items()}
    order = sorted(parts, key=lambda name: -parts[name])
    top = [name for name in order[:NAMED] if parts[name] >= 0.005 * loss]
    if not top:
        return ""
    shown = [f"'{name_of_holding(summary, name)}' makes {share(parts[name] / loss)}" for name in top]
    shown = [shown[0], *(text.replace(" makes", "", 1) for text in shown[1:])]
    gains = [name for name in order if parts[name] < -0.005 * loss]
    made_up = ""
    if gains:
        gained = amount(-sum(parts[name] for name in gains))
        gain = "gains" if len(gains) == 1 else "gain"
        made_up = f"; {many(len(gains), 'other holding')} {gain} {gained} there, which makes up for part of it"
    return f"Of that loss {listed(shown)}{made_up}."


def clear_factors(summary: Summary) -> list[tuple[str, float]]:
    """Factors that are clearly off their average in the worst futures, the furthest first."""
    held = summary["portfolio"]["factors_at"]
    found = []
    for name, one in summary["worst"]["factors"].items():
        score, error = value(one["score"]), error_of(one["score"]) or 0.0
        if name not in held and score is not None and abs(score) >= max(LEAST, CLEAR * error):
            found.append((name, score))
    return sorted(found, key=lambda pair: -abs(pair[1]))


def _why(summary: Summary) -> str:
    """Which factors are off their average there."""
    factors = clear_factors(summary)
    if not summary["correlation"]["stated"] or not summary["worst"]["factors"]:
        return ""
    if not factors:
        free = set(summary["worst"]["factors"]) - set(summary["portfolio"]["factors_at"])
        return "None of the factors is clearly off its average there." if free else ""
    told = [
        f"'{plain(name)}' stands on average so {'high' if s > 0 else 'low'} that {_beyond(s)}" for name, s in factors
    ]
    return f"There {listed(told)}."


def _beyond(score: float) -> str:
    """In how many futures a standard normal score is nearer to its other end.

    >>> _beyond(-1.2816), _beyond(3.5)
    ('it is higher in 90 of 100 futures', 'it is lower in over 99 of 100 futures')
    """
    chance = 0.5 * (1.0 + math.erf(abs(score) / math.sqrt(2.0)))
    number = "over 99" if chance > 0.995 else fixed(100 * chance, 0)
    return f"it is {'lower' if score > 0 else 'higher'} in {number} of 100 futures"


# ------------------------------------------------------------------------------------------------ a pool
def _pool(summary: Summary) -> str:
    """How much must stand ready for losses so that nothing is left to lose, but for a chance that is wished for."""
    found = summary["pool"]
    net, each = found["net_loss"], found["lost"]
    size, larger = value(net["size"]), value(each["size"])
    if size is None or larger is None:
        return ""
    chance, is_one = f"at most {out_of(found['chance'])} futures", summary["portfolio"]["contracts"] == 1
    if is_one:
        if size <= 0:
            return f"None is needed for a chance of loss of {chance}."
        return (
            f"A pool that bears its first losses must hold {_sized(net)}, so that more than that is lost in {chance}."
        )
    if larger <= 0:
        return f"None is needed: any contract loses anything in {chance}."
    alone = f"that bears the loss of each contract by itself, whatever others gain, must hold {_sized(each)}"
    if size <= 0:
        return (
            f"All contracts together lose anything in {chance}, so that none is needed for them as a whole; one "
            f"{alone}, so that more than that is lost in no more futures."
        )
    together = f"A pool that bears the first losses of all contracts together must hold {_sized(net)}"
    return f"{together}, one {alone}, so that more than that is lost in {chance}."


def _sized(pool: Mapping[str, Any]) -> str:
    part = value(pool["share_of_committed"])
    of = f" ({share(part)} of what is committed)" if part is not None else ""
    return f"{amount_at_most(value(pool['size']))}{of}"


def _pool_is_rare(summary: Summary) -> str:
    """That the futures are too few to tell how large a loss is that seldom."""
    chance, draws = float(summary["pool"]["chance"]), int(summary["draws"])
    if chance * draws >= SEEN:
        return ""
    return (
        f"{draws:,} futures are too few to tell what happens in {out_of(chance)}: this is about the largest losses "
        f"seen, and larger ones may be as likely. Ask for --draws {math.ceil(SEEN / chance):,} or more."
    )


def _pool_leaves_out(summary: Summary) -> str:
    """What the size of the pool does not count."""
    others = not is_fund_alone(summary)
    left = [*(["the fund's own costs"] if costs(summary)[0] else [])]
    left += ["guarantees and first-loss tranches that the file has already"] if others else []
    return f"This looks at the contracts alone, without {' and without '.join(left)}." if left else ""


Sentences = tuple[Sentence, ...]
TOGETHER: Sentences = (_fail, _assumed, _under_correlations)
WORST: Sentences = (_worst, _gained, _who, _why)
POOL: Sentences = (_pool, _pool_is_rare, _pool_leaves_out)
