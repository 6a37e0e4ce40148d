"""The list of the day comes by mail to whoever asks for it."""

from alembic import op

revision = "0079"
down_revision = "0078"

STATEMENTS = (
    "ALTER TABLE notification_setting ADD COLUMN daily_hour INTEGER, ADD COLUMN daily_days TEXT DEFAULT 'working' NOT NULL, ADD COLUMN daily_since TIMESTAMP WITH TIME ZONE, "
    "ADD CONSTRAINT ck_notification_setting_daily_hour CHECK (daily_hour BETWEEN 0 AND 23), "
    "ADD CONSTRAINT ck_notification_setting_daily_days CHECK (daily_days IN ('working', 'every')), "
    "ADD CONSTRAINT ck_notification_setting_daily CHECK ((daily_hour IS NULL) = (daily_since IS NULL))",
    "CREATE TABLE daily_letter (id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, day DATE NOT NULL, CONSTRAINT pk_daily_letter PRIMARY KEY (id), "
    "CONSTRAINT uq_daily_letter_user_id UNIQUE (user_id), CONSTRAINT fk_daily_letter_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
