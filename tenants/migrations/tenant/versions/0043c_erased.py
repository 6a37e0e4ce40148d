"""An erased person is known as one, and offered no more."""

from alembic import op

revision = "0043c"
down_revision = "0043b"


def upgrade() -> None:
    op.execute("ALTER TABLE contact ADD COLUMN erased_at TIMESTAMP WITH TIME ZONE")
