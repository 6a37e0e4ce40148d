"""A person turns one-letter keys off (WCAG 2.1.4), and chooses how days, times and numbers are written."""

from alembic import op

revision = "0015"
down_revision = "0014"

# Frozen here: what the models say later is another revision's.
CHOICES = {
    "date_format": "'', 'iso', 'dots', 'slashes', 'us'", "clock": "'', '24', '12'", "number_format": "'', 'point', 'comma', 'space'",
    "first_day": "'', 'mon', 'sat', 'sun'",
}


def upgrade() -> None:
    op.execute("ALTER TABLE app_user ADD COLUMN letter_keys BOOLEAN DEFAULT true NOT NULL")
    for name, values in CHOICES.items():
        op.execute(f"ALTER TABLE app_user ADD COLUMN {name} TEXT DEFAULT '' NOT NULL CONSTRAINT ck_app_user_{name} CHECK ({name} IN ({values}))")
