"""Why no tax is due from an account: exempt, or reverse charge."""

from alembic import op

revision = "0102"
down_revision = "0101"


def upgrade() -> None:
    op.execute("ALTER TABLE account ADD COLUMN tax_relief TEXT, ADD CONSTRAINT ck_account_tax_relief CHECK (tax_relief IN ('E', 'AE'))")
