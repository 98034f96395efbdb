"""Find invitations and wrap-ups that are overdue by an index: each worker looks for them four times a second."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_index(
        "ix_pb_participants_status_offer_ends_at", "pb_participants", ["status", "offer_ends_at"], unique=False
    )
    op.create_index("ix_pb_wrap_ups_finished_at_ends_at", "pb_wrap_ups", ["finished_at", "ends_at"], unique=False)
