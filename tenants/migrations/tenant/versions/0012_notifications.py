"""What users are told, who follows what, and how each wants to be told."""

from alembic import op

revision = "0012"
down_revision = "0011"

# Frozen here: what the models say later is another revision's.
TABLES = {
    "notification": """id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, kind TEXT NOT NULL, record_kind TEXT, record_id UUID, source_id UUID, actor_id UUID,
        actor_name TEXT, params JSONB DEFAULT '{}'::jsonb NOT NULL, dedupe_key TEXT, read_at TIMESTAMP WITH TIME ZONE, retracted_at TIMESTAMP WITH TIME ZONE,
        in_digest BOOLEAN DEFAULT false NOT NULL, digested_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by UUID, CONSTRAINT pk_notification PRIMARY KEY (id),
        CONSTRAINT ck_notification_kind CHECK (kind IN ('mentioned', 'assigned', 'commented', 'reminder', 'finished', 'joined')),
        CONSTRAINT ck_notification_record CHECK ((record_kind IS NULL) = (record_id IS NULL)),
        CONSTRAINT fk_notification_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE,
        CONSTRAINT fk_notification_actor_id FOREIGN KEY(actor_id) REFERENCES app_user (id) ON DELETE SET NULL""",
    "notification_setting": """id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, mentioned TEXT DEFAULT 'mail' NOT NULL, assigned TEXT DEFAULT 'mail' NOT NULL,
        commented TEXT DEFAULT 'digest' NOT NULL, reminder TEXT DEFAULT 'mail' NOT NULL, finished TEXT DEFAULT 'app' NOT NULL,
        joined TEXT DEFAULT 'app' NOT NULL, quiet_from INTEGER, quiet_until INTEGER, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
        CONSTRAINT pk_notification_setting PRIMARY KEY (id),
        CONSTRAINT ck_notification_setting_mentioned CHECK (mentioned IN ('mail', 'digest', 'app', 'none')),
        CONSTRAINT ck_notification_setting_assigned CHECK (assigned IN ('mail', 'digest', 'app', 'none')),
        CONSTRAINT ck_notification_setting_commented CHECK (commented IN ('mail', 'digest', 'app', 'none')),
        CONSTRAINT ck_notification_setting_reminder CHECK (reminder IN ('mail', 'digest', 'app', 'none')),
        CONSTRAINT ck_notification_setting_finished CHECK (finished IN ('mail', 'digest', 'app', 'none')),
        CONSTRAINT ck_notification_setting_joined CHECK (joined IN ('mail', 'digest', 'app', 'none')),
        CONSTRAINT ck_notification_setting_quiet CHECK ((quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until),
        CONSTRAINT ck_notification_setting_hours CHECK (quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23),
        CONSTRAINT uq_notification_setting_user_id UNIQUE (user_id),
        CONSTRAINT fk_notification_setting_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE""",
    "follower": """id UUID DEFAULT uuidv7() NOT NULL, record_kind TEXT NOT NULL, record_id UUID NOT NULL, user_id UUID NOT NULL,
        state TEXT DEFAULT 'following' NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID,
        CONSTRAINT pk_follower PRIMARY KEY (id), CONSTRAINT ck_follower_state CHECK (state IN ('following', 'muted')),
        CONSTRAINT fk_follower_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE""",
}
INDEXES = (
    "CREATE INDEX ix_notification_digest ON notification (user_id, created_at) WHERE in_digest AND digested_at IS NULL",
    "CREATE INDEX ix_notification_record_id ON notification (record_id) WHERE record_id IS NOT NULL",
    "CREATE INDEX ix_notification_source_id ON notification (source_id) WHERE source_id IS NOT NULL",
    "CREATE INDEX ix_notification_unread ON notification (user_id, created_at DESC, id DESC) WHERE read_at IS NULL AND retracted_at IS NULL",
    "CREATE INDEX ix_notification_user_id ON notification (user_id, created_at DESC, id DESC)",
    "CREATE UNIQUE INDEX uq_notification_dedupe_key ON notification (user_id, dedupe_key) WHERE dedupe_key IS NOT NULL",
    "CREATE INDEX ix_follower_user_id ON follower (user_id)",
    "CREATE UNIQUE INDEX uq_follower_record_user ON follower (record_id, record_kind, user_id)",
)
AUDITED = ("notification_setting",)


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for index in INDEXES:
        op.execute(index)
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(
                f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()"
            )
