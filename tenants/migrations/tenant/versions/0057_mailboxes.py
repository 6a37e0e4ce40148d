"""Mailboxes that are collected: whose they are, how they stand, their folders, and mails that wait."""

from alembic import op

revision = "0057"
down_revision = "0055"

STATEMENTS = (
    "CREATE TABLE mailbox ( id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, way TEXT NOT NULL, purpose TEXT NOT NULL, shared BOOLEAN "
    "DEFAULT false NOT NULL, owner_id UUID NOT NULL, host TEXT, port INTEGER, username TEXT, password BYTEA, secret BYTEA, trusted TEXT, since "
    "DATE NOT NULL, state TEXT DEFAULT 'on' NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at "
    "TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mailbox PRIMARY KEY (id), CONSTRAINT "
    "ck_mailbox_name CHECK (char_length(name) BETWEEN 1 AND 100), CONSTRAINT ck_mailbox_way CHECK (way IN ('imap', 'webhook')), CONSTRAINT "
    "ck_mailbox_purpose CHECK (purpose IN ('mail', 'leads')), CONSTRAINT ck_mailbox_state CHECK (state IN ('on', 'stopped', 'held')), CONSTRAINT "
    "ck_mailbox_imap CHECK (way <> 'imap' OR (host IS NOT NULL AND port IS NOT NULL AND username IS NOT NULL AND password IS NOT NULL)), "
    "CONSTRAINT ck_mailbox_webhook CHECK (way <> 'webhook' OR secret IS NOT NULL), CONSTRAINT ck_mailbox_leads CHECK (purpose <> 'leads' OR "
    "shared), CONSTRAINT ck_mailbox_port CHECK (port BETWEEN 1 AND 65535), CONSTRAINT fk_mailbox_owner_id FOREIGN KEY(owner_id) REFERENCES "
    "app_user (id) )",
    "CREATE INDEX ix_mailbox_owner_id ON mailbox (owner_id)",
    "CREATE TABLE mailbox_state ( mailbox_id UUID NOT NULL, next_at TIMESTAMP WITH TIME ZONE, looked_at TIMESTAMP WITH TIME ZONE, mail_at "
    "TIMESTAMP WITH TIME ZONE, looking BOOLEAN DEFAULT false NOT NULL, stop BOOLEAN DEFAULT false NOT NULL, waiting INTEGER DEFAULT 0 NOT NULL, "
    "done INTEGER DEFAULT 0 NOT NULL, failures INTEGER DEFAULT 0 NOT NULL, error TEXT, CONSTRAINT pk_mailbox_state PRIMARY KEY (mailbox_id), "
    "CONSTRAINT fk_mailbox_state_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id) ON DELETE CASCADE )",
    "CREATE INDEX ix_mailbox_state_next_at ON mailbox_state (next_at) WHERE next_at IS NOT NULL",
    "CREATE TABLE mailbox_folder ( id UUID DEFAULT uuidv7() NOT NULL, mailbox_id UUID NOT NULL, name TEXT NOT NULL, kind TEXT DEFAULT '' NOT "
    "NULL, followed BOOLEAN DEFAULT false NOT NULL, gone BOOLEAN DEFAULT false NOT NULL, validity BIGINT, mark BIGINT DEFAULT 0 NOT NULL, "
    "CONSTRAINT pk_mailbox_folder PRIMARY KEY (id), CONSTRAINT uq_mailbox_folder_mailbox_id_name UNIQUE (mailbox_id, name), CONSTRAINT "
    "fk_mailbox_folder_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id) ON DELETE CASCADE )",
    "CREATE TABLE mailbox_arrival ( id UUID DEFAULT uuidv7() NOT NULL, mailbox_id UUID NOT NULL, digest BYTEA NOT NULL, state TEXT NOT NULL, why "
    "TEXT, size BIGINT NOT NULL, raw_key TEXT, from_mail TEXT, subject TEXT, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, "
    "created_by UUID, CONSTRAINT pk_mailbox_arrival PRIMARY KEY (id), CONSTRAINT ck_mailbox_arrival_state CHECK (state IN ('waiting', 'done', "
    "'left', 'unverified', 'too_large', 'unreadable')), CONSTRAINT uq_mailbox_arrival_mailbox_id_digest UNIQUE (mailbox_id, digest), CONSTRAINT "
    "fk_mailbox_arrival_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id) ON DELETE CASCADE, CONSTRAINT uq_mailbox_arrival_raw_key "
    "UNIQUE (raw_key) )",
    "CREATE INDEX ix_mailbox_arrival_open ON mailbox_arrival (mailbox_id, created_at DESC) WHERE state <> 'done'",
)

AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# Roles that hold these get that.
GRANTS = (("mail.write", "mailboxes.use"), ("mail.manage,audit.read", "mailboxes.manage"))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for held, name in GRANTS:
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['{name}']::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON mailbox REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('password', 'secret')")
