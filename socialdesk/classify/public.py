"""The false-alarm rate on real chatter, where a public set is at hand; never used for training.

Set: CrisisLexT6 off-topic tweets (Olteanu et al. 2014), looked for in the folder that
SOCIALDESK_PUBLIC_DATA names, else in `shared/data/public` beside the checkout.
"""

import json
import os
from pathlib import Path
from typing import Any

from socialdesk.classify.assessment import Assessor, Urgency
from socialdesk.core.shipped import shipped

FILE = "crisislex_t6.jsonl"
OFF_TOPIC = "off-topic"
MOST = 10_000


def public_folder() -> Path | None:
    """Return the folder of public data, or None when there is none at hand."""
    named = os.environ.get("SOCIALDESK_PUBLIC_DATA")
    beside = shipped("models").resolve().parents[1] / "shared" / "data" / "public"
    for folder in (Path(named) if named else beside,):
        if (folder / FILE).is_file():
            return folder
    return None


def chatter(folder: Path) -> list[str]:
    """Return up to 10,000 off-topic tweets of `folder`, in the file's order."""
    found: list[str] = []
    with (folder / FILE).open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line)
            if OFF_TOPIC in message["labels"]:
                found.append(str(message["text"]))
            if len(found) == MOST:
                break
    return found


def false_alarms(assessor: Assessor) -> dict[str, Any]:
    """Return alarms per 1,000 real off-topic tweets, or why they were not measured."""
    folder = public_folder()
    if folder is None:
        return {"skipped": f"{FILE} is not at hand (set SOCIALDESK_PUBLIC_DATA to its folder)"}
    texts = chatter(folder)
    said = assessor.assess(texts)
    share = 1000 / max(len(texts), 1)
    return {
        "set": "CrisisLexT6 off-topic",
        "messages": len(texts),
        "immediate_per_1000": round(share * sum(a.urgency is Urgency.IMMEDIATE for a in said), 1),
        "priority_or_higher_per_1000": round(share * sum(a.urgency.rank <= 1 for a in said), 1),
        "routine_or_higher_per_1000": round(share * sum(a.urgency.rank <= 2 for a in said), 1),
    }
