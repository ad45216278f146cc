"""Ground floor: identifiers, time, settings, inert text and the errors people read."""
