"""What the desk remembers of its partners' requests."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class PartnerNonce(SQLModel, table=True):
    """A nonce that a partner has used, kept for as long as its request could be played again."""

    __tablename__ = "partner_nonce"

    force_id: str = Field(primary_key=True, max_length=63)
    partner_id: str = Field(primary_key=True, max_length=63)
    nonce: str = Field(primary_key=True, max_length=64)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
