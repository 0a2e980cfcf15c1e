"""Signs that a terminal cannot show, in signs that every terminal can: one for one, so that tables stay aligned."""

from __future__ import annotations

import json
import unicodedata

from sibsim.report.layout import width_of

__all__ = ["can_show", "in_escapes", "in_signs_of"]

PLAIN = {
    **dict(zip("▁▂▃▄▅▆▇█", ".:-=+*#@", strict=True)),
    "│": "|", "·": "-", "±": "~", "–": "-", "—": "-", "−": "-", "…": ".",
    "‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " ", "×": "x", "≥": ">", "≤": "<", "€": "E",
    "ø": "o", "Ø": "O", "æ": "a", "Æ": "A", "ß": "s", "ð": "d", "þ": "t", "ł": "l", "Ł": "L",
}  # fmt: skip
"""Bars of a histogram, from low to high, and what else the report writes."""


def can_show(text: str, encoding: str) -> bool:
    """Whether every sign of a text exists in an encoding.

    >>> can_show("Malmö", "cp1252"), can_show("▁▂", "cp1252"), can_show("x", "no such encoding")
    (True, False, True)
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    except LookupError:
        return True
    return True


def in_signs_of(encoding: str, text: str) -> str:
    """The text with every sign that the encoding lacks put as one that it has; as wide as before.

    >>> in_signs_of("ascii", "Malmö ± 3 │▁▄█│")
    'Malmo ~ 3 |.=@|'
    >>> in_signs_of("cp1252", "Malmö ± 3 │▁▄█│")
    'Malmö ± 3 |.=@|'
    """
    table = {ord(sign): _plain(sign) for sign in set(text) if not can_show(sign, encoding)}
    return text.translate(table)


def in_escapes(encoding: str, text: str) -> str:
    """A text of JSON with every sign that the encoding lacks as an escape of JSON: the same content.

    >>> in_escapes("ascii", '{"name": "Malmö"}')
    '{"name": "Malm\\\\u00f6"}'
    """
    table = {ord(sign): json.dumps(sign)[1:-1] for sign in set(text) if not can_show(sign, encoding)}
    return text.translate(table)


def _plain(sign: str) -> str:
    if sign in PLAIN:
        return PLAIN[sign]
    without_accents = unicodedata.normalize("NFKD", sign)[:1]
    return without_accents if without_accents.isascii() else "?" * width_of(sign)
