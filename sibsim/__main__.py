"""``python -m sibsim`` is the same as ``sibsim``."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["main"]

INTERRUPTED = 130


def main() -> int:
    """Run the command line and return its exit code: also when Ctrl-C comes before it is loaded, or comes twice.

    Who is asked to end (by a scheduler of jobs, or a terminal that is closed) takes away what is half written.
    """
    try:
        while (lowest := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass  # it was started without one of these three, whose number no file must get
        os.close(lowest)
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_DFL:  # not under nohup
                signal.signal(getattr(signal, name), _end)
        from sibsim.cli import main as command_line

        code = command_line()
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
