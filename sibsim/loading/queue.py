"""The queue of a cohort: referrals, places, patience and time in service."""

from __future__ import annotations

import math
from typing import Any

from sibsim.loading.curves import CURVES, curve_here
from sibsim.loading.dates import MOST_MONTHS, months_of_text, say_column
from sibsim.loading.evidence import EVIDENCE_KEYS, record_evidence, shown
from sibsim.loading.keys import NEEDED, Key, read
from sibsim.loading.kinds import column, duration, duration_above, whole
from sibsim.loading.place import Place, listed
from sibsim.loading.scalars import LARGEST
from sibsim.loading.values import COUNT, SHARE, Sort, support, unwrap
from sibsim.referrals import Piece, expected_referrals, pieces
from sibsim.scenario import Number, OverTime, Queue, Ref, Spell, Value
from sibsim.timeline import MONTHS

__all__ = ["FACTOR", "TABLES", "queue", "settle_queue"]

BESIDE = ("size", "intake", "take_up")
"""Keys of a cohort that its queue says in another way."""
MOST_REFERRED = 20_000
"""Referrals to one queue, at the most its inputs allow."""
MOST_SIMULATED = 400_000
"""Referrals to one queue times its bank: what is followed person by person for each 1,024 futures."""
PEOPLE_A_MONTH = Sort("people a month", "12", 0.0, 1e5, ("number",), is_over_time=True)
NO_PLACES = "without a place nobody ever starts; end `referrals` earlier, or stop intake by an event"
PLACES = Sort(
    *("a number of places", "25", 1.0, LARGEST, ("number",)), is_over_time=True, is_whole=True, why_low=NO_PLACES
)
FACTOR = Sort("a percent of the usual rate", "20 %", 0.0, 10.0)
BANK = whole(Sort("a number of replications", "32", 8.0, 1024.0, COUNT.units, is_whole=True))


def _factor(place: Place) -> float:
    value = FACTOR(place)
    if not isinstance(value, Number):
        raise place.wrong("a season is a plain percent without chance; let `referrals` be uncertain")
    return value.value


SEASONS = tuple(Key(month, _factor, "100 %", f"of `referrals` in {month}", "60 %") for month in MONTHS)


def _seasons(place: Place) -> tuple[float, ...]:
    given = read(place, SEASONS)
    if not given:
        raise place.wrong("names no month, e.g. {July: 20 %}")
    factors = tuple(given.get(month, 1.0) for month in MONTHS)
    if not any(factors):
        raise place.wrong("all months are 0 %: nobody is ever referred")
    return factors


# ------------------------------------------------------------------------------------------------ durations
def spell(place: Place) -> Spell:
    """A distribution of durations, above 0."""
    inner = unwrap(place)
    if inner.node.kind != "mapping":
        raise inner.wrong(
            f"expected a distribution of durations, e.g. {{exponential: 12 months}}; got {inner.node.shown}"
        )
    if "exponential" in inner.node.entries:
        return _exponential(inner)
    found = curve_here(inner, EVIDENCE_KEYS, _months)
    if found is None:
        known = listed(["exponential", *CURVES])
        given = ", ".join(list(inner.node.entries)[:4]) or "nothing"
        raise inner.wrong(f"expected a distribution of durations ({known}); got a mapping of {given}")
    name, curve = found
    _noted(inner, name)
    if curve.unit != "number":
        raise inner.wrong(f"holds {'percents' if curve.unit == 'percent' else 'money'}, not durations")
    low, high = curve.distribution.support
    mean = curve.distribution.mean
    if low < 0.0 or mean <= 0.0:
        may = f"{low:.6g} months" if math.isfinite(low) else "any number of months below 0"
        raise inner.wrong(f"a duration is above 0, but this may be {may}; cut it off with `within`")
    if mean > MOST_MONTHS or MOST_MONTHS < high < math.inf:
        raise inner.wrong("is longer than 100 years")
    return Spell(mean, curve.distribution.sd, False, curve.distribution)


