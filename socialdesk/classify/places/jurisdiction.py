"""Which force polices what a message tells of: decided from the places it names, with confidence.

The place of the incident comes before anyone's home; places named together narrow each other
("Newport, Shropshire"); places of different forces share the confidence. Below `ASK_BELOW` the desk
asks where it happened. Source: Home Office Counting Rules, General Rules (location of the offence).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from socialdesk.classify.places.find import Place, PlaceKind
from socialdesk.classify.places.gazetteer import Shares

ASK_BELOW = 0.95
"""Confidence under which an officer asks where it happened."""

HOME_SHARE = 0.6
"""How far a home address alone says where something happened."""


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The likeliest force and how sure it is, 0 to 1."""

    force: str
    confidence: float

    @property
    def ask(self) -> bool:
        """Whether the desk should ask where it happened."""
        return self.confidence < ASK_BELOW


def jurisdiction(found: Sequence[Place]) -> Jurisdiction | None:
    """Return the force that the places named point at, or None when no place is named."""
    railway = [one for one in found if one.kind is PlaceKind.RAILWAY]
    if railway:
        return _likeliest(railway[0].forces, railway[0].certainty)
    incident = [one for one in found if not one.home]
    chosen = incident or list(found)
    if not chosen:
        return None
    exact = [one for one in chosen if one.kind is PlaceKind.POSTCODE]
    shares = _together(exact or chosen)
    certainty = max(one.certainty for one in exact or chosen)
    return _likeliest(shares, certainty if incident else certainty * HOME_SHARE)


def _likeliest(shares: Shares, certainty: float) -> Jurisdiction:
    force = max(shares, key=lambda one: (shares[one], one))
    return Jurisdiction(force, round(shares[force] * certainty, 4))


def _together(found: Sequence[Place]) -> Shares:
    """Return the shares of places read together: narrowed where they agree, averaged where not."""
    joint: Shares = found[0].forces
    for one in found[1:]:
        product = {
            force: share * one.forces[force]
            for force, share in joint.items()
            if force in one.forces
        }
        total = sum(product.values())
        if not total:
            return _averaged(found)
        joint = {force: share / total for force, share in product.items()}
    return joint


def _averaged(found: Sequence[Place]) -> Shares:
    weight = sum(one.certainty for one in found)
    mixed: dict[str, float] = {}
    for one in found:
        for force, share in one.forces.items():
            mixed[force] = mixed.get(force, 0.0) + share * one.certainty / weight
    return mixed
