"""Sentences for what a payment or event hangs on, and for what its terms make of a reading."""

from __future__ import annotations

from collections.abc import Callable

from sibsim.report.layout import plain
from sibsim.report.numbers import exact
from sibsim.report.wording import Figures, Words, is_there

__all__ = ["SENTENCES"]


def _of(f: Figures, w: Words) -> str:
    """What a percent is of: "5 m drawn"."""
    word = "" if f["rate_of"] == "amount" else f" {f['rate_of']}"
    return f"{w.money(f['base'])}{word}"


def _price(f: Figures, w: Words) -> str:
    """How a percent became money, in brackets; nothing for plain money."""
    if "rate" not in f:
        return ""
    rate = w.shown(f["rate"], "percent")
    if "compounded" in f:
        return f"{rate} a year, compounded, of {_of(f, w)}"
    if "earned" not in f:
        return f"{rate} of {_of(f, w)}"
    if is_there(f["years"]):
        return f"{rate} a year of {_of(f, w)}, for {exact(f['years'], 4)} years"
    what = "the amount" if f["rate_of"] == "amount" else f"what was {f['rate_of']}"
    return f"{rate} a year of {what}, as it stood, which comes to {w.money(f['earned'])} for one year"


def _pays(f: Figures, w: Words, amount: float | None) -> str:
    """What a row pays, with how a percent became money."""
    if "compounded" in f:
        return _price(f, w)
    return w.money(amount) + (f" ({_price(f, w)})" if "rate" in f else "")


# ------------------------------------------------------------------------------------------------ whether it is due
COMPARED = {
    "at least": ("meets", "is under"),
    "above": ("is above", "is not above"),
    "below": ("is under", "is not under"),
    "at most": ("is no more than", "is more than"),
}


def _x(f: Figures, w: Words) -> str:
    value = f["value"]
    return f"{plain(f['of'])}: {w.shown(value, f['unit']) if is_there(value) else 'nothing is reported'}"


def _test(f: Figures, w: Words) -> str:
    which = f"alternative {exact(f['alternative'])}" if f["alternatives"] > 1 else "condition"
    name = plain(f["of"]) + (f" ({plain(f['cohort'])})" if f["cohort"] else "")
    if f.get("is_out"):
        return f"{which}: {name} is not asked, the cohort is cancelled"
    return f"{which} {'met' if f['holds'] else 'not met'}: {name} {_compared(f, w)}"


def _compared(f: Figures, w: Words) -> str:
    """How the two sides of a line stand."""
    if f["comparison"] in ("happened", "not happened"):
        has = (f["comparison"] == "happened") == bool(f["holds"])
        return "has happened" if has else "has not happened"
    if not is_there(f["value"]):
        return "is not reported"
    if not is_there(f["limit"]):
        return f"{w.shown(f['value'], f['unit'])}, but {plain(f['to'] or 'the other side')} is not reported"
    value, limit = w.apart(f["value"], f["limit"], f["unit"])
    other = f"{plain(f['to'])}, {limit}" if f["to"] else limit
    return f"{value} {COMPARED[f['comparison']][0 if f['holds'] else 1]} {other}"


def _due(f: Figures, w: Words) -> str:
    if f["cancelled"]:
        return "the cohort is cancelled: nothing is due for it"
    return "payments are stopped: nothing is due from here on" if f["stopped"] else "nothing is due"


def _event(f: Figures, w: Words) -> str:
    chance = f["chance"]
    has_chance = is_there(chance) and 0 < chance < 1
    if f["holds"]:
        return "happens" + (f", at a chance of {w.shown(chance, 'percent')} on this day" if has_chance else "")
    return "does not happen" + (f" (a chance of {w.shown(chance, 'percent')} on this day)" if has_chance else "")


def _rest(f: Figures, w: Words) -> str:
    text = f"the cap of {plain(f['of'])} left {w.shown(f['part'], 'percent')} of it unpaid"
    return text + (f": {w.shown(f['value'], f['unit'])} of {w.shown(f['before'], f['unit'])}" if "value" in f else "")


