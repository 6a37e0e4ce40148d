"""A handing over remembers the open quotes that went along; a version fixes the subject under which it was sent."""

from alembic import op

revision = "0053"
down_revision = "0052c"

# Frozen here: what the models say later is another revision's.
FIXED = (
    "CREATE TRIGGER fixed BEFORE UPDATE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft' AND (NEW.state = 'draft' OR (OLD.quote_id, OLD.number, OLD.language, "
    "OLD.currency, OLD.rate, OLD.rate_on, OLD.gross, OLD.relief, OLD.valid_until, OLD.intro, OLD.closing, OLD.terms, OLD.net, OLD.total, OLD.taxes, OLD.customer, "
    "OLD.answers_for, OLD.token, OLD.proof, OLD.sent_at, OLD.sent_by, OLD.subject, OLD.approved_at, OLD.approved_by) IS DISTINCT FROM (NEW.quote_id, NEW.number, "
    "NEW.language, NEW.currency, NEW.rate, NEW.rate_on, NEW.gross, NEW.relief, NEW.valid_until, NEW.intro, NEW.closing, NEW.terms, NEW.net, NEW.total, NEW.taxes, "
    "NEW.customer, NEW.answers_for, NEW.token, NEW.proof, NEW.sent_at, NEW.sent_by, NEW.subject, NEW.approved_at, NEW.approved_by))) EXECUTE FUNCTION ext.refuse_fixed()"
)


def upgrade() -> None:
    op.execute("ALTER TABLE hand_over ADD COLUMN quote_ids UUID[] DEFAULT '{}' NOT NULL")
    op.execute("ALTER TABLE quote_version ADD COLUMN subject TEXT")
    op.execute("DROP TRIGGER fixed ON quote_version")
    op.execute(FIXED)
