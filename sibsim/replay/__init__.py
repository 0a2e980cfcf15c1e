"""One future without thousands beside it: a contract settled on what came, or one draw told step by step."""

from __future__ import annotations

from sibsim.replay.came import reports_known
from sibsim.replay.explained import Explained, explained
from sibsim.replay.figures import settlement_summary
from sibsim.replay.paths import figure
from sibsim.replay.settled import Settled, settled
from sibsim.replay.trace import trace

__all__ = [
    "Explained",
    "Settled",
    "explained",
    "figure",
    "reports_known",
    "settled",
    "settlement_summary",
    "trace",
]
