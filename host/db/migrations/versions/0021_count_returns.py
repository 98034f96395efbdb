"""Count how often consumers come back to their page."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("pb_receipts", sa.Column("consumer_returns", sa.Integer(), nullable=True))
