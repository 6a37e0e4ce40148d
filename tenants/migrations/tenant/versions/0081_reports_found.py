"""What reports are composed from is found by its moment: moves of deals, and versions of quotes by whoever sent them."""

from alembic import op

revision = "0081"
down_revision = "0079"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_deal_stay_entered_at ON deal_stay (entered_at)")
    op.execute("CREATE INDEX ix_quote_version_sent_by ON quote_version (sent_by, sent_at) WHERE sent_by IS NOT NULL")
