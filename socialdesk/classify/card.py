"""The model card: what the model is for, what it gets wrong, in figures people can weigh."""

from typing import Any

Figures = dict[str, Any]

_TEMPLATE = """# Model card: {model}

**What it is.** Linear models over words, word pairs, letters inside words and hand-kept ideas,
trained on {messages} invented messages written for this project (see corpus/DATASHEET.md).
It orders a police contact-centre queue. It never closes, hides, answers or delays a contact.

**What it is not.** It is not a risk assessment, and its figures come from messages we wrote: real
messages will be harder. Measure it on a force's own contacts before relying on an ordering, and
keep the random review of low-scored contacts.

Figures below are from held-out groups: no message of the group was seen in fitting, calibration
or choosing thresholds. They still flatter: feature settings and the recall aimed
for were chosen looking at these folds. A situation is held out whole.

| measure | new scenario | new voice |
|---|---|---|
{rows}

**Urgency placed (rows: true, columns: said), new scenario**

| true | immediate | priority | routine | none |
|---|---|---|---|---|
{confusion}

**How far these wander.** {spread}

**Real chatter.** {chatter}

**Categories, new scenario**

| category | messages | precision | recall | F1 |
|---|---|---|---|---|
{categories}

**Weak.** Categories: read the table; most are wrong more often than right on a new situation. About
one danger in twenty is placed below priority. False alarms are far above the goal (60 per 1,000
harmless, 5 per 1,000 real chatter). Signs of self-harm and repeat victims are mostly missed.

**Known limits.** Sarcasm that names no danger, indirect disclosure in new words, and languages
other than English. Text in another language, or too short to read, is placed at routine or higher
and never at none. Thresholds favour recall of danger, so false alarms are many by design.
Probabilities are calibrated to this corpus, where danger is far commoner than on a real account.
"""


def _row(name: str, scenario: object, voice: object) -> str:
    return f"| {name} | {scenario} | {voice} |"


def _rows(one: Figures, two: Figures) -> list[str]:
    rows = []
    for name, path in (
        ("possible crime: AUC", ("possible_crime", "auc")),
        ("possible crime: recall", ("possible_crime", "recall")),
        ("possible crime: precision", ("possible_crime", "precision")),
        ("immediate: AUC", ("urgency", "at_least_immediate", "auc")),
        ("immediate: recall", ("urgency", "at_least_immediate", "recall")),
        ("immediate: precision", ("urgency", "at_least_immediate", "precision")),
        ("immediate placed at least priority", ("urgency", "immediate_placed_priority_or_higher")),
        ("priority or higher: recall", ("urgency", "at_least_priority", "recall")),
        ("priority or higher: AUC", ("urgency", "at_least_priority", "auc")),
        ("immediate: calibration error", ("urgency", "at_least_immediate", "calibration_error")),
        (
            "harmless placed immediate, per 1,000",
            ("urgency", "alarms_per_1000_harmless", "immediate"),
        ),
        (
            "harmless placed priority or higher, per 1,000",
            ("urgency", "alarms_per_1000_harmless", "priority"),
        ),
        ("primary category: accuracy", ("category", "primary_accuracy")),
        ("categories: macro F1", ("category", "macro_f1")),
    ):
        rows.append(_row(name, _at(one, path), _at(two, path)))
    return rows


def _at(figures: Figures, path: tuple[str, ...]) -> object:
    found: Any = figures
    for key in path:
        found = found[key]
    return found


def _spread(figures: Figures) -> str:
    spread, wanted = figures["spread_between_seeds"], figures["wanted_recall"]
    recall, alarms = spread["immediate_recall"], spread["harmless_placed_immediate_per_1000"]
    return (
        f"Thresholds aim for recall {wanted['immediate']} of immediate, {wanted['priority']} of"
        f" priority and {wanted['routine']} of routine messages or higher on held-out folds; the"
        f" programme's goal is 0.97 of immediate, which this model cannot pay for. Over"
        f" {spread['divisions']} ways to divide the situations, recall of immediate ran from"
        f" {recall[0]} to {recall[1]} and harmless messages placed immediate from {alarms[0]} to"
        f" {alarms[1]} per 1,000."
    )


def _chatter(found: Figures) -> str:
    if "skipped" in found:
        return f"Not measured: {found['skipped']}."
    return (
        f"Of {found['messages']} tweets ({found['set']}, never trained on), per 1,000: "
        f"{found['immediate_per_1000']} placed immediate, "
        f"{found['priority_or_higher_per_1000']} priority or higher, "
        f"{found['routine_or_higher_per_1000']} routine or higher."
    )


def card(figures: Figures) -> str:
    """Return the model card in Markdown for what `evaluate` measured."""
    one, two = figures["held_out_by_scenario"], figures["held_out_by_voice"]
    confusion = [
        f"| {true} | " + " | ".join(str(row[said]) for said in row) + " |"
        for true, row in one["urgency"]["confusion"].items()
    ]
    categories = [
        f"| {name} | {head['count']} | {head['precision']} | {head['recall']} | {head['f1']} |"
        for name, head in one["category"]["heads"].items()
    ]
    return _TEMPLATE.format(
        model=figures["model"],
        messages=figures["messages"],
        rows="\n".join(_rows(one, two)),
        confusion="\n".join(confusion),
        spread=_spread(figures),
        chatter=_chatter(figures["public_chatter"]),
        categories="\n".join(categories),
    )
