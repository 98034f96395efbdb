"""Keep ratings."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import UtcDateTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "pb_ratings",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("survey", sa.JSON(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_ratings_session_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_pb_ratings")),
    )
