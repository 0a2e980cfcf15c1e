"""Checks across sections."""

from __future__ import annotations

from sibsim.loading.place import Context
from sibsim.scenario import Scenario

__all__ = ["check"]


def check(scenario: Scenario, context: Context) -> None:
    """Note every problem and warning that only several sections together show."""
