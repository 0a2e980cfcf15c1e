"""Why a payer's figure is not there, and which effect a chance is about: lines below its tables."""

from __future__ import annotations

from sibsim.report.labels import PROBABILITIES, label
from sibsim.report.layout import listed
from sibsim.report.reading import Party, Summary, parties, parties_that_are, works

__all__ = ["chance_notes", "figure_notes"]


def figure_notes(summary: Summary, holder: Party) -> list[str]:
    """Why the payments without effect, or the price of an outcome, are not given."""
    payers = [party for _, party in parties_that_are(summary, "payer")]
    if not payers or holder is not payers[0] or not summary.get("payments"):
        return []  # the same holds for every payer: it is said once
    return [note for note in (_without_effect(summary, holder), _per_outcome(summary, holder)) if note]


def _without_effect(summary: Summary, holder: Party) -> str:
    if "payment_without_effect" in holder["metrics"]:
        return ""
    name = label("payment_without_effect")
    unclaimed = summary["claims"]["without_claim"]
    if works(summary) is None:
        return f"{name}: not given, as the file does not say what would happen without the programme"
    if not unclaimed:
        return ""
    return f"{name}: not given, as the file does not say how {listed(unclaimed)} would be without the programme"


def _per_outcome(summary: Summary, holder: Party) -> str:
    missing = [
        name
        for name in ("cost_per_outcome", "cost_per_causal_outcome")
        if name in holder["metrics"] and holder["metrics"][name]["value"] is None
    ]
    if not missing:
        return ""
    paid_for = dict.fromkeys(o for one in summary["payments"].values() for o in one["outcomes"])
    several = list(paid_for or summary["outcomes"])
    if len(several) > 1:
        why = f"of {listed(several)} together there is no price of one"
        return f"{label(missing[0])}: not given, as {why}"
    of = "outcomes" if "cost_per_outcome" in missing else "outcomes caused"
    return f"{label(missing[0])}: not given, as there are on average not clearly more than 0 {of}"


def chance_notes(summary: Summary, holder: Party) -> list[str]:
    """Which outcomes have an effect in the file, where money hangs on others too."""
    claims = summary["claims"]
    asked = [name for name in ("paid_without_effect", "not_paid_despite_effect") if name in holder["probabilities"]]
    first = next((p for _, p in parties(summary) if set(asked) & set(p["probabilities"])), None)
    causal = [name for name, outcome in summary["outcomes"].items() if outcome["is_causal"]]
    apart = [name for name in causal if name not in claims["effect_of"]]
    if not asked or holder is not first or not (claims["without_claim"] or apart):
        return []  # said once
    named = " and ".join(f"'{label(name, PROBABILITIES)}'" for name in asked)
    said = [f"{named}: the effect on {listed(claims['effect_of'])}"]
    if apart:
        said.append(f"no payment is reckoned on {listed(apart)}")
    if claims["without_claim"]:
        said.append(f"on {listed(claims['without_claim'])}, which money hangs on too, the file claims none")
    return ["; ".join(said)]
