"""Keep what idempotency keys stand for, and when calls are due."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("pb_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("request_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("scheduled_at", UtcDateTime(timezone=True), nullable=True))
