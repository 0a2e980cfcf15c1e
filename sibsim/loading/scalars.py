"""What a written value means: numbers, percents, money, durations, dates; and for anything else, how to write it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sibsim.scenario import Unit

__all__ = [
    "LARGEST",
    "Quantity",
    "explain_date",
    "explain_duration",
    "explain_number",
    "explain_point",
    "looks_like_date",
    "parse_date",
    "parse_duration",
    "parse_quantity",
]

LARGEST = 1e15
"""Beyond this a float no longer holds single units of money."""

SPACE = "[ \u00a0\u2007\u2009\u202f]"
"""The spaces people and spreadsheets put into numbers: ordinary, no-break, figure, thin, narrow no-break."""
UNSIGNED = rf"(?:[1-9]\d{{0,2}}(?:{SPACE}\d{{3}})+|0|[1-9]\d*)(?:\.\d+)?"
NUMBER = f"-?{UNSIGNED}"
SCALES = {"k": 10**3, "m": 10**6, "M": 10**6, "bn": 10**9, None: 1}
QUANTITY = re.compile(
    rf"(?P<number>{NUMBER})(?:{SPACE}*(?P<percent>%)"
    rf"|{SPACE}+(?P<scale>k|m|bn)(?:{SPACE}+(?P<code>[A-Z]{{3}}))?"
    rf"|{SPACE}+(?P<scale2>k|M|bn)?(?P<code2>[A-Z]{{3}}))?"
)
MONTHS = {
    "day": Decimal(12) / Decimal("365.25"),
    "week": Decimal(84) / Decimal("365.25"),
    "month": Decimal(1),
    "quarter": Decimal(3),
    "year": Decimal(12),
}
DURATION = re.compile(rf"(?P<number>{UNSIGNED}){SPACE}+(?P<unit>{'|'.join(MONTHS)})s?")
DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Quantity:
    """A number and what it is of; ``currency`` is None where no code was written."""

    value: float
    unit: Unit
    currency: str | None = None


def _decimal(text: str) -> Decimal:
    return Decimal(re.sub(SPACE, "", text))


def parse_quantity(text: str) -> Quantity | None:
    """A number, a percent or money; None if the text is none of them.

    >>> parse_quantity("-1 234.5"), parse_quantity("8.5 %"), parse_quantity("10.176 m")
    (Quantity(value=-1234.5, unit='number', currency=None), Quantity(value=0.085, unit='percent', currency=None),
     Quantity(value=10176000.0, unit='money', currency=None))
    >>> parse_quantity("30 MSEK")
    Quantity(value=30000000.0, unit='money', currency='SEK')
    >>> parse_quantity("8e3") is parse_quantity("9,000") is parse_quantity("0,8") is None
    True
    """
    found = QUANTITY.fullmatch(text) if len(text) < 100 else None
    if not found:
        return None
    number = _decimal(found["number"])
    if found["percent"]:
        return Quantity(float(number / 100), "percent")
    scale, code = found["scale"] or found["scale2"], found["code"] or found["code2"]
    return Quantity(float(number * SCALES[scale]), "money" if scale or code else "number", code)


def parse_duration(text: str) -> float | None:
    """Months; a day is 12 / 365.25 of one. None if the text is no duration.

    >>> parse_duration("18 months"), round(parse_duration("30 days"), 3), parse_duration("3 m")
    (18.0, 0.986, None)
    """
    found = DURATION.fullmatch(text) if len(text) < 100 else None
    return float(_decimal(found["number"]) * MONTHS[found["unit"]]) if found else None


def parse_date(text: str) -> date | None:
    """A day, or the first day of a month or year; None if there is no such day.

    >>> parse_date("2020-06"), parse_date("2020"), parse_date("2020-02-30")
    (datetime.date(2020, 6, 1), datetime.date(2020, 1, 1), None)
    """
    found = DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def looks_like_date(text: str) -> bool:
    """Whether a key is meant as a date: a value over time has only such keys.

    >>> looks_like_date("2013-07"), looks_like_date("year 1")
    (True, False)
    """
    return re.fullmatch(r"\d{4}([-/.]\d{1,2}){0,2}", text) is not None


# ------------------------------------------------------------------------------------------- right spellings
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def _grouped(digits: str) -> str:
    """Digits with a space before each three, exact.

    >>> _grouped("1234567")
    '1 234 567'
    """
    whole, point, rest = digits.partition(".")
    return f"{int(whole or 0):,}".replace(",", " ") + point + rest


def _short(digits: str) -> str:
    return digits.rstrip("0").rstrip(".")


def explain_point(text: str) -> str:
    """What is made of figures that may be thousands or decimals; empty where they can only be one of them.

    Of 48.000 nobody knows whether it is 48 or, as in German or Danish, 48 000.

    >>> explain_point("48.000")
    '48.000 is read as 48, with a decimal point; if thousands are meant, write 48 000'
    >>> explain_point("1.500 m")
    '1.500 m is read as 1.5 m, with a decimal point; if thousands are meant, write 1 500 m'
    >>> explain_point("48.25"), explain_point("0.100"), explain_point("1.125"), explain_point("12.500 %")
    ('', '', '', '')
    """
    found = re.fullmatch(rf"(-?[1-9]\d{{0,2}})\.(\d00)((?:{SPACE}.*)?)", text)
    if not found or text.endswith("%"):
        return ""
    whole, digits, rest = found.groups()
    decimal = _short(f"{whole}.{digits}") + rest
    return f"{text} is read as {decimal}, with a decimal point; if thousands are meant, write {whole} {digits}{rest}"


def _exponent(found: re.Match[str]) -> str:
    value = float(found.group())
    if not abs(value) <= LARGEST:
        return "too large"
    text = f"{Decimal(found.group()):f}"
    whole = _grouped(text.lstrip("+-"))
    return f"numbers with an exponent are not read; write {'-' if value < 0 else ''}{whole}"


def _spelt(text: str) -> str:
    """An amount as the language spells it.

    >>> _spelt("8.6m"), _spelt("43 500"), _spelt("2,5 %")
    ('8.6 m', '43 500', '2.5 %')
    """
    found = re.search(r"\bwrite (.+?)(?: \(or .*\))?$", explain_number(text)) if parse_quantity(text) is None else None
    return found[1] if found and parse_quantity(found[1]) is not None else text.strip()


def _duration_spelt(text: str) -> str:
    return f"write {text}" if parse_duration(text) is not None else explain_duration(text)


def _range(low: str, high: str) -> str:
    """The distribution of a range.

    >>> _range("5", "20 %")
    '{uniform: {low: 5 %, high: 20 %}}'
    """
    sign = " %" if "%" in low + high else ""
    return f"{{uniform: {{low: {low.rstrip(' %')}{sign}, high: {high.rstrip(' %')}{sign}}}}}"


def _rule(pattern: str, say: Callable[[re.Match[str]], str] | str) -> Rule:
    return re.compile(pattern, re.IGNORECASE), say if callable(say) else lambda found: say


UNITS = {
    "d": "days", "w": "weeks", "mo": "months", "m": "months", "q": "quarters", "y": "years",
    "å": "years", "veck": "weeks", "kvart": "quarters",
}  # fmt: skip
NUMBER_RULES: tuple[Rule, ...] = (
    _rule(r"[-+]?\.?(nan|inf|infinity)", "not a finite number; write the number"),
    _rule(r"yes|no|on|off|true|false", "a number must stand here, not a yes or no"),
    _rule(r"[-+]?(\d{1,4}(\.\d*)?|\.\d+)e[-+]?\d{1,2}", _exponent),
    _rule(r"[-+]?[\d.]+e[-+]?\d+", "numbers with an exponent are not read; write it out"),
    _rule(
        r"(-?\d{1,3})((,\d{3})+)(?!\d)(\.\d+)?( ?.*)",
        lambda f: (
            f"a comma is not read; write {f[1]}{f[2].replace(',', ' ')}{f[4] or ''}{f[5]}"
            + (
                f" (or {_short(f'{f[1]}.{f[2][1:]}')}{f[5]} if a decimal comma was meant)"
                if f[2].count(",") == 1 and not f[4]
                else ""
            )
        ),
    ),
    _rule(r"(-?[\d ]+),(\d+)( ?.*)", lambda f: f"a decimal comma is not read; write {f[1]}.{f[2]}{f[3]}"),
    _rule(
        r"(-?)(\d[\d_]*_[\d_]*)(\.\d+)?( ?.*)",
        lambda f: f"write {f[1]}{_grouped(f[2].replace('_', ''))}{f[3] or ''}{f[4]}",
    ),
    _rule(r"(-?)(\d{1,3}(?:['’]\d{3})+)(.*)", lambda f: f"write {f[1]}{re.sub('[^0-9]', ' ', f[2])}{f[3]}"),
    _rule(r"\d{1,3}(\.\d{3}){2,}.*", "points between thousands are not read; write spaces, e.g. 1 234 567"),
    _rule(r"(\d+):(\d+)(:\d+)?", "a number with ':' is not read; write a plain number"),
    _rule(r"-?0\d[\d .]*%?", lambda f: f"no leading zeros; write {f.group().lstrip('-0') or '0'}"),
    _rule(r"0[xob][0-9a-f]+", "write a plain decimal number"),
    _rule(r"\+(\d.*)", lambda f: f"write {f[1]} without the plus"),
    _rule(r"[−–]\s*(\d.*)", lambda f: f"write -{f[1]} with an ordinary minus"),
    _rule(r"-\s+(\d.*)", lambda f: f"write -{f[1]}"),
    _rule(r"(-?)(\.\d+)(.*)", lambda f: f"write {f[1]}0{f[2]}{f[3]}"),
    _rule(r"(-?\d+)\.( ?\D.*)?", lambda f: f"write {f[1]}{f[2] or ''}"),
    _rule(r"(-?[\d. ]+?) ?(percent|per cent|pct|procent|percentage points?|pp)", lambda f: f"write {f[1]} %"),
    _rule(r"(-?[\d. ]+?) ?(m|mn|mio|mln|millions?|mkr|mnkr|milj|miljon(?:er)?)\.?", lambda f: f"write {f[1]} m"),
    _rule(r"(-?[\d. ]+?) ?(k|t|thousand|tkr|kkr|tusen)\.?", lambda f: f"write {f[1]} k"),
    _rule(r"(-?[\d. ]+?) ?(b|bn|billions?|md|mdr|mdkr|miljard(?:er)?)\.?", lambda f: f"write {f[1]} bn"),
    _rule(
        r"(-?[\d. ]+?) ?(kr|kronor|euros?|dollars?|pounds?|:-)\.?",
        lambda f: f"write {_spelt(f[1])} alone, or with a code: 30 MSEK",
    ),
    _rule(
        r"(?!\d{4}-\d{2}(?:$|-))(-?[\d.]+ ?%?) ?(?:-|–|to|till?) ?(-?[\d.]+ ?%?)",
        lambda f: f"one number stands here; of a range write a distribution: {_range(f[1].strip(), f[2].strip())}",
    ),
    _rule(r"(?:ca|c:a|circa|about|around|approx|~|≈)\.? ?(\d.*)", lambda f: f"write {_spelt(f[1])} alone"),
    _rule(r"[a-z]+ ?\(.*\)", "a distribution is written {normal: {mean: 0.8, sd: 0.1}}"),
    _rule(r"[$£€¥] ?([\d].*)", lambda f: f"write {_spelt(f[1])} alone, or with a code: 43.16 CHF"),
    _rule(
        r"(-?\d[\d .]*?)( ?(?:k|m|bn))? ?(?:per|for each|for every|each) (?!day|week|month|quarter|year)(\w[\w -]*)",
        lambda f: (
            f"a number stands alone; money for each {f[3]} is, in a payment, "
            f"{'per_point' if 'point' in f[3].lower() else 'per_unit'}: {_spelt(f[1] + (f[2] or ''))}, and in a cost a "
            "key 'per' beside it"
        ),
    ),
    _rule(
        r"(-?\d[\d .]*?) ?% of (drawn|outstanding|committed)( .*)?",
        lambda f: f"write {f[1]} % alone, and 'of: {f[2].lower()}' in the payment",
    ),
    _rule(
        r"([a-z]{3}) ?(\d[\d .]*)( ?(k|m|bn))?",
        lambda f: f"write {f[2].strip()} {f[3] or ''}{f[1].upper()}".replace("  ", " "),
    ),
    _rule(
        r"(-?[\d. ]*\d) ?(k|m|bn)?([a-z]{3})",
        lambda f: f"write {f[1]} {(f[2] or '').lower().replace('m', 'M')}{f[3].upper()}",
    ),
    _rule(r"(\d+) ?/ ?(\d+)", lambda f: f"a fraction is not read; write {int(f[1]) / max(int(f[2]), 1):.6g}"),
    _rule(r"-?\d[\d ]* \d[\d ]*(\.\d+)?( ?%| ?[a-z]{1,4})?", "spaces stand only before three digits, as in 9 000"),
    _rule(
        r"-?\d[\d .]*( ?%)? [^\d ].*",
        "more than one value stands here; keep the number with its unit, e.g. 8.6 m, and say the rest by a key of its "
        "own or in a 'note'",
    ),
)
"""What people write for a number, and how the language spells it. The first that fits is used."""

DURATION_RULES: tuple[Rule, ...] = (
    _rule(
        r"([\d ]+),(\d+)( ?[a-zå].*)",
        lambda f: "a decimal comma is not read; " + _duration_spelt(f"{f[1]}.{f[2]}{f[3]}"),
    ),
    _rule(
        r"([\d. ]+?) ?(d|w|mo|m|q|y|å|veck|kvart)[a-zå.]*",
        lambda f: f"write {f[1]} {UNITS['mo' if f[2].lower() == 'm' else f[2].lower()]}",
    ),
    _rule(r"-.*", "a duration is not negative"),
    _rule(r"([\d. ]+)", lambda f: f"say of what: {f[1]} months or {f[1]} years"),
)
SEVERAL = "where several dates may stand, write {every: quarter, from: 2027-01, until: 2028-10}"
DATE_RULES: tuple[Rule, ...] = (
    _rule(
        r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?",
        lambda f: "-".join([f[1], *(part.zfill(2) for part in f.groups()[1:] if part)]).join(("write ", "")),
    ),
    _rule(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", "write the year first: 2020-06-15"),
    _rule(r"(\d{1,2})[-/.](\d{4})", lambda f: f"write {f[2]}-{f[1].zfill(2)}"),
    _rule(r"\d{6}|\d{8}", "write 2020-06 or 2020-06-15"),
    _rule(
        r"(?:month|quarter|year|annual|half.?year)ly|(?:every|each) .*|\d{4}\S* (?:to|until|till?|-|–) \d{4}.*", SEVERAL
    ),
    _rule(r".*[a-z]{3,}.*\d{4}.*|\d{4}.*[a-z]{3,}.*", "write 2020-06 or 2020-06-15"),
)


def _explain(rules: tuple[Rule, ...], text: str) -> str:
    text = text.strip()[:80]
    for pattern, say in rules:
        found = pattern.fullmatch(text)
        if found:
            return say(found)
    return ""


def explain_number(text: str) -> str:
    """How to write what was meant as a number; empty if it is no such thing.

    >>> explain_number("8e3"), explain_number("9_000"), explain_number("4.8m")
    ('numbers with an exponent are not read; write 8 000', 'write 9 000', 'write 4.8 m')
    >>> explain_number("relative risk")
    ''
    """
    return _explain(NUMBER_RULES, text)


def explain_duration(text: str) -> str:
    """How to write what was meant as a duration; empty if it is no such thing.

    >>> explain_duration("18m"), explain_duration("18"), explain_duration("2,5 år")
    ('write 18 months', 'say of what: 18 months or 18 years', 'a decimal comma is not read; write 2.5 years')
    """
    return _explain(DURATION_RULES, text)


def explain_date(text: str) -> str:
    """How to write what was meant as a date; empty if it is no such thing.

    >>> explain_date("2020-6"), explain_date("15/06/2020"), explain_date("June 2020")
    ('write 2020-06', 'write the year first: 2020-06-15', 'write 2020-06 or 2020-06-15')
    """
    found = _explain(DATE_RULES, text)
    return "there is no such day" if found == f"write {text.strip()}" else found