def patience(place: Place) -> Spell:
    """A mean (of an exponential), or a distribution of durations."""
    inner = unwrap(place)
    if inner.node.kind == "mapping":
        return spell(inner)
    mean = duration_above(inner)
    return Spell(mean, mean, True)


def _exponential(place: Place) -> Spell:
    for key, child in place.children():
        if key not in ("exponential", *EVIDENCE_KEYS):
            raise child.wrong(
                f"unknown key beside 'exponential'; known here: {listed(EVIDENCE_KEYS, 'and')}", at_key=True
            )
    mean = duration_above(place.child("exponential"))
    _noted(place, "exponential")
    return Spell(mean, mean, True)


def _noted(place: Place, name: str) -> None:
    has_evidence = any(key in place.node.entries for key in EVIDENCE_KEYS)
    if place.path not in place.context.evidence or has_evidence:
        record_evidence(place, f"{name}: {shown(place.child(name))}")


def _months(place: Place) -> Number:
    """A parameter of a distribution of durations: a duration, or a plain number where a shape or a chance stands."""
    inner = unwrap(place)
    key, text = place.path.rpartition(".")[2], inner.node.text.strip()
    if key not in ("df", "successes", "of", "alpha", "beta") and not text.endswith("%"):
        return Number(months_of_text(inner))
    value = SHARE(inner) if text.endswith("%") else Sort("a number", "4")(inner)
    if not isinstance(value, Number):
        raise place.wrong("a distribution's parameter is a number")
    return value


QUEUE = (
    Key(
        "referrals",
        PEOPLE_A_MONTH,
        NEEDED,
        "people referred a month on average, each on a day of chance (Poisson)",
        "12",
    ),
    Key("until", column, NEEDED, "referrals end", "2029-01"),
    Key("ramp", duration, "0", "from `start` on referrals grow evenly from none to all over this", "6 months"),
    Key("seasons", _seasons, "100 % each", "calendar months with the percent of `referrals` in them", "{July: 20 %}"),
    Key("eligible", SHARE, "100 %", "of the referred: they are the offered", "80 %"),
    Key("accepts", SHARE, "100 %", "of the eligible, who then wait for a place", "70 %"),
    Key("places", PLACES, "no limit", "people served at a time; where they become fewer nobody is put out", "25"),
    Key(
        "gives_up_after",
        patience,
        "never",
        "how long a person waits before giving up: the mean of an exponential, or a distribution of durations",
        "3 months",
    ),
    Key(
        "time_in_service",
        spell,
        "`duration` for all",
        "of those who do not drop out: a distribution of durations; its mean is then `duration`",
        "{exponential: 12 months}",
    ),
    Key("last_start", column, "`until`", "nobody starts from this date on: who still waits never starts", "2029-07"),
    Key("bank", BANK, "32", "replications of the queue for each 1 024 futures, 8 to 1 024", "64"),
)


def queue(place: Place) -> tuple[Place, dict[str, Any]]:
    """The keys of a queue, and where it stands: `settle_queue` makes it whole, once its cohort is known."""
    return place, read(place, QUEUE)


TABLES: dict[str, tuple[Key, ...]] = {"queue": QUEUE}
"""By section."""


