"""Finding by part of a telephone number, by the first consonants of Hangul and by the name of a record that was merged away;
what was written last is put into the search indexes soon. Entries about people without an account are found for the account they come to."""

from alembic import op

revision = "0027"
down_revision = "0026"

# Frozen here: what the models say later is another revision's.
TRIGRAMS, SOON = "ext.gin_trgm_ops", "WITH (gin_pending_list_limit = 64)"
DIGITS = "(regexp_replace({column}, '[^0-9]', '', 'g')) " + TRIGRAMS
SOONER = ("ix_account_find", "ix_contact_find", "ix_contact_point_find")


def upgrade() -> None:
    for index in SOONER:
        op.execute(f"ALTER INDEX {index} SET (gin_pending_list_limit = 64)")
    for table, columns in (("account", ("phone",)), ("contact", ("phone", "mobile"))):
        found = ", ".join(DIGITS.format(column=column) for column in columns)
        op.execute(f"CREATE INDEX ix_{table}_phone_find ON {table} USING gin ({found}) {SOON} WHERE deleted_at IS NULL")
        op.execute(f"CREATE INDEX ix_{table}_was_called ON {table} USING gin (name_fold {TRIGRAMS}) {SOON} WHERE merged_into IS NOT NULL")
        op.execute(f"CREATE INDEX ix_{table}_initials ON {table} USING gin (ext.initials(name_fold) {TRIGRAMS}) {SOON} WHERE deleted_at IS NULL AND name_fold ~ '[\uac00-\ud7a3]'")
    number = DIGITS.format(column="coalesce(e164, value)")
    op.execute(f"CREATE INDEX ix_contact_point_phone_find ON contact_point USING gin ({number}) {SOON} WHERE deleted_at IS NULL AND kind = 'phone'")
    op.execute("CREATE INDEX ix_activity_alone ON activity (contact_id, happened_at DESC, id DESC) WHERE account_id IS NULL")
