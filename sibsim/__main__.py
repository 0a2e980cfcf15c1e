"""``python -m sibsim`` is the same as ``sibsim``."""

from __future__ import annotations

import sys

from sibsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
