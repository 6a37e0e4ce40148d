"""The category of a line's tax is one of the list, by the database too."""

from alembic import op

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    op.execute("ALTER TABLE quote_line ADD CONSTRAINT ck_quote_line_tax_category CHECK (tax_category IN ('S', 'Z', 'E', 'AE'))")
