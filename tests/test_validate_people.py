"""A cohort of which nobody ever starts is allowed, but never without a word."""

from __future__ import annotations

import pytest

from sibsim.loading import load


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("stockholm-diabetes", "participants.take_up=0 %"),
        ("reconnections", "participants.queue.accepts=0 %"),
        ("reconnections", "participants.queue.eligible=0 %"),
    ],
)
def test_nobody_ever_starts(name: str, change: str) -> None:
    path = change.partition("=")[0]
    assert not any("nobody" in warning for warning in load(name).warnings)
    assert any(w.startswith(f"{path}: is 0: nobody") for w in load(name, sets=[change]).warnings)
