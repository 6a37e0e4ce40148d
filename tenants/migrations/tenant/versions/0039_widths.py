"""How wide the columns of a list are, in a saved view and for a person and list; and which views a person pinned."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    for table in ("saved_view", "list_habit"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN widths JSONB DEFAULT '{{}}'::jsonb NOT NULL")
    op.execute("ALTER TABLE list_habit ADD COLUMN pinned UUID[] DEFAULT '{}'::uuid[] NOT NULL")
