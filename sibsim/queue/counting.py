"""Sums over people by replication and column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["column_at", "counted", "months_between"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SLACK = 1e-9


def column_at(times: FloatArray, columns: range, step: int) -> IntArray:
    """Which of the columns a time lies in, counted from 0; what lies after the last, in the last."""
    number = np.floor(times / step + SLACK).astype(np.int64) - columns[0]
    return np.clip(number, 0, len(columns) - 1)


def counted(entry: IntArray, number: IntArray, n_entries: int, n: int, weights: FloatArray | None = None) -> FloatArray:
    """How many (or the sum of weights) by replication and number, shape (n_entries, n)."""
    return np.bincount(entry * n + number, weights, n_entries * n).reshape(n_entries, n).astype(np.float64)


def months_between(
    entry: IntArray, begins: FloatArray, ends: FloatArray, columns: range, step: int, n_entries: int
) -> FloatArray:
    """Months from ``begins`` to ``ends`` that lie in each column, added up by replication; in the last all after it."""
    return _until(entry, ends, columns, step, n_entries) - _until(entry, begins, columns, step, n_entries)


def _until(entry: IntArray, times: FloatArray, columns: range, step: int, n_entries: int) -> FloatArray:
    """Months before each time that lie in each column, from the first column on, added up by replication."""
    n = len(columns)
    number = column_at(times, columns, step)
    partly = counted(entry, number, n_entries, n, times - (number + columns[0]) * step)
    there = counted(entry, number, n_entries, n)
    later = np.cumsum(there[:, ::-1], axis=1)[:, ::-1] - there
    return np.asarray(partly + step * later)
