"""What a leaver hands over is a handover like any other; the memory that such a one had of its own goes."""

from alembic import op

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    op.execute("DROP TABLE handed_next")
    op.execute("DROP TABLE hand_over")
