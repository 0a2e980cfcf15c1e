"""``make fuzz``: many more mutants than the tests have, from a seed that changes; what no file may bring about is kept.

``python -m tests.fuzz 20000 [SEED]`` prints its seed, so that it can be repeated. Mutants that fail are written to
``fuzz-failures/`` and the exit code is 1.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

from tests.mutation import Fault, mutant, verdict

FAILURES = Path("fuzz-failures")
SAY_EVERY = 1000


def main(number: int, seed: int) -> int:
    """Try so many mutants; 1 if any did what no file may do."""
    warnings.simplefilter("error")
    print(f"{number:,} mutants, seed {seed}", flush=True)
    dice, seen, began = random.Random(seed), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sibsim-fuzz-") as folder:
        for i in range(number):
            source, done, text = mutant(dice)
            try:
                seen[verdict(text, Path(folder), is_run=i % 2 == 0)] += 1
            except Fault as fault:
                seen["fault"] += 1
                FAILURES.mkdir(exist_ok=True)
                path = FAILURES / f"{seed}-{i}.yaml"
                path.write_text(text, encoding="utf-8", errors="surrogatepass")
                print(f"{path} ({source.name}: {done}): {fault}", flush=True)
            if (i + 1) % SAY_EVERY == 0:
                counts = ", ".join(f"{count:,} {what}" for what, count in sorted(seen.items()))
                print(f"{i + 1:,} in {time.monotonic() - began:.0f} s: {counts}", flush=True)
    return 1 if seen["fault"] else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())))
