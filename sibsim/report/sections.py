"""What all reports in words are made of: a headline, questions with their answers, lists, and sections of these.

A section is a list of lines, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sibsim.report.layout import TOGETHER, Layout, plain, wrap
from sibsim.report.wording import month

__all__ = ["STEPS", "answers", "calendar", "facts_line", "headline", "joined", "list_under"]

STEPS: Mapping[str, str] = {"month": "months", "quarter": "quarters", "year": "years"}
"""By a step of the calendar: several of it."""


def joined(sections: Iterable[Sequence[str]]) -> str:
    """Sections with an empty line between; those without lines are left out.

    >>> joined([["Title"], [], ["one", "two"]])
    'Title\\n\\none\\ntwo\\n'
    """
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def headline(title: str, option: str | None, layout: Layout) -> list[str]:
    """What is reported on, and under which option of it."""
    lines = [layout.bold(line) for line in wrap(plain(title), layout.width)]
    return lines + wrap(f"Option: {plain(option)}", layout.width) if option else lines


def facts_line(facts: Iterable[str], layout: Layout) -> list[str]:
    """Facts beside each other; a line ends only between two of them.

    >>> facts_line(["8,192 futures", "seed 1"], Layout())
    ['8,192 futures · seed 1']
    """
    return wrap(f"{TOGETHER}· ".join(fact.replace(" ", TOGETHER) for fact in facts), layout.width)


def calendar(step: str, start: str, end: str) -> str:
    """The dates that a report looks at.

    >>> calendar("quarter", "2020-01-01", "2024-12-31")
    'quarters, January 2020 to December 2024'
    """
    return f"{STEPS.get(step, step)}, {month(start)} to {month(end)}"


def answers(questions: Iterable[tuple[str, Sequence[str]]], layout: Layout) -> list[str]:
    """Questions, each with the sentences that answer it; one that has none is left out."""
    lines: list[str] = []
    for question, sentences in questions:
        lines += list_under(question, sentences, layout)
    return lines


def list_under(heading: str, texts: Iterable[str], layout: Layout) -> list[str]:
    """Texts under a heading, each indented; nothing where there are none.

    >>> list_under("Warnings", ["one", "two"], Layout())
    ['Warnings', '  one', '  two']
    """
    lines = [line for text in texts for line in wrap(text, layout.width, "  ", "    ")]
    return [*(layout.bold(line) for line in wrap(heading, layout.width)), *lines] if lines else []
