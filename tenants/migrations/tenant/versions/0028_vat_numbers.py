"""The number that an account is taxed under."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute("ALTER TABLE account ADD COLUMN vat_id TEXT, ADD CONSTRAINT ck_account_vat_id CHECK (vat_id ~ '^[0-9A-ZÑ&+*]{2,30}$')")
    op.execute("CREATE INDEX ix_account_vat_id ON account (vat_id) WHERE vat_id IS NOT NULL")
