"""What a number was made with: versions, the code itself, and the machine. Another of them may give other last bits."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sibsim

__all__ = ["differing", "machine", "made_with"]

LIBRARIES = ("numpy", "scipy", "simpy")
"""That every number goes through."""


@lru_cache(maxsize=1)
def made_with() -> dict[str, str]:
    """The versions of sibsim and of what it computes with, by name.

    ``code`` is of the text of sibsim itself: a checkout between two releases has other code under the same version.

    >>> list(made_with())
    ['sibsim', 'code', 'python', 'numpy', 'scipy', 'simpy']
    """
    python = ".".join(platform.python_version_tuple()[:2])
    return {"sibsim": sibsim.__version__, "code": _code(), "python": python, **{one: _of(one) for one in LIBRARIES}}


def _of(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # a copy without its papers
        return "unknown"


def _code() -> str:
    """Twelve signs that change with any line of the package; "unknown" where its text is not there."""
    folder = Path(sibsim.__file__).parent
    text = sha256()
    paths = sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix())
    for path in paths:
        text.update(path.relative_to(folder).as_posix().encode() + b"\n")
        text.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\n")
    return text.hexdigest()[:12] if paths else "unknown"


@lru_cache(maxsize=1)
def machine() -> dict[str, str]:
    """What may change the last bits of a number beside versions: the system, its C library and the processor."""
    import numpy as np

    found = np.show_config(mode="dicts")
    simd = found.get("SIMD Extensions", {}) if isinstance(found, dict) else {}
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "c library": " ".join(part for part in platform.libc_ver() if part),
        "instructions": " ".join([*simd.get("baseline", []), *simd.get("found", [])]),
    }


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """What differs, in words.

    >>> differing({"numpy": "2.4.6", "scipy": "1.17.1"}, {"numpy": "2.5.5", "scipy": "1.17.1"})
    ['numpy 2.4.6 and 2.5.5']
    """
    names = dict.fromkeys([*one, *other])
    return [
        f"{name} {one.get(name) or 'unknown'} and {other.get(name) or 'unknown'}"
        for name in names
        if one.get(name) != other.get(name)
    ]
