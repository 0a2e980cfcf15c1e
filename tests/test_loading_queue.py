"""What `validate` says of queues: whether they settle, what has no effect, what is read and how."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import load
from sibsim.referrals import hazard_of, mean_stay
from sibsim.scenario import Number, Spell
from tests.queues import queued, text_of
from tests.support import scenario


def warned(queue: str, people: str = "duration: 12 months", **rest: str) -> list[str]:
    """What is warned of a queue."""
    return [w for w in queued(queue, people, **rest).warnings if w.startswith(("participants.queue", "measures."))]


# ------------------------------------------------------------------------------------------------ utilisation
def test_a_queue_that_never_settles_without_patience() -> None:
    """12 a month for 12 months each take 144 places; with 120 the line grows by 12 - 120 / 12 = 2 a month."""
    (said,) = warned("referrals: 12, until: 24 months, places: 120")
    assert said.startswith("participants.queue.places: 12 people a month want a place and stay 12 months on average, ")
    assert "takes 144 places, and there are 120: a utilisation of 120 %" in said
    assert said.endswith("the line grows by 2 people a month as long as referrals come, and nobody gives up")


def test_a_queue_that_never_settles_with_patience() -> None:
    """20 x 80 % x 75 % = 12 a month; with a place for 5 in 6, one in six gives up at least."""
    (said,) = warned(
        "referrals: 20, eligible: 80 %, accepts: 75 %, until: 24 months, places: 120, gives_up_after: 2 months"
    )
    assert said.endswith("in the long run at least 17 % of those who want to start give up waiting")


def test_a_queue_that_settles_is_not_warned_of() -> None:
    assert not warned("referrals: 12, until: 24 months, places: 150")
    assert not warned(
        "referrals: 12, until: 24 months, places: 120", "duration: 12 months, dropout: 40 %"
    )  # 9.4 months
    assert not warned("referrals: 12, until: 9 months, places: 120")  # 108 come before the first leaves
    assert not warned("referrals: 12, until: 24 months, places: 130, seasons: {July: 20 %, December: 60 %}")


def test_exactly_as_many_as_there_are_places() -> None:
    (said,) = warned("referrals: 10, until: 24 months, places: 120")
    assert "a utilisation of 100 %" in said
    assert said.endswith("the line grows without end, if slowly")


def test_the_worst_of_dates_is_named() -> None:
    (said,) = warned("referrals: {2027-01: 8, 2028-01: 20}, until: 36 months, places: {2027-01: 120, 2029-01: 150}")
    assert "20 people a month want a place from 2028-01" in said
    assert "a utilisation of 200 %" in said
    people = "cohorts: {one: {queue: {referrals: 30, until: 24 months, places: 120}}, two: {}}, duration: 12 months"
    text = text_of("referrals: 5, until: 24 months, places: 120", people)
    warnings = [w for w in queued("referrals: 5, until: 24 months, places: 120", people).warnings if "utilisation" in w]
    assert text.count("queue") >= 2
    assert len(warnings) == 1
    assert warnings[0].startswith("participants.cohorts.one.queue.places: 'one': 30 people a month")


def test_mean_stay_by_hand() -> None:
    """Of a fixed time, (1 - d) / h; of a gamma time, (1 - (1 + h m / k) ** -k) / h with k = (m / sd) ** 2."""
    hazard = hazard_of(0.3, 12.0)
    assert mean_stay(Spell(12.0), hazard) == pytest.approx(0.3 / hazard)
    shape = (12.0 / 6.0) ** 2
    assert mean_stay(Spell(12.0, 6.0), hazard) == pytest.approx((1 - (1 + hazard * 12 / shape) ** -shape) / hazard)
    assert hazard_of(1.0, 12.0) < math.inf


# ------------------------------------------------------------------------------------------------ no effect
def test_keys_without_effect() -> None:
    said = warned("referrals: 12, until: 24 months, gives_up_after: 2 months, last_start: 30 months")
    assert said == [
        "participants.queue.gives_up_after: has no effect: without `places` nobody waits",
        "participants.queue.last_start: has no effect: without `places` nobody waits",
    ]
    (late,) = warned("referrals: 12, until: 24 months, places: {2027-01: 300, 2029-06: 400}")
    assert late == "participants.queue.places: what holds from 2029-06 has no effect: nobody starts by then"


def test_drop_out_frees_places() -> None:
    """Else it would have no effect here: nothing is counted or paid by who leaves."""
    people, said = "duration: 12 months, dropout: 10 %", "participants.dropout: has no effect"
    assert not any(said in w for w in queued("referrals: 5, until: 24 months, places: 120", people).warnings)
    assert any(said in w for w in queued("referrals: 5, until: 24 months", people).warnings)


# ------------------------------------------------------------------------------------------------ what is read
def test_what_follows_from_a_queue() -> None:
    """size: 20 a month over 24 months, 80 % eligible; intake to the last start; take-up what accepts."""
    cohort = queued("referrals: 20, until: 24 months, last_start: 30 months, eligible: 80 %, accepts: 70 %").cohorts[0]
    assert cohort.size == Number(384.0)
    assert cohort.intake == 30.0
    assert cohort.take_up == Number(0.7, "percent")
    assert cohort.sure_size is None
    random = queued(
        "referrals: 20, until: 24 months, time_in_service: {gamma: {mean: 8 months, sd: 2 months}}", "dropout: 0 %"
    )
    assert random.cohorts[0].duration == pytest.approx(8.0)
    assert random.cohorts[0].has_random_stay


@pytest.mark.parametrize(
    "stays",
    [
        "{exponential: 1 year}",
        "{uniform: {low: 6 months, high: 18 months}}",
        "{discrete: [[6 months, 50 %], [18 months, 50 %]]}",
        "{mixture: [[50 %, {uniform: {low: 6 months, high: 12 months}}], [50 %, 15 months]]}",
        "{value: {exponential: 1 year}, status: assumed}",
        "{normal: {mean: 12 months, sd: 3 months, within: [6 months, 18 months]}, status: assumed}",
    ],
)
def test_times_in_service(stays: str) -> None:
    what = queued(f"referrals: 20, until: 24 months, time_in_service: {stays}", "dropout: 0 %")
    assert what.cohorts[0].duration == pytest.approx(12.0, rel=1e-6)


def test_what_is_no_duration(tmp_path: Path) -> None:
    (tmp_path / "stays.csv").write_text("stay\n10 %\n20 %\n", encoding="utf-8")
    path = tmp_path / "queue.yaml"
    path.write_text(
        text_of(
            "referrals: 20, until: 24 months, time_in_service: {empirical: {file: stays.csv, column: stay}}",
            "dropout: 0 %",
        ),
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match="holds percents, not durations"):
        load(path)
    (tmp_path / "stays.csv").write_text("stay\n10\n20\n", encoding="utf-8")
    assert load(path).cohorts[0].duration == 15.0


def test_options_with_and_without_a_queue() -> None:
    text = text_of("referrals: 20, until: 24 months, places: 100")
    options = """options:
  even: {participants.queue: none, participants.size: 480, participants.intake: 24 months}
  fewer places: {participants.queue.places: 50}
  later: {participants.queue: {referrals: 10, until: 12 months}}
