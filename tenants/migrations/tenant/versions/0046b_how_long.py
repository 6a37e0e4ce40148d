"""How long a next contact is to be."""

from alembic import op

revision = "0046b"
down_revision = "0046"


def upgrade() -> None:
    op.execute("ALTER TABLE activity ADD COLUMN next_contact_minutes SMALLINT")
    op.execute("ALTER TABLE activity ADD CONSTRAINT ck_activity_next_contact_minutes CHECK (next_contact_minutes BETWEEN 1 AND 1440) NOT VALID")
    op.execute("ALTER TABLE activity VALIDATE CONSTRAINT ck_activity_next_contact_minutes")