# ------------------------------------------------------------------------------------------------ with its cohort
def settle_queue(cohort: dict[str, Any]) -> dict[str, Any]:
    """A cohort's fields with its queue put in: the size, intake, take-up and duration that follow from that.

    Raises
    ------
    Wrong, Skip
        What contradicts itself.
    """
    place, keys = cohort["queue"]
    given = dict(keys)
    start = cohort.get("start", 0)
    _check_beside(cohort, place)
    _check_dates(given, start, place)
    stay = given.get("time_in_service")
    if stay is None and not cohort.get("duration"):
        raise place.wrong("add `duration` (time in the programme), or `time_in_service` here", at_key=True)
    if stay is not None and abs(cohort.get("duration", stay.mean) - stay.mean) > 1e-6 * stay.mean:
        raise place.child("time_in_service").wrong(
            f"is {stay.mean:.6g} months on average, and `duration` says {cohort['duration']:.6g}; leave `duration` out"
        )
    made = Queue(**{"last_start": given["until"], **given})
    context = place.context
    found = pieces(made, start, context.start, context.step_months)

    def mean(value: Value, at: int) -> float:
        chosen = value.at(at) if isinstance(value, OverTime) else value
        return context.inputs[chosen.name].distribution.mean if isinstance(chosen, Ref) else chosen.value

    _check_number(made, found, place)
    fields = {key: value for key, value in cohort.items() if key not in BESIDE}
    return {
        **fields,
        "queue": made,
        "size": Number(expected_referrals(made, found, mean)),
        "intake": float((made.last_start - start) * context.step_months),
        "take_up": made.accepts,
        "duration": cohort["duration"] if stay is None else stay.mean,
    }


def _check_beside(cohort: dict[str, Any], place: Place) -> None:
    beside = [key for key in BESIDE if key in cohort]
    if beside:
        instead = {"size": "`referrals` and `eligible`", "intake": "`until`", "take_up": "`accepts`"}
        whose = f" (cohort '{cohort['name']}'; there `queue: none` would keep it)" if cohort["name"] else ""
        raise place.wrong(
            f"stands in place of {listed([f'`{key}`' for key in beside], 'and')}{whose}: leave that out, and say it "
            f"here by {listed([instead[key] for key in beside], 'and')}",
            at_key=True,
        )


def _check_dates(given: dict[str, Any], start: int, place: Place) -> None:
    until = given["until"]
    begins = say_column(place, start)
    if until <= start:
        raise place.child("until").wrong(f"must be after the first referral can come ({begins})")
    if given.get("last_start", until) < until:
        raise place.child("last_start").wrong(
            f"is before `until` ({say_column(place, until)}): people would be referred whom nobody may serve; end "
            "referrals earlier"
        )
    rates = given["referrals"]
    early = isinstance(rates, OverTime) and [c for c, _ in rates.entries if c < start]
    if early:
        raise place.child("referrals").wrong(
            f"begins in {say_column(place, early[0])}, before the cohort's start ({begins}): nobody is referred then"
        )
    if isinstance(rates, OverTime) and any(c >= until for c, _ in rates.entries):
        raise place.child("referrals").wrong(f"has a date on or after `until` ({say_column(place, until)})")
    months = (until - start) * place.context.step_months
    if given.get("ramp", 0.0) > months:
        raise place.child("ramp").wrong(f"is longer than referrals come ({months} months): the full rate never comes")


def _check_number(made: Queue, found: list[Piece], place: Place) -> None:
    """Refuse more people than can be followed one by one: at the most that inputs allow, or thrice the mean."""

    def most(value: Value, at: int) -> float:
        chosen = value.at(at) if isinstance(value, OverTime) else value
        _, high, mean, _ = support(place.context.inputs, chosen)
        return high if math.isfinite(high) else 3.0 * mean

    referred = math.fsum(max(most(made.referrals, piece.column), 0.0) * piece.months for piece in found)
    if referred <= 0.0:
        raise place.child("referrals").wrong("nobody is ever referred")
    if referred > MOST_REFERRED:
        raise place.child("referrals").wrong(
            f"{referred:.0f} people may be referred; the most that can be followed one by one is {MOST_REFERRED}: "
            "without a queue, `size` and `take_up` take any number"
        )
    if referred * made.bank > MOST_SIMULATED:
        raise (place.child("bank") if "bank" in place.node.entries else place.child("referrals")).wrong(
            f"{referred:.0f} people in {made.bank} replications; the most is {MOST_SIMULATED} in all: a bank of "
            f"{max(int(MOST_SIMULATED / referred), 8)} or less"
        )
