"""Note which messages of a chat were delivered and seen, and when its consumer left."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import BigId, UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "pb_receipts",
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("agent_delivered", BigId, server_default="0", nullable=False),
        sa.Column("agent_seen", BigId, server_default="0", nullable=False),
        sa.Column("consumer_delivered", BigId, server_default="0", nullable=False),
        sa.Column("consumer_seen", BigId, server_default="0", nullable=False),
        sa.Column("consumer_left_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_receipts_session_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_pb_receipts")),
    )
