"""How numbers are written: amounts scaled to bn, m or k; percents; and ``n/a`` where there is no number.

Nothing here ever writes NaN, a minus zero or an exponent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "NOT_APPLICABLE",
    "Unit",
    "amount",
    "error_text",
    "exact",
    "exact_amount",
    "exact_percent",
    "fixed",
    "in_full",
    "is_number",
    "largest",
    "percent",
    "scaled_amount",
    "significant",
    "unit_of",
]

NOT_APPLICABLE = "n/a"
SCALES = ((1e9, "bn"), (1e6, "m"), (1e3, "k"), (1.0, ""))


def is_number(value: object) -> bool:
    """Whether it is a finite number: None, NaN and infinity are "not applicable".

    >>> is_number(1.5), is_number(None), is_number(float("nan"))
    (True, False, False)
    """
    return isinstance(value, int | float) and math.isfinite(value)


def fixed(value: float | None, decimals: int) -> str:
    """A number with so many decimals and commas between thousands.

    >>> fixed(1234.56, 1), fixed(-0.004, 2), fixed(float("nan"), 1), fixed(None, 0)
    ('1,234.6', '0.00', 'n/a', 'n/a')
    """
    if value is None or not is_number(value):
        return NOT_APPLICABLE
    text = f"{value:,.{decimals}f}"
    return text[1:] if text.startswith("-") and not any(c in "123456789" for c in text) else text


def significant(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits, without exponents.

    >>> significant(0.012345), significant(19.04), significant(1234.5), significant(0.9996)
    ('0.0123', '19.0', '1,234', '1.00')
    """
    if value is None or not is_number(value):
        return NOT_APPLICABLE
    return fixed(value, _decimals(value, digits))


def _decimals(value: float, digits: int) -> int:
    if value == 0:
        return 0
    power = math.floor(math.log10(abs(value)))
    if round(abs(value) / 10.0**power, digits - 1) >= 10:
        power += 1
    return min(max(digits - 1 - power, 0), 12)


def amount(value: float | None) -> str:
    """Money in a sentence: three significant digits, scaled.

    >>> amount(29_117_000), amount(-480_000), amount(999_960), amount(12.5), amount(0)
    ('29.1 m', '-480 k', '1.00 m', '12.5', '0')
    """
    if value is None or not is_number(value):
        return NOT_APPLICABLE
    for size, letter in SCALES:
        if abs(value) >= size * 0.9995 and size > 1:
            return f"{significant(value / size)} {letter}"
    return significant(value)


def amount_at_most(value: float | None) -> str:
    """A limit in a sentence: as `amount`, but rounded up where three digits would say less than it is.

    >>> amount_at_most(33_000_000), amount_at_most(257_400), amount_at_most(11_712_000), amount_at_most(11_750_001)
    ('33.0 m', '258 k', '11.8 m', '11.8 m')
    """
    if value is None or not is_number(value):
        return NOT_APPLICABLE
    size = next((size for size, _ in SCALES if abs(value) >= size * 0.9995), 1.0)
    said = float(significant(value / size).replace(",", ""))
    if said >= value / size * (1.0 - 1e-9):
        return amount(value)
    least = 10.0 ** -_decimals(value / size, 3)
    if value / size >= 1000.0:  # of plain money that is not scaled
        least = 10.0 ** (math.floor(math.log10(value / size)) - 2)
    return amount((said + least) * size)


