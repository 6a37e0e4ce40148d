"""Changes of a workspace's settings are told in that tenant's audit. tenants.cluster has the function."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "CREATE TRIGGER audit_settings AFTER UPDATE OF name, hue, locale, timezone ON control.tenant FOR EACH ROW "
        "WHEN (OLD.state = 'active' AND (OLD.name, OLD.hue, OLD.locale, OLD.timezone) IS DISTINCT FROM (NEW.name, NEW.hue, NEW.locale, NEW.timezone)) "
        "EXECUTE FUNCTION ext.audit_workspace()"
    )
