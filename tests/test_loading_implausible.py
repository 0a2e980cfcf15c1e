"""Inputs that can hardly be meant: told by `validate`, and only those."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.loading import check_file
from tests.test_loading_errors import SMALL

RISK = "{lognormal: {interval_95: [0.60, 0.90]}, status: assumed}"


def warnings(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return list(check_file(path).warnings)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # a share in its tails
        ("size: 240", "size: 240\n  take_up: {normal: {mean: 95 %, sd: 5 %}}", "is not in 16 % of the futures"),
        ("size: 240", "size: 240\n  take_up: {normal: {mean: 95 %, sd: 2 %}}", None),
        ("size: 240", "size: 240\n  take_up: {beta: {mean: 95 %, sd: 5 %}}", None),
        ("size: 240", "size: 240\n  take_up: {student: {mean: 80 %, sd: 10 %, df: 3}}", "is not in 2"),
        ("amount: 15 500", "amount: {normal: {mean: 15 500, sd: 15 500}}", "is not in 16 % of the futures"),
        ("amount: 15 500", "amount: {normal: {mean: 15 500, sd: 15 500, within: [0, 90 000]}}", None),
        (RISK, "{normal: {mean: 0.5, sd: 0.3}}", "outcomes.eviction.effect.ratio: must be 0 or more, but"),
        # ends that leave little
        (RISK, "{normal: {mean: 0.5, sd: 0.3, within: [0.6, 1]}}", "'within' cuts off 68 % of this distribution"),
        (RISK, "{normal: {mean: 0.5, sd: 0.3, within: [0.6, 1]}}", "its mean goes from 0.5 to 0.7"),
        (RISK, "{normal: {mean: 50 %, sd: 30 %, within: [60 %, 100 %]}}", "its mean goes from 50 % to 7"),
        (RISK, "{normal: {mean: 0.5, sd: 0.2, within: [0.3, 1]}}", None),
        # a programme that triples what it works on
        (RISK, "{lognormal: {interval_95: [0.5, 8]}}", "in 28 % of the futures the ratio is above 3"),
        (RISK, "{lognormal: {interval_95: [0.5, 3]}}", None),
        ("ratio: relative risk", "ratio: 84", "on average the ratio is above 3"),
        ("ratio: relative risk", "odds_ratio: 3.5", "on average the odds ratio is above 3"),
    ],
)
def test_what_can_hardly_be_meant_is_told(tmp_path, old, new, says):
    more = [] if "ratio" not in old and old != RISK else [("40 %, effect", "1 %, effect")]
    found = warnings(tmp_path, (old, new), *more)
    told = [w for w in found if "of the futures" in w or "cuts off" in w or "is above 3" in w]
    if says is None:
        assert told == []
    else:
        assert any(says in w for w in told), "\n".join(found)