"""
    even = scenario(text + options, "even").cohorts[0]
    assert even.queue is None
    assert even.sure_size == 480.0
    fewer = scenario(text + options, "fewer places").cohorts[0]
    assert fewer.queue is not None
    assert fewer.queue.places == Number(50.0)
    later = scenario(text + options, "later").cohorts[0]
    assert later.queue is not None
    assert later.queue.places is None
    plain = text.replace("queue: {referrals: 20, until: 24 months, places: 100}", "size: 100, intake: 6 months")
    new = "options: {queued: {participants.size: none, participants.intake: none, participants.queue: "
    queued_now = scenario(plain + new + "{referrals: 20, until: 24 months}}}\n", "queued").cohorts[0]
    assert queued_now.queue is not None
    assert queued_now.intake == 24.0


def test_figures_of_a_queue_have_their_evidence() -> None:
    what = queued(
        "referrals: {value: 20, status: assumed, note: a guess}, until: 24 months, "
        "gives_up_after: {value: 3 months, status: assumed}, places: 30"
    )
    known = {e.path: e for e in what.evidence}
    assert known["participants.queue.referrals"].status == "assumed"
    assert known["participants.queue.gives_up_after"].shown == "3 months"


# ------------------------------------------------------------------------------------------------ long stays
def test_stays_for_which_no_calendar_has_room_are_refused() -> None:
    """20 + 6 x 20 years of columns."""
    with pytest.raises(ScenarioError, match=r"stays of up to 140 years .* the most is 100 years: cut them off"):
        queued("referrals: 5, until: 24 months, time_in_service: {exponential: 20 years}", "dropout: 0 %")


def test_stays_that_go_on_long_after_the_calendar_are_warned_of() -> None:
    """Of lognormal stays with an sd of three times the mean, 4.6 % of the time lies above 19 means."""
    stays = "referrals: 5, until: 24 months, time_in_service: {lognormal: {mean: 12 months, sd: %s months}}"
    (said,) = warned(stays % "36", "dropout: 0 %")
    assert "% of all time in service is that of stays beyond 228 months" in said
    sigma = math.sqrt(math.log(10.0))
    d = (math.log(19.0) + sigma**2 / 2.0) / sigma
    share = 0.5 * math.erfc((d - sigma) / math.sqrt(2.0)) - 19.0 * 0.5 * math.erfc(d / math.sqrt(2.0))
    assert f": {100 * share:.2g} % of all time in service" in said
    assert not warned(stays % "9", "dropout: 0 %")
