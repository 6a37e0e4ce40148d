"""Correspondence with customers: conversations, their mails and files, templates, and how private they are. A letter may have an own Message-ID and files."""

from alembic import op

revision = "0055"
down_revision = "0054"

STATEMENTS = (
    "ALTER TABLE outgoing_mail ADD COLUMN shown JSONB DEFAULT '{}'::jsonb NOT NULL",
    "ALTER TABLE outgoing_mail ADD COLUMN files JSONB DEFAULT '[]'::jsonb NOT NULL",
    "CREATE TABLE mail_rules ( id UUID DEFAULT uuidv7() NOT NULL, the_one BOOLEAN DEFAULT true NOT NULL, privacy TEXT DEFAULT 'private' NOT NULL, "
    "told TEXT DEFAULT 'metadata' NOT NULL, undo_seconds SMALLINT DEFAULT 10 NOT NULL, reply_address TEXT, blocked TEXT[] DEFAULT '{}' NOT NULL, "
    "dropped BIGINT DEFAULT 0 NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH "
    "TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mail_rules PRIMARY KEY (id), CONSTRAINT "
    "ck_mail_rules_privacy CHECK (privacy IN ('private', 'team', 'record')), CONSTRAINT ck_mail_rules_told CHECK (told IN ('metadata', "
    "'subject')), CONSTRAINT ck_mail_rules_undo_seconds CHECK (undo_seconds BETWEEN 0 AND 120), CONSTRAINT ck_mail_rules_the_one CHECK (the_one) "
    ")",
    "CREATE UNIQUE INDEX uq_mail_rules_the_one ON mail_rules (the_one)",
    "CREATE TABLE mail_template ( id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, subject TEXT NOT NULL, body TEXT "
    "NOT NULL, deleted_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at "
    "TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mail_template PRIMARY KEY (id), "
    "CONSTRAINT ck_mail_template_language CHECK (language IN ('en', 'es', 'zh', 'ko', 'ru')) )",
    "CREATE UNIQUE INDEX uq_mail_template_name ON mail_template (lower(name), language) WHERE deleted_at IS NULL",
    "CREATE TABLE mail_preference ( id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, signature TEXT DEFAULT '' NOT NULL, privacy TEXT, "
    "told TEXT, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() "
    "NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mail_preference PRIMARY KEY (id), CONSTRAINT ck_mail_preference_privacy CHECK "
    "(privacy IN ('private', 'team', 'record')), CONSTRAINT ck_mail_preference_told CHECK (told IN ('metadata', 'subject')), CONSTRAINT "
    "uq_mail_preference_user_id UNIQUE (user_id), CONSTRAINT fk_mail_preference_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE "
    "CASCADE )",
    "CREATE TABLE mail_thread ( id UUID DEFAULT uuidv7() NOT NULL, subject TEXT NOT NULL, owner_id UUID, privacy TEXT NOT NULL, told TEXT NOT "
    "NULL, contact_id UUID, last_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mail_thread PRIMARY KEY (id), "
    "CONSTRAINT ck_mail_thread_privacy CHECK (privacy IN ('private', 'team', 'record')), CONSTRAINT ck_mail_thread_told CHECK (told IN "
    "('metadata', 'subject')), CONSTRAINT fk_mail_thread_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id), CONSTRAINT "
    "fk_mail_thread_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) )",
    "CREATE INDEX ix_mail_thread_contact_id ON mail_thread (contact_id) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_mail_thread_last_at ON mail_thread (last_at DESC, id DESC)",
    "CREATE INDEX ix_mail_thread_owner_id ON mail_thread (owner_id, last_at DESC, id DESC)",
    "CREATE TABLE mail_link ( id UUID DEFAULT uuidv7() NOT NULL, thread_id UUID NOT NULL, record_kind TEXT NOT NULL, record_id UUID NOT NULL, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_mail_link PRIMARY KEY (id), CONSTRAINT "
    "ck_mail_link_record_kind CHECK (record_kind IN ('account', 'contact', 'deal', 'lead', 'quote')), CONSTRAINT "
    "uq_mail_link_thread_id_record_kind_record_id UNIQUE (thread_id, record_kind, record_id), CONSTRAINT fk_mail_link_thread_id FOREIGN "
    "KEY(thread_id) REFERENCES mail_thread (id) ON DELETE CASCADE )",
    "CREATE INDEX ix_mail_link_record ON mail_link (record_id, record_kind, thread_id)",
    "CREATE TABLE mail_message ( id UUID DEFAULT uuidv7() NOT NULL, thread_id UUID NOT NULL, direction TEXT NOT NULL, state TEXT NOT NULL, "
    "author_id UUID, contact_id UUID, other_mail TEXT, from_mail TEXT, from_name TEXT, to_list JSONB DEFAULT '[]'::jsonb NOT NULL, cc_list JSONB "
    "DEFAULT '[]'::jsonb NOT NULL, bcc_list JSONB DEFAULT '[]'::jsonb NOT NULL, subject TEXT, body TEXT DEFAULT '' NOT NULL, quoted TEXT, "
    "language TEXT, template_id UUID, at TIMESTAMP WITH TIME ZONE, due_at TIMESTAMP WITH TIME ZONE, message_id TEXT, in_reply_to TEXT, refs JSONB "
    "DEFAULT '[]'::jsonb NOT NULL, identity BYTEA, verified BOOLEAN DEFAULT true NOT NULL, automatic BOOLEAN DEFAULT false NOT NULL, raw_key "
    "TEXT, said_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(translate(coalesce(subject, '') || ' ' || left(body, 20000), E'\\n\\t', "
    "'  ')))) STORED NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE "
    "DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mail_message PRIMARY KEY (id), CONSTRAINT "
    "ck_mail_message_direction CHECK (direction IN ('out', 'in')), CONSTRAINT ck_mail_message_state CHECK (state IN ('draft', 'held', 'sent', "
    "'received')), CONSTRAINT ck_mail_message_came CHECK ((direction = 'in') = (state = 'received')), CONSTRAINT ck_mail_message_held CHECK "
    "((state = 'held') = (due_at IS NOT NULL)), CONSTRAINT ck_mail_message_moment CHECK (state NOT IN ('sent', 'received') OR at IS NOT NULL), "
    "CONSTRAINT ck_mail_message_body CHECK (char_length(body) <= 200000), CONSTRAINT fk_mail_message_thread_id FOREIGN KEY(thread_id) REFERENCES "
    "mail_thread (id) ON DELETE CASCADE, CONSTRAINT fk_mail_message_author_id FOREIGN KEY(author_id) REFERENCES app_user (id), CONSTRAINT "
    "fk_mail_message_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), CONSTRAINT fk_mail_message_template_id FOREIGN KEY(template_id) "
    "REFERENCES mail_template (id) ON DELETE SET NULL, CONSTRAINT uq_mail_message_raw_key UNIQUE (raw_key) )",
    "CREATE INDEX ix_mail_message_author_id ON mail_message (author_id, state) WHERE author_id IS NOT NULL",
    "CREATE INDEX ix_mail_message_contact_id ON mail_message (contact_id, at DESC) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_mail_message_east_asian ON mail_message USING gin ((string_to_array(regexp_replace(said_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), "
    "NULL))) WHERE state <> 'draft'",
    "CREATE INDEX ix_mail_message_find ON mail_message USING gin (said_fold ext.gin_trgm_ops) WHERE state <> 'draft'",
    "CREATE INDEX ix_mail_message_message_id ON mail_message (message_id) WHERE message_id IS NOT NULL",
    "CREATE INDEX ix_mail_message_template_id ON mail_message (template_id, contact_id) WHERE template_id IS NOT NULL",
    "CREATE INDEX ix_mail_message_thread_id ON mail_message (thread_id, at, id)",
    "CREATE UNIQUE INDEX uq_mail_message_identity ON mail_message (identity) WHERE identity IS NOT NULL",
    "CREATE TABLE mail_participant ( id UUID DEFAULT uuidv7() NOT NULL, thread_id UUID NOT NULL, user_id UUID NOT NULL, seen_at TIMESTAMP WITH "
    "TIME ZONE, CONSTRAINT pk_mail_participant PRIMARY KEY (id), CONSTRAINT uq_mail_participant_thread_id_user_id UNIQUE (thread_id, user_id), "
    "CONSTRAINT fk_mail_participant_thread_id FOREIGN KEY(thread_id) REFERENCES mail_thread (id) ON DELETE CASCADE, CONSTRAINT "
    "fk_mail_participant_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE )",
    "CREATE INDEX ix_mail_participant_user_id ON mail_participant (user_id)",
    "CREATE TABLE mail_attachment ( id UUID DEFAULT uuidv7() NOT NULL, message_id UUID NOT NULL, position SMALLINT DEFAULT 0 NOT NULL, name TEXT "
    "NOT NULL, size BIGINT NOT NULL, sha256 TEXT NOT NULL, mimetype TEXT NOT NULL, stored_key TEXT NOT NULL, contact_id UUID, other_mail TEXT, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_mail_attachment PRIMARY KEY (id), CONSTRAINT "
    "ck_mail_attachment_name CHECK (char_length(name) BETWEEN 1 AND 255), CONSTRAINT ck_mail_attachment_size CHECK (size > 0), CONSTRAINT "
    "fk_mail_attachment_message_id FOREIGN KEY(message_id) REFERENCES mail_message (id) ON DELETE CASCADE, CONSTRAINT "
    "uq_mail_attachment_stored_key UNIQUE (stored_key), CONSTRAINT fk_mail_attachment_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) "
    ")",
    "CREATE INDEX ix_mail_attachment_contact_id ON mail_attachment (contact_id, sha256) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_mail_attachment_message_id ON mail_attachment (message_id, position)",
    "CREATE TABLE mail_copy ( id UUID DEFAULT uuidv7() NOT NULL, message_id UUID NOT NULL, user_id UUID, mailbox_id UUID, at TIMESTAMP WITH TIME "
    "ZONE NOT NULL, CONSTRAINT pk_mail_copy PRIMARY KEY (id), CONSTRAINT fk_mail_copy_message_id FOREIGN KEY(message_id) REFERENCES mail_message "
    "(id) ON DELETE CASCADE, CONSTRAINT fk_mail_copy_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE )",
    "CREATE INDEX ix_mail_copy_user_id ON mail_copy (user_id)",
    "CREATE UNIQUE INDEX uq_mail_copy_message ON mail_copy (message_id, user_id, mailbox_id) NULLS NOT DISTINCT",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# Table -> what of it the audit does not show.
TABLES = {
    "mail_thread": "'subject'",
    "mail_link": "",
    "mail_template": "",
    "mail_message": "'subject', 'body', 'quoted', 'from_mail', 'from_name', 'to_list', 'cc_list', 'bcc_list', 'other_mail', 'refs', 'in_reply_to', 'message_id', 'identity'",
    "mail_attachment": "'name', 'other_mail'",
    "mail_rules": "",
}
# What a role holds -> what it may from now on, as new workspaces have it. Whoever sees only what names him gets none.
GRANTS = (
    ("activities.read,accounts.read", ("mail.read",)), ("activities.log,accounts.edit", ("mail.write", "mail.send", "mail.open")), ("mailings.edit", ("mail.manage",)),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for held, names in GRANTS:
        more = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
    for table, secret in TABLES.items():
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({secret})")