def exact(value: float | None, digits: int = 7) -> str:
    """A number as short as it can be, to so many significant digits, without exponents.

    >>> exact(4.80), exact(62.3064516129), exact(1234567.0), exact(-0.0), exact(1 / 3, 3)
    ('4.8', '62.30645', '1,234,567', '0', '0.333')
    """
    text = significant(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact_amount(value: float | None, digits: int = 7) -> str:
    """Money to so many significant digits, scaled, as short as it can be.

    >>> exact_amount(4_800_000), exact_amount(29_117_250), exact_amount(576_334.6774), exact_amount(999.5)
    ('4.8 m', '29.11725 m', '576.3347 k', '999.5')
    """
    if value is None or not is_number(value):
        return NOT_APPLICABLE
    size, letter = next((scale for scale in SCALES if abs(value) >= scale[0]), SCALES[-1])
    return f"{exact(value / size, digits)} {letter}".strip()


def scaled_amount(value: float | None, digits: int = 7) -> str:
    """As `exact_amount`, but one that is rounded has all its digits, so that it does not look exact.

    >>> scaled_amount(188_002.08, 4), scaled_amount(188_000, 4), scaled_amount(4_812_345, 4), scaled_amount(1 / 3, 2)
    ('188.0 k', '188 k', '4.812 m', '0.33')
    """
    short = exact_amount(value, digits)
    if value is None or not is_number(value):
        return short
    number, _, letter = short.partition(" ")
    size = next((size for size, name in SCALES if name == letter), 1.0)
    is_whole = math.isclose(float(number.replace(",", "")), value / size, rel_tol=1e-9, abs_tol=1e-9)
    return short if is_whole or not letter else f"{significant(value / size, digits)} {letter}".strip()


def in_full(value: float | None, decimals: int) -> str:
    """Money that is not scaled: with so many decimals, or with as many as it takes if those would say another amount.

    >>> in_full(188_002.083, 2), in_full(2_500, 0), in_full(2_500.5, 0), in_full(0.125, 2), in_full(1.0, 2)
    ('188,002.08', '2,500', '2,500.50', '0.125', '1.00')
    """
    if value is None or not is_number(value):
        return NOT_APPLICABLE
    for places in (decimals, 2):
        text = fixed(value, places)
        if math.isclose(float(text.replace(",", "")), value, rel_tol=1e-6, abs_tol=0.005 if abs(value) >= 1 else 1e-9):
            return text
    return exact(value) if abs(value) < 100 else fixed(value, 2)


def exact_percent(share: float | None, digits: int = 5) -> str:
    """A decimal as a percent, to so many significant digits, as short as it can be.

    >>> exact_percent(0.084), exact_percent(0.0843721), exact_percent(1.0)
    ('8.4 %', '8.4372 %', '100 %')
    """
    return NOT_APPLICABLE if share is None or not is_number(share) else f"{exact(100 * share, digits)} %"


def percent(share: float | None, decimals: int = 1) -> str:
    """A decimal as a percent; what is not zero never reads as zero.

    >>> percent(-0.0062), percent(0.0), percent(0.0001), percent(None)
    ('-0.6 %', '0.0 %', 'under 0.1 %', 'n/a')
    """
    if share is None or not is_number(share):
        return NOT_APPLICABLE
    text = fixed(100 * share, decimals)
    least = fixed(10.0**-decimals, decimals)
    if share > 0 and float(text.replace(",", "")) == 0:
        return f"under {least} %"
    return f"{text} %"


def largest(values: Iterable[float | None]) -> float:
    """The largest size among numbers; 0 when there is none.

    >>> largest([1.0, -3.0, None, float("nan")])
    3.0
    """
    return max((abs(v) for v in values if v is not None and is_number(v)), default=0.0)


@dataclass(frozen=True)
class Unit:
    """How a row of a table is written: the word, what the value is divided by, decimals.

    >>> Unit("SEK m", 1e6, 2).text(29_117_000)
    '29.12'
    """

    word: str
    divisor: float
    decimals: int
    commas: bool = True

    def text(self, value: float | None) -> str:
        """The value in this unit, without the unit's word."""
        if value is None or not is_number(value):
            return NOT_APPLICABLE
        text = fixed(value / self.divisor, self.decimals)
        return text if self.commas else text.replace(",", "")


def error_text(error: float | None, unit: Unit) -> str:
    """A Monte Carlo error in a row's unit, with one more decimal: one that is not zero never reads as zero.

    >>> millions = Unit("SEK m", 1e6, 1)
    >>> error_text(31_000, millions), error_text(900, millions), error_text(0.0, millions)
    ('0.03', '<0.01', '0')
    """
    if error is None or not is_number(error):
        return NOT_APPLICABLE
    if error == 0:
        return "0"
    decimals = unit.decimals + 1
    smallest, shown = 10.0**-decimals, error / unit.divisor
    return f"<{fixed(smallest, decimals)}" if shown < smallest / 2 else fixed(shown, decimals)


def _scaled(currency: str, size: float) -> Unit:
    """The scale in which the largest figure has at least two digits before the point: 29.1 m, but 4,800 k."""
    divisor, letter = next((scale for scale in SCALES if size >= 9.995 * scale[0]), SCALES[-1])
    decimals = 2 if size < 9.995 * divisor else 0 if size >= 999.5 * divisor else 1
    return Unit(f"{currency} {letter}".strip(), divisor, decimals)


def _money(currency: str, size: float, table_size: float) -> Unit:
    """The scale of the table, unless the row would have less than two digits in it: then its own."""
    shared = _scaled(currency, table_size)
    fits = size == 0 or size / shared.divisor >= 10.0 ** (1 - shared.decimals)
    return shared if fits else _scaled(currency, size)


PLAIN_UNITS = {
    "per year": Unit("% a year", 0.01, 1),
    "multiple": Unit("times", 1.0, 2),
    "ratio": Unit("", 1.0, 3),
    "years": Unit("years", 1.0, 1),
    "year": Unit("", 1.0, 0, commas=False),
    "percent": Unit("%", 0.01, 1),
}


def unit_of(name: str, currency: str, size: float, table_size: float = 0.0) -> Unit:
    """How values of a unit are written in a row whose largest figure is ``size``.

    Parameters
    ----------
    name : str
        The unit as the results name it: a currency (also "SEK per outcome"), one of `PLAIN_UNITS`, or ``number``.
    currency : str
        The scenario's currency.
    size, table_size : float
        The largest figure of the row, and of the money of the whole table, so that rows share a scale.

    Examples
    --------
    >>> unit_of("SEK", "SEK", 1_480_000, 33e6).word, unit_of("SEK", "SEK", 480_000, 33e6).word
    ('SEK m', 'SEK k')
    >>> unit_of("per year", "SEK", 0.02)
    Unit(word='% a year', divisor=0.01, decimals=1, commas=True)
    """
    if name.partition(" ")[0] == currency:  # also "SEK per outcome": the label says per what
        return _money(currency, size, max(size, table_size))
    if name in PLAIN_UNITS:
        return PLAIN_UNITS[name]
    return Unit("" if name == "number" else name, 1.0, min(_decimals(size, 3), 6) if size else 0)
