"""sibsim simulates social impact bonds: who pays, who gets what back, and how sure that is.

    import sibsim
    scenario = sibsim.load("stockholm-diabetes")
    results = sibsim.simulate(scenario, n_draws=100_000, seed=1)
    results.metric("investor", "irr")

`load` and `simulate` are fetched when first asked for, so that ``import sibsim`` and ``sibsim --help`` are quick.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sibsim.loading import load
    from sibsim.simulate import simulate

__all__ = ["__version__", "load", "simulate"]

__version__ = "0.1.0"


class _Package(ModuleType):
    """The package itself. ``sibsim.simulate`` is the function, though a module of that name stands beside it."""

    @property
    def load(self) -> Any:
        from sibsim.loading import load

        return load

    @property
    def simulate(self) -> Any:
        from sibsim.simulate import simulate

        return simulate

    @simulate.setter
    def simulate(self, module: ModuleType) -> None:
        """Python binds the submodule here on its first import; the function is what people mean."""


sys.modules[__name__].__class__ = _Package
