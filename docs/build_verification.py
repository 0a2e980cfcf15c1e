"""Writes ``docs/verification.md``: every case with a known answer, worked out anew. Run by ``make docs``."""

from __future__ import annotations

import math
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "verification.md"
sys.path.insert(0, str(ROOT))

from tests.proof import cashflow, contracts, deals, golden, invariants, people, portfolios, risk  # noqa: E402
from tests.proof.row import Case, Row, worked_out  # noqa: E402

SECTIONS = (
    ("Rates of return, present values, one investor's cash", cashflow.CASES),
    ("Published deals", deals.CASES),
    ("One contract with a closed form", contracts.CASES),
    ("Two contracts known in every figure", golden.CASES),
    ("Tails and Monte Carlo errors", risk.CASES),
    ("People and benefits", people.CASES),
    ("Contracts held together", portfolios.CASES),
    ("What must hold in every run", invariants.CASES),
)

HEAD = """# Verification

Written by `docs/build_verification.py` (`make docs`); a test fails if this page is out of date or a line does not hold.

Each case has an answer known without sibsim: a published figure, a closed form, or a sum over all possibilities.
*Expected* is that answer, *got* is what sibsim's own functions give: a whole run wherever the case is a contract,
`sibsim.rates` or `sibsim.metrics` where it is a formula. The contracts are in `tests/scenarios`, `tests/proof`
and `tests/portfolios`.

* A figure without chance is met within the tolerance shown, absolute or relative (rel.).
* A figure estimated from futures is met within 4.5 standard errors (s.e.): by chance alone one in 150,000 would miss.
  The standard error is the one sibsim reports beside the figure, and at most 1.3 times that of plain random futures
  where that is known: an estimate cannot hide behind a wide error of its own.
* *Not reported*: the answer is known, sibsim does not report such a figure, and no function was written for its sake.
* n/a: not applicable, such as a rate of return where nothing was put in.
"""


def number(value: float | bool | None) -> str:
    """A number as a reader wants it: ten digits at most, n/a for none, 0 for what is left of rounding."""
    if value is None or math.isnan(float(value)):
        return "n/a"
    if abs(float(value)) < 1e-11:
        return "0"
    return f"{float(value):.10g}"


def line(case: Case, row: Row) -> str:
    """One line of a table."""
    if row.kind == "not reported":
        cells = [number(row.expected), "", "", "", "not reported"]
    else:
        unit = {"absolute": "", "relative": " rel.", "standard errors": " s.e."}[row.kind]
        cells = [number(row.expected), number(row.got), f"{error(row)}{unit}", f"{row.tolerance:g}{unit}"]
        cells.append("holds" if row.holds else "**FAILS**")
    return f"| {case.id} | {row.quantity} | " + " | ".join(cells) + " |"


def error(row: Row) -> str:
    """How far off: in standard errors to two places, else only that it is within the tolerance, as machines differ."""
    if row.kind == "standard errors":
        return f"{row.error:.2f}"
    return f"{row.error:.1e}" if not row.holds else f"< {row.tolerance:g}" if row.tolerance else "0"


def page() -> tuple[str, list[str]]:
    """The page, and the lines that do not hold."""
    parts: list[str] = []
    failures: list[str] = []
    held = silent = 0
    for title, cases in SECTIONS:
        found = [(case, row) for case in cases for row in worked_out(case)]
        parts.append(f"\n## {title}\n")
        parts += [f"* **{case.id}**: {case.title}. Source: {case.source}." for case in cases]
        parts.append("\n| Case | Quantity | Expected | Got | Error | Tolerance | Verdict |")
        parts.append("|---|---|---:|---:|---:|---:|---|")
        parts += [line(case, row) for case, row in found]
        failures += [line(case, row) for case, row in found if not row.holds]
        silent += sum(row.kind == "not reported" for _, row in found)
        held += sum(row.holds and row.kind != "not reported" for _, row in found)
    counts = f"\n{held} figures hold, {len(failures)} fail, {silent} are not reported."
    return "\n".join([HEAD.rstrip(), counts, *parts]) + "\n", failures


def main() -> int:
    text, failures = page()
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write("\n".join([*failures, f"{PAGE.relative_to(ROOT)} written, {len(failures)} lines fail\n"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
