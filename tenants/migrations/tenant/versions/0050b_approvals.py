"""A quote that conflicts with a colleague's waits for a yes: who asked, who said it; and who may say it."""

from alembic import op

revision = "0050b"
down_revision = "0050"

FIXED = (
    "CREATE TRIGGER fixed BEFORE UPDATE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft' AND (NEW.state = 'draft' OR (OLD.quote_id, OLD.number, "
    "OLD.language, OLD.currency, OLD.rate, OLD.rate_on, OLD.gross, OLD.relief, OLD.valid_until, OLD.intro, OLD.closing, OLD.terms, OLD.net, OLD.total, "
    "OLD.taxes, OLD.customer, OLD.answers_for, OLD.token, OLD.proof, OLD.sent_at, OLD.sent_by, OLD.approved_at, OLD.approved_by) IS DISTINCT FROM "
    "(NEW.quote_id, NEW.number, NEW.language, NEW.currency, NEW.rate, NEW.rate_on, NEW.gross, NEW.relief, NEW.valid_until, NEW.intro, NEW.closing, "
    "NEW.terms, NEW.net, NEW.total, NEW.taxes, NEW.customer, NEW.answers_for, NEW.token, NEW.proof, NEW.sent_at, NEW.sent_by, NEW.approved_at, "
    "NEW.approved_by))) EXECUTE FUNCTION ext.refuse_fixed()"
)
STATEMENTS = (
    "ALTER TABLE quote_version ADD COLUMN asked_at TIMESTAMP WITH TIME ZONE, ADD COLUMN asked_by UUID, ADD COLUMN approved_at TIMESTAMP WITH TIME ZONE, ADD COLUMN approved_by UUID, ADD COLUMN approval_note TEXT",
    "CREATE INDEX ix_quote_version_asked_at ON quote_version (asked_at) WHERE asked_at IS NOT NULL",
    "DROP TRIGGER fixed ON quote_version",
    FIXED,
    "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['quotes.approve']::varchar[]) AS one) "
    "WHERE permissions @> '{quotes.send,accounts.reassign}'::varchar[] AND visibility <> 'named'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
