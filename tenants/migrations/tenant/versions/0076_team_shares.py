"""What was shared with a member of a deal's team before he joined is kept, so that it is again when he leaves."""

from alembic import op

revision = "0076"
down_revision = "0072"


def upgrade() -> None:
    op.execute("ALTER TABLE deal_member ADD COLUMN share_was TEXT, ADD COLUMN share_was_until DATE")
    op.execute("ALTER TABLE deal_member ADD CONSTRAINT ck_deal_member_share_was CHECK (share_was IN ('read', 'write'))")
