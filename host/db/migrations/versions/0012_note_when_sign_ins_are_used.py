"""Note when sign-ins are used, and in which browser."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("pb_sign_ins", sa.Column("used_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("pb_sign_ins", sa.Column("browser", sa.String(length=64), nullable=False, server_default=""))
    # Nobody knows when they were used: they count from now on.
    op.execute("UPDATE pb_sign_ins SET used_at = CURRENT_TIMESTAMP")
    with op.batch_alter_table("pb_sign_ins") as batch_op:
        batch_op.alter_column("used_at", nullable=False)
