"""Which contract it is that is settled or explained."""

from __future__ import annotations

from typing import Any

from sibsim.scenario import Scenario
from sibsim.timeline import day_of, step_name

__all__ = ["about"]


def about(scenario: Scenario) -> dict[str, Any]:
    """What a file and its contract are called, its currency, and its calendar."""
    return {
        "name": scenario.name,
        "title": scenario.title,
        "file": scenario.file,
        "sha256": scenario.sha256,
        "currency": scenario.currency,
        "option": " + ".join(scenario.options) or None,
        "start": day_of(scenario, 0),
        "step": step_name(scenario),
    }
