"""The people of a scenario alone: who starts and when, how many are in service, who waits, who leaves; no money.

The people are those of a simulation with the same seed and draws, future by future. Where an event, or want of money,
can keep people away or end the service, the contract is settled too, to know in which futures it does.
"""

from __future__ import annotations

from sibsim.flowing.run import flow_of
from sibsim.flowing.time import Period
from sibsim.flowing.told import FORMAT, Flowing

__all__ = ["FORMAT", "Flowing", "Period", "flow_of"]
