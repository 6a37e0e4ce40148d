"""People and API tokens may be held to networks that the workspace names."""

from alembic import op

revision = "0042"
down_revision = "0041b"

# Frozen here: what the models say later is another revision's.
WAYS = "'password', 'code', 'recovery', 'passkey', 'sso', 'session', 'token'"


def upgrade() -> None:
    op.execute("""ALTER TABLE sign_in_rules ADD COLUMN networks TEXT DEFAULT '' NOT NULL, ADD COLUMN networks_people BOOLEAN DEFAULT false NOT NULL,
        ADD COLUMN networks_tokens BOOLEAN DEFAULT false NOT NULL, ADD COLUMN network_roles VARCHAR[] DEFAULT '{}' NOT NULL""")
    op.execute("ALTER TABLE sign_in_event ADD COLUMN outside BOOLEAN DEFAULT false NOT NULL")
    op.execute(f"ALTER TABLE sign_in_event DROP CONSTRAINT ck_sign_in_event_way, ADD CONSTRAINT ck_sign_in_event_way CHECK (way IN ({WAYS})) NOT VALID")
    op.execute("ALTER TABLE sign_in_event VALIDATE CONSTRAINT ck_sign_in_event_way")
