"""Rooms that a workspace switched off; told in its audit like its other settings."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Frozen here: what the models say later is another revision's.
TOLD = ("name", "hue", "locale", "timezone", "date_format", "clock", "number_format", "first_day", "rooms_off")


def upgrade() -> None:
    op.execute("ALTER TABLE control.tenant ADD COLUMN rooms_off VARCHAR[] DEFAULT '{}' NOT NULL")
    old, new = (", ".join(f"{row}.{name}" for name in TOLD) for row in ("OLD", "NEW"))
    op.execute("DROP TRIGGER audit_settings ON control.tenant")
    op.execute(
        f"CREATE TRIGGER audit_settings AFTER UPDATE OF {', '.join(TOLD)} ON control.tenant FOR EACH ROW "
        f"WHEN (OLD.state = 'active' AND ({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION ext.audit_workspace()"
    )
