"""The one door from the terminal to the desk's services.

Services wait on the database, so each call leaves the event loop for a thread; only frozen values
come back. A database that is away is noted here and shown on the health line until a call succeeds.
"""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from socialdesk.core.errors import StoreError
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer

P = ParamSpec("P")
T = TypeVar("T")


class Door:
    """A desk, the officer who sits at it, and what is wrong with the way between."""

    def __init__(self, desk: Desk, officer: Officer) -> None:
        self.desk = desk
        self.officer = officer
        self.problem: str | None = None

    async def read(
        self, function: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return `function(desk, ...)`, called in a thread.

        Raises:
            SocialdeskError: whatever the service refuses; a StoreError is also kept as `problem`.
        """
        try:
            found = await asyncio.to_thread(function, self.desk, *args, **kwargs)
        except StoreError as error:
            self.problem = error.what
            raise
        self.problem = None
        return found

    async def act(
        self,
        function: Callable[Concatenate[Desk, Officer, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return `function(desk, officer, ...)`, called in a thread.

        Raises:
            SocialdeskError: whatever the service refuses; a StoreError is also kept as `problem`.
        """

        def as_officer(desk: Desk) -> T:
            return function(desk, self.officer, *args, **kwargs)

        return await self.read(as_officer)
