"""What things are called on a network: here, as the simulator itself numbers them."""

from socialdesk.simulator.network import DirectMessage, Post, User


class Names:
    """A network's own names, as the desk reads them; a network with others overrides these."""

    def handle(self, user: User) -> str:
        """Return a user's handle."""
        return user.username

    def user(self, user_id: str) -> str:
        """Return a user's id."""
        return user_id

    def post(self, post: Post) -> str:
        """Return a post's id."""
        return post.id

    def message(self, message: DirectMessage) -> str:
        """Return a private message's id."""
        return message.id

    def post_id(self, name: str) -> str | None:
        """Return the simulator's own id of the post that the network calls `name`."""
        return name
