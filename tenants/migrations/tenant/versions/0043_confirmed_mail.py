"""The address of a sign-up is confirmed before invitations go out. Who is there already is taken at his word."""

from alembic import op

revision = "0043"
down_revision = "0042d"


def upgrade() -> None:
    for table, column in (("app_user", "mail_confirmed_at"), ("invitation", "letter_at")):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} TIMESTAMP WITH TIME ZONE DEFAULT now()")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
