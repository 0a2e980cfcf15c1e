"""Each step of a settlement in one plain sentence: `sibsim settle` and `sibsim explain` tell it alike.

A step that turns one amount into another has the figures ``before`` and ``value``; see `sibsim.replay.trace`. A new
kind of step is one entry of a table: `sibsim.report.steps_of_terms`, `sibsim.report.steps_of_money`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sibsim.report import steps_of_money, steps_of_terms
from sibsim.report.numbers import exact, is_number
from sibsim.report.wording import Figures, Words

__all__ = ["SENTENCES", "Words", "sentence", "told"]

SENTENCES: dict[str, Callable[[Figures, Words], str]] = {**steps_of_terms.SENTENCES, **steps_of_money.SENTENCES}
"""Each kind of step in words."""


def told(trace: Iterable[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    """The steps with their sentences as ``text``, before the figures."""
    return [{**{k: v for k, v in step.items() if k != "figures"}, "text": sentence(step, words),
             "figures": dict(step["figures"])} for step in trace]  # fmt: skip


def sentence(step: Mapping[str, Any], words: Words) -> str:
    """One step in words.

    Examples
    --------
    >>> sentence({"what": "owed", "figures": {"value": 4.8e6}}, Words())
    '4.8 m is due'
    """
    write = SENTENCES.get(step["what"])
    figures = step["figures"]
    if write is None:  # a step that nobody has put in words yet is shown, never left out
        pairs = (f"{name} {exact(v) if is_number(v) else v}" for name, v in figures.items() if v is not None)
        return f"{step['what']}: {', '.join(pairs)}"
    return write(figures, words)