# ------------------------------------------------------------------------------------------------ the shape
def _band(f: Figures, w: Words) -> str:
    ends = [f"from {w.shown(f['from'], f['unit'])}" if is_there(f["from"]) else ""]
    ends += [f"up to {w.shown(f['to'], f['unit'])}" if is_there(f["to"]) else ""]
    band = " ".join(filter(None, ends))
    return f"of {w.shown(f['before'], f['unit'])}, {w.shown(f['value'], f['unit'])} is in the band {band}"


def _amount(f: Figures, w: Words) -> str:
    return f"{_price(f, w)}: {w.money(f['value'])}" if "rate" in f else f"the amount is {w.money(f['value'])}"


def _product(f: Figures, w: Words) -> str:
    bracket = f" ({_price(f, w)})" if "rate" in f else ""
    below = f"{w.shown(f['x'], f.get('unit'))} counts as none: " if f["x"] < 0 else ""
    return f"{below}{w.shown(max(f['x'], 0.0), f.get('unit'))} x {w.money(f['price'])}{bracket} = {w.money(f['value'])}"


def _per_point(f: Figures, w: Words) -> str:
    points = f["x"] if f["unit"] != "percent" else 100 * f["x"]
    return _product({**f, "x": points, "unit": "number"}, w).replace(" x ", " points x ", 1)


def _share(f: Figures, w: Words) -> str:
    below = f"{w.shown(f['x'], f['unit'])} counts as none: " if f["x"] < 0 else ""
    return f"{below}{w.shown(f['price'], 'percent')} of {w.shown(max(f['x'], 0.0), f['unit'])} = {w.money(f['value'])}"


def _count(f: Figures, w: Words) -> str:
    return _x(f, w)


def _priced(f: Figures, w: Words) -> str:
    return (
        f"{plain(f['of'])}: {_product({**f, 'unit': 'number'}, w)}" if f["of"] else _product({**f, "unit": "number"}, w)
    )


def _row(f: Figures, w: Words) -> str:
    x, at = w.apart(f["x"], f["at"], f["unit"])
    words = COMPARED["above" if f["strict"] else "at least"]
    if not f["holds"]:
        return f"{x} {words[1]} {at}: that row is not reached"
    return f"{x} {words[0]} {at}: {_pays(f, w, f['value']) if f['counts'] else 'a later row counts'}"


def _otherwise(f: Figures, w: Words) -> str:
    return f"no row is reached: otherwise {_pays(f, w, f['value'])}"


def _rows(f: Figures, w: Words) -> str:
    return "no row is reached: nothing"


def _corner(f: Figures, w: Words) -> str:
    x, at = w.apart(f["x"], f["at"], f["unit"])
    if not is_there(f["next_at"]):
        return f"{x} is at or beyond the last corner, {at}: {_pays(f, w, f['pays'])}"
    is_rate = "compounded" in f
    pays, next_pays = (w.shown(v, "percent") if is_rate else w.money(v) for v in (f["pays"], f["next_pays"]))
    end = "" if is_rate else f": {w.money(f['value'])}"
    return f"{x} lies between {at} ({pays}) and {w.shown(f['next_at'], f['unit'])} ({next_pays}){end}"


def _compounded(f: Figures, w: Words) -> str:
    what = "the amount" if f["of"] == "amount" else f"what is {f['of']}"
    return f"compounded on {what} from the day it was drawn: {w.money(f['value'])}"


SENTENCES: dict[str, Callable[[Figures, Words], str]] = {
    "x": _x,
    "count": _count,
    "rest": _rest,
    "on": lambda f, w: f"on the day of {plain(f['event'])}",
    "test": _test,
    "due": _due,
    "open": lambda f, w: f"open: it waits for {plain(f['waits_for'])}",
    "event": _event,
    "runs short": lambda f, w: "the money there is does not cover a group that is to start: nobody starts from here on",
    "band": _band,
    "amount": _amount,
    "per_unit": _product,
    "per_point": _per_point,
    "share": _share,
    "price": _priced,
    "row": _row,
    "otherwise": _otherwise,
    "rows": _rows,
    "corner": _corner,
    "compounded": _compounded,
}
"""Each kind of step in words."""
