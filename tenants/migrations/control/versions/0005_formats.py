"""How a workspace writes days, times and numbers where its people chose nothing; told in its audit like its other settings."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Frozen here: what the models say later is another revision's.
CHOICES = {
    "date_format": "'', 'iso', 'dots', 'slashes', 'us'", "clock": "'', '24', '12'", "number_format": "'', 'point', 'comma', 'space'",
    "first_day": "'', 'mon', 'sat', 'sun'",
}
TOLD = ("name", "hue", "locale", "timezone", *CHOICES)


def upgrade() -> None:
    for name, values in CHOICES.items():
        op.execute(f"ALTER TABLE control.tenant ADD COLUMN {name} TEXT DEFAULT '' NOT NULL CONSTRAINT ck_tenant_{name} CHECK ({name} IN ({values}))")
    old, new = (", ".join(f"{row}.{name}" for name in TOLD) for row in ("OLD", "NEW"))
    op.execute("DROP TRIGGER audit_settings ON control.tenant")
    op.execute(
        f"CREATE TRIGGER audit_settings AFTER UPDATE OF {', '.join(TOLD)} ON control.tenant FOR EACH ROW "
        f"WHEN (OLD.state = 'active' AND ({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION ext.audit_workspace()"
    )
