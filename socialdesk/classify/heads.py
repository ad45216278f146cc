"""The questions the model answers, in the order of its weight columns."""

from socialdesk.classify.assessment import Category, Urgency, Vulnerability

CATEGORIES = tuple(Category)
VULNERABILITIES = tuple(Vulnerability)
URGENCIES = tuple(Urgency)

AT_LEAST = (Urgency.IMMEDIATE, Urgency.PRIORITY, Urgency.ROUTINE)
"""Urgency is asked as three questions: is it at least this urgent?"""

YES_NO = (
    "possible_crime",
    *(f"urgency:{level}" for level in AT_LEAST),
    *(f"category:{category}" for category in CATEGORIES),
    *(f"vulnerability:{sign}" for sign in VULNERABILITIES),
)
"""Heads with a calibrated yes-or-no probability."""

PRIMARY = tuple(f"primary:{category}" for category in CATEGORIES)
"""Heads that compete for the one primary category."""

HEADS = YES_NO + PRIMARY

CRIME_AT = 0
URGENCY_AT = slice(1, 4)
CATEGORY_AT = slice(4, 4 + len(CATEGORIES))
VULNERABILITY_AT = slice(4 + len(CATEGORIES), len(YES_NO))
PRIMARY_AT = slice(len(YES_NO), len(HEADS))
