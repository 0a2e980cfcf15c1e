"""One future without thousands beside it: a contract settled on what came, or one draw told step by step."""

from __future__ import annotations

from sibsim.replay.settled import Settled, settled

__all__ = ["Settled", "settled"]
