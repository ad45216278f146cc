"""The first schema.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

import socialdesk.store.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "log_check",
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("made_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("force_id"),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("force_id", "size"),
    )
    op.create_table(
        "log_entry",
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(length=127), nullable=False),
        sa.PrimaryKeyConstraint("force_id", "seq"),
    )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_entry_subject"), ["subject"], unique=False)

    op.create_table(
        "log_head",
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("seen_size", sa.BigInteger(), nullable=False),
        sa.Column("seen_root", sa.String(length=44), nullable=False),
        sa.Column("service_key", sa.String(length=16), nullable=False),
        sa.Column("log_key", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("force_id"),
    )
    op.create_table(
        "log_refusal",
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("made_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("force_id"),
    )
    op.create_table(
        "log_tile",
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("force_id", "level", "position"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("login", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=31), nullable=False),
        sa.Column("public_key", sa.String(length=255), nullable=False),
        sa.Column(
            "created_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_force_id"), ["force_id"], unique=False)

    op.create_table(
        "stream_state",
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("stream", sa.String(length=63), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("cursor", sa.String(length=255), nullable=True),
        sa.Column(
            "covered_until", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "last_attempt_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "next_attempt_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "last_heard_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("allowance_left", sa.Integer(), nullable=True),
        sa.Column(
            "allowance_resets_at",
            socialdesk.store.columns.UtcDateTime(timezone=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("account_id", "stream"),
    )
    op.create_table(
        "coverage_gap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("stream", sa.String(length=63), nullable=False),
        sa.Column("top", sa.String(length=255), nullable=True),
        sa.Column("bottom", sa.String(length=255), nullable=True),
        sa.Column("page", sa.String(length=2000), nullable=True),
        sa.Column("since_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("until_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("found_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "next_attempt_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("coverage_gap", schema=None) as batch_op:
        batch_op.create_index(
            "ix_coverage_gap_stream", ["force_id", "account_id", "stream"], unique=False
        )

    op.create_table(
        "read_spend",
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "month"),
    )
    op.create_table(
        "vault_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "destroyed_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "scrubbed_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "vault_root",
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("master_id", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_index", sa.LargeBinary(), nullable=False),
        sa.Column(
            "changed_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("force_id"),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["vault_key.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "quarantined",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("stream", sa.String(length=63), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_raw", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("found_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["vault_key.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    with op.batch_alter_table("quarantined", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantined_force_id"), ["force_id"], unique=False)

    op.create_table(
        "contact_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("force_id", "channel", "lookup"),
    )
    with op.batch_alter_table("contact_identity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_identity_contact_id"), ["contact_id"], unique=False
        )

    op.create_table(
        "contact_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["second_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("contact_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_link_first_id"), ["first_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_link_second_id"), ["second_id"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("stream", sa.String(length=63), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("thread_lookup", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=31), nullable=False),
        sa.Column("urgency_rank", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=63), nullable=False),
        sa.Column("possible_crime", sa.Float(), nullable=False),
        sa.Column(
            "waiting_since", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "last_message_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claim_owner", sa.Uuid(), nullable=True),
        sa.Column("claim_fence", sa.Integer(), nullable=False),
        sa.Column(
            "claim_until", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("disposition", sa.String(length=63), nullable=True),
        sa.Column("sealed_gist", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "thread_lookup"),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversation_contact_id"), ["contact_id"], unique=False
        )
        batch_op.create_index(
            "ix_conversation_owner", ["force_id", "claim_owner", "urgency_rank"], unique=False
        )
        batch_op.create_index(
            "ix_conversation_queue",
            ["force_id", "state", "urgency_rank", "waiting_since", "id"],
            unique=False,
        )

    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.String(length=80), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_hold_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_legal_hold_force_id"), ["force_id"], unique=False)

    op.create_table(
        "retention_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=63), nullable=False),
        sa.Column(
            "decided_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("retention_review", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_retention_review_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(length=63), nullable=False),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_escalation_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("remote_id", sa.String(length=255), nullable=False),
        sa.Column("outbound", sa.Boolean(), nullable=False),
        sa.Column("stream", sa.String(length=63), nullable=False),
        sa.Column("in_reply_to", sa.String(length=255), nullable=True),
        sa.Column("sent_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "received_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_raw", sa.LargeBinary(), nullable=True),
        sa.Column("raw_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "remote_id"),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "message_word",
        sa.Column("word", sa.LargeBinary(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.PrimaryKeyConstraint("word", "conversation_id"),
    )
    with op.batch_alter_table("message_word", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_word_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.String(length=63), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.String(length=63), nullable=False),
        sa.Column("stream", sa.String(length=63), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=31), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("in_reply_to", sa.String(length=255), nullable=True),
        sa.Column("thread_version", sa.Integer(), nullable=False),
        sa.Column("claim_fence", sa.Integer(), nullable=False),
        sa.Column("urgency_rank", sa.Integer(), nullable=False),
        sa.Column("begun_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("queued_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "next_attempt_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.String(length=255), nullable=True),
        sa.Column("sent_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reply_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index("ix_reply_outbox", ["state", "next_attempt_at"], unique=False)

    op.create_table(
        "thrive",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("urgency", sa.String(length=31), nullable=False),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("thrive", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_thrive_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(length=127), nullable=False),
        sa.Column("category", sa.String(length=63), nullable=False),
        sa.Column("urgency", sa.String(length=31), nullable=False),
        sa.Column("possible_crime", sa.Float(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("made_at", socialdesk.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessment_message_id"), ["message_id"], unique=False)
