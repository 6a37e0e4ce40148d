"""Birthday, language, preferred channel and hours and who referred a person: each with where it is known from, since when, and who entered it."""

from alembic import op

revision = "0041"
down_revision = "0039"

FIELDS = ("birthday", "language", "preferred_channel", "preferred_hours", "referred_by")
COLUMNS = (("source", "TEXT"), ("noted_on", "DATE"), ("noted_by", "UUID"))
HELD = (
    "name", "how_to_address", "job_title", "mail", "phone", "mobile", "birthday", "language", "preferred_channel", "preferred_hours", "timezone", "notes", "tags", "source", "custom",
    *(f"{field}_{column}" for field in FIELDS if field != "referred_by" for column, _ in COLUMNS),
)


def upgrade() -> None:
    for field in FIELDS:
        for column, kind in COLUMNS:
            op.execute(f"ALTER TABLE contact ADD COLUMN {field}_{column} {kind}")
    op.execute("DROP TRIGGER restricted ON contact")
    old, new = (", ".join(f"{row}.{name}" for name in HELD) for row in ("OLD", "NEW"))
    op.execute(
        "CREATE TRIGGER restricted BEFORE UPDATE ON contact FOR EACH ROW WHEN (OLD.restricted_at IS NOT NULL AND NEW.restricted_at IS NOT NULL AND "
        f"({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION ext.refuse_restricted()"
    )
