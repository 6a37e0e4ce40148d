"""How wide the columns of a list are: in a saved view, and for a person and list."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    for table in ("saved_view", "list_habit"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN widths JSONB DEFAULT '{{}}'::jsonb NOT NULL")
