"""Several ways to buy the same service, in the same futures: who is better off under which, and how sure that is.

An input, a person's luck and the noise of a measurement are the same draws under every option that has them, by name.
"""

from __future__ import annotations

from sibsim.comparing.choices import AS_IT_STANDS, Choice, choices_of, in_same_futures
from sibsim.comparing.run import Futures, run_choices
from sibsim.comparing.standard import STANDARD, Standard

__all__ = [
    "AS_IT_STANDS",
    "STANDARD",
    "Choice",
    "Futures",
    "Standard",
    "choices_of",
    "in_same_futures",
    "run_choices",
]
