CREATE TABLE approval_clock (
	id UUID DEFAULT uuidv7() NOT NULL, 
	hours INTEGER NOT NULL, 
	opens INTEGER DEFAULT 9 NOT NULL, 
	closes INTEGER DEFAULT 17 NOT NULL, 
	weekdays INTEGER[] DEFAULT '{1,2,3,4,5}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_approval_clock PRIMARY KEY (id), 
	CONSTRAINT ck_approval_clock_hours CHECK (hours BETWEEN 1 AND 200), 
	CONSTRAINT ck_approval_clock_day CHECK (opens BETWEEN 0 AND 23 AND closes BETWEEN 1 AND 24 AND opens < closes), 
	CONSTRAINT ck_approval_clock_weekdays CHECK (cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7])
);
CREATE UNIQUE INDEX uq_approval_clock_one ON approval_clock ((true));
CREATE TABLE audit_chain (
	seq BIGINT NOT NULL, 
	entry_id UUID NOT NULL, 
	hash BYTEA NOT NULL, 
	sealed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_audit_chain PRIMARY KEY (seq), 
	CONSTRAINT uq_audit_chain_entry_id UNIQUE (entry_id)
);
CREATE TABLE audit_entry (
	id UUID DEFAULT uuidv7() NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	actor_id UUID, 
	table_name TEXT NOT NULL, 
	row_id UUID NOT NULL, 
	action TEXT NOT NULL, 
	changes JSONB, 
	CONSTRAINT pk_audit_entry PRIMARY KEY (id)
);
CREATE INDEX ix_audit_entry_at ON audit_entry (at DESC, id DESC);
CREATE INDEX ix_audit_entry_row ON audit_entry (row_id, at DESC);
CREATE TABLE audit_redaction (
	entry_id UUID NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	seal BYTEA NOT NULL, 
	CONSTRAINT pk_audit_redaction PRIMARY KEY (entry_id, at)
);
CREATE TABLE competitor (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	website TEXT, 
	strengths TEXT, 
	weaknesses TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_competitor PRIMARY KEY (id), 
	CONSTRAINT ck_competitor_name CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX uq_competitor_name ON competitor (lower(name));
CREATE TABLE consent_purpose (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	basis TEXT DEFAULT 'consent' NOT NULL, 
	ended BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_consent_purpose PRIMARY KEY (id), 
	CONSTRAINT ck_consent_purpose_basis CHECK (basis IN ('consent', 'contract', 'legitimate_interest', 'legal_duty'))
);
CREATE UNIQUE INDEX uq_consent_purpose_name ON consent_purpose (lower(name));
CREATE TABLE contact_plan (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	code TEXT, 
	conditions JSONB DEFAULT '[]'::jsonb NOT NULL, 
	times_a_year INTEGER NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_contact_plan PRIMARY KEY (id), 
	CONSTRAINT ck_contact_plan_name CHECK (char_length(name) BETWEEN 1 AND 100), 
	CONSTRAINT ck_contact_plan_times_a_year CHECK (times_a_year BETWEEN 0 AND 52)
);
CREATE UNIQUE INDEX uq_contact_plan_name ON contact_plan (lower(name));
CREATE TABLE credit_rule (
	id UUID DEFAULT uuidv7() NOT NULL, 
	grade TEXT NOT NULL, 
	discount NUMERIC(9, 4) NOT NULL, 
	payment_days INTEGER NOT NULL, 
	prepaid BOOLEAN DEFAULT false NOT NULL, 
	needs_release BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_credit_rule PRIMARY KEY (id), 
	CONSTRAINT ck_credit_rule_grade CHECK (grade IN ('big_good', 'small_good', 'big_bad', 'small_bad')), 
	CONSTRAINT ck_credit_rule_discount CHECK (discount BETWEEN 0 AND 100), 
	CONSTRAINT ck_credit_rule_payment_days CHECK (payment_days BETWEEN 0 AND 365), 
	CONSTRAINT ck_credit_rule_prepaid CHECK (NOT prepaid OR payment_days = 0)
);
CREATE UNIQUE INDEX uq_credit_rule_grade ON credit_rule (grade);
CREATE TABLE currency (
	id UUID DEFAULT uuidv7() NOT NULL, 
	code TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_currency PRIMARY KEY (id), 
	CONSTRAINT ck_currency_code CHECK (code ~ '^[A-Z]{3}$'), 
	CONSTRAINT uq_currency_code UNIQUE (code)
);
CREATE TABLE custom_field (
	id UUID DEFAULT uuidv7() NOT NULL, 
	room TEXT NOT NULL, 
	key TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	label TEXT NOT NULL, 
	labels JSONB DEFAULT '{}'::jsonb NOT NULL, 
	help TEXT, 
	options JSONB DEFAULT '[]'::jsonb NOT NULL, 
	is_required BOOLEAN DEFAULT false NOT NULL, 
	is_unique BOOLEAN DEFAULT false NOT NULL, 
	preset JSONB DEFAULT '{}'::jsonb NOT NULL, 
	shown_when JSONB DEFAULT '{}'::jsonb NOT NULL, 
	section TEXT, 
	position INTEGER DEFAULT 0 NOT NULL, 
	in_list BOOLEAN DEFAULT false NOT NULL, 
	is_searched BOOLEAN DEFAULT false NOT NULL, 
	is_personal BOOLEAN DEFAULT false NOT NULL, 
	archived_at TIMESTAMP WITH TIME ZONE, 
	erased_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_custom_field PRIMARY KEY (id), 
	CONSTRAINT ck_custom_field_kind CHECK (kind IN ('text', 'long_text', 'whole', 'decimal', 'amount', 'date', 'moment', 'yes_no', 'choice', 'choices', 'mail', 'phone', 'link', 'user', 'account', 'contact')), 
	CONSTRAINT ck_custom_field_key CHECK (char_length(key) BETWEEN 1 AND 60), 
	CONSTRAINT ck_custom_field_erased CHECK (erased_at IS NULL OR archived_at IS NOT NULL)
);
CREATE UNIQUE INDEX uq_custom_field_room_key ON custom_field (room, key);
CREATE TABLE duplicate_pair (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	a_id UUID NOT NULL, 
	b_id UUID NOT NULL, 
	score DOUBLE PRECISION NOT NULL, 
	reasons TEXT[] NOT NULL, 
	state TEXT DEFAULT 'open' NOT NULL, 
	decided_by UUID, 
	decided_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_duplicate_pair PRIMARY KEY (id), 
	CONSTRAINT ck_duplicate_pair_kind CHECK (kind IN ('account', 'contact')), 
	CONSTRAINT ck_duplicate_pair_state CHECK (state IN ('open', 'later', 'not_duplicates', 'merged'))
);
CREATE INDEX ix_duplicate_pair_b_id ON duplicate_pair (b_id);
CREATE INDEX ix_duplicate_pair_open ON duplicate_pair (kind, score DESC, id) WHERE state = 'open';
CREATE UNIQUE INDEX uq_duplicate_pair_both ON duplicate_pair (a_id, b_id);
CREATE TABLE duplicate_scan (
	id UUID DEFAULT uuidv7() NOT NULL, 
	state TEXT DEFAULT 'running' NOT NULL, 
	kind TEXT DEFAULT 'account' NOT NULL, 
	position UUID, 
	threshold FLOAT(53) NOT NULL, 
	since TIMESTAMP WITH TIME ZONE, 
	found INTEGER DEFAULT 0 NOT NULL, 
	rows_done INTEGER DEFAULT 0 NOT NULL, 
	rows_todo INTEGER DEFAULT 0 NOT NULL, 
	round INTEGER DEFAULT 0 NOT NULL, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_duplicate_scan PRIMARY KEY (id), 
	CONSTRAINT ck_duplicate_scan_state CHECK (state IN ('running', 'done', 'failed', 'cancelled'))
);
CREATE INDEX ix_duplicate_scan_created_at ON duplicate_scan (created_at DESC);
CREATE TABLE exchange_rate (
	id UUID DEFAULT uuidv7() NOT NULL, 
	base TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	day DATE NOT NULL, 
	rate NUMERIC(20, 10) NOT NULL, 
	source TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_exchange_rate PRIMARY KEY (id), 
	CONSTRAINT ck_exchange_rate_base CHECK (base ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_exchange_rate_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_exchange_rate_other CHECK (base <> currency), 
	CONSTRAINT ck_exchange_rate_rate CHECK (rate > 0), 
	CONSTRAINT uq_exchange_rate_base_currency_day UNIQUE (base, currency, day)
);
CREATE TABLE export_run (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	filters JSONB DEFAULT '{}'::jsonb NOT NULL, 
	rows INTEGER NOT NULL, 
	step TEXT DEFAULT 'taken' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_export_run PRIMARY KEY (id), 
	CONSTRAINT ck_export_run_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'leads', 'quotes', 'activities', 'recipients', 'audit', 'products', 'price_lines')), 
	CONSTRAINT ck_export_run_step CHECK (step IN ('taken', 'fetched'))
);
CREATE TABLE fact (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	actor_id UUID, 
	actor_name TEXT, 
	subject_type TEXT NOT NULL, 
	subject_id UUID NOT NULL, 
	params JSONB DEFAULT '{}'::jsonb NOT NULL, 
	CONSTRAINT pk_fact PRIMARY KEY (id)
);
CREATE TABLE forecast_day (
	id UUID DEFAULT uuidv7() NOT NULL, 
	day DATE NOT NULL, 
	taken_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	currency TEXT NOT NULL, 
	rates JSONB DEFAULT '{}'::jsonb NOT NULL, 
	CONSTRAINT pk_forecast_day PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_forecast_day ON forecast_day (day);
CREATE TABLE idempotency_key (
	id UUID DEFAULT uuidv7() NOT NULL, 
	owner_id UUID NOT NULL, 
	key TEXT NOT NULL, 
	fingerprint BYTEA NOT NULL, 
	status INTEGER, 
	body JSONB, 
	headers JSONB, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_idempotency_key PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_idempotency_key_owner_key ON idempotency_key (owner_id, key);
CREATE TABLE import_mapping (
	id UUID DEFAULT uuidv7() NOT NULL, 
	signature TEXT NOT NULL, 
	mapping JSONB NOT NULL, 
	choices JSONB DEFAULT '{}'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_import_mapping PRIMARY KEY (id), 
	CONSTRAINT uq_import_mapping_signature UNIQUE (signature)
);
CREATE TABLE lead_assignment (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	conditions JSONB DEFAULT '[]'::jsonb NOT NULL, 
	way TEXT DEFAULT 'turn' NOT NULL, 
	needs_language BOOLEAN DEFAULT false NOT NULL, 
	needs_product BOOLEAN DEFAULT false NOT NULL, 
	user_ids UUID[] DEFAULT '{}' NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_lead_assignment PRIMARY KEY (id), 
	CONSTRAINT ck_lead_assignment_name CHECK (char_length(name) BETWEEN 1 AND 100), 
	CONSTRAINT ck_lead_assignment_way CHECK (way IN ('turn', 'least'))
);
CREATE TABLE lead_clock (
	id UUID DEFAULT uuidv7() NOT NULL, 
	within INTEGER, 
	warned INTEGER, 
	days SMALLINT[] DEFAULT '{0,1,2,3,4}' NOT NULL, 
	opens SMALLINT DEFAULT 540 NOT NULL, 
	closes SMALLINT DEFAULT 1020 NOT NULL, 
	holidays DATE[] DEFAULT '{}' NOT NULL, 
	only_open BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_lead_clock PRIMARY KEY (id), 
	CONSTRAINT ck_lead_clock_within CHECK (within BETWEEN 1 AND 60000), 
	CONSTRAINT ck_lead_clock_warned CHECK (warned >= 0 AND warned < within), 
	CONSTRAINT ck_lead_clock_hours CHECK (opens >= 0 AND opens < closes AND closes <= 1440), 
	CONSTRAINT ck_lead_clock_days CHECK (cardinality(days) > 0)
);
CREATE UNIQUE INDEX uq_lead_clock_one ON lead_clock ((true));
CREATE TABLE lead_model (
	id UUID DEFAULT uuidv7() NOT NULL, 
	state TEXT DEFAULT 'running' NOT NULL, 
	round INTEGER DEFAULT 1 NOT NULL, 
	share INTEGER DEFAULT 0 NOT NULL, 
	by_clock BOOLEAN DEFAULT false NOT NULL, 
	closed INTEGER DEFAULT 0 NOT NULL, 
	converted INTEGER DEFAULT 0 NOT NULL, 
	model JSONB DEFAULT '{}'::jsonb NOT NULL, 
	report JSONB DEFAULT '{}'::jsonb NOT NULL, 
	verdict TEXT, 
	failure TEXT, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_lead_model PRIMARY KEY (id), 
	CONSTRAINT ck_lead_model_state CHECK (state IN ('running', 'done', 'failed', 'cancelled')), 
	CONSTRAINT ck_lead_model_verdict CHECK (verdict IN ('better', 'worse_order', 'worse_chance')), 
	CONSTRAINT ck_lead_model_verdict_done CHECK ((state = 'done') = (verdict IS NOT NULL)), 
	CONSTRAINT ck_lead_model_finished CHECK ((state = 'running') = (finished_at IS NULL)), 
	CONSTRAINT ck_lead_model_share CHECK (share BETWEEN 0 AND 100)
);
CREATE INDEX ix_lead_model_created_at ON lead_model (created_at DESC, id DESC);
CREATE UNIQUE INDEX uq_lead_model_running ON lead_model ((true)) WHERE state = 'running';
CREATE TABLE lead_rule (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	code TEXT, 
	kind TEXT NOT NULL, 
	conditions JSONB DEFAULT '[]'::jsonb NOT NULL, 
	points INTEGER NOT NULL, 
	days INTEGER, 
	position INTEGER DEFAULT 0 NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_lead_rule PRIMARY KEY (id), 
	CONSTRAINT ck_lead_rule_name CHECK (char_length(name) BETWEEN 1 AND 100), 
	CONSTRAINT ck_lead_rule_kind CHECK (kind IN ('condition', 'complete', 'free_mail', 'age')), 
	CONSTRAINT ck_lead_rule_points CHECK (points BETWEEN -100 AND 100), 
	CONSTRAINT ck_lead_rule_days CHECK ((kind = 'age') = (days IS NOT NULL)), 
	CONSTRAINT ck_lead_rule_days_range CHECK (days BETWEEN 1 AND 365)
);
CREATE TABLE loss_reason (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_loss_reason PRIMARY KEY (id), 
	CONSTRAINT ck_loss_reason_name CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX uq_loss_reason_name ON loss_reason (lower(name));
CREATE TABLE mail_rules (
	id UUID DEFAULT uuidv7() NOT NULL, 
	the_one BOOLEAN DEFAULT true NOT NULL, 
	privacy TEXT DEFAULT 'private' NOT NULL, 
	told TEXT DEFAULT 'metadata' NOT NULL, 
	undo_seconds SMALLINT DEFAULT 10 NOT NULL, 
	reply_address TEXT, 
	blocked TEXT[] DEFAULT '{}' NOT NULL, 
	dropped BIGINT DEFAULT 0 NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mail_rules PRIMARY KEY (id), 
	CONSTRAINT ck_mail_rules_privacy CHECK (privacy IN ('private', 'team', 'record')), 
	CONSTRAINT ck_mail_rules_told CHECK (told IN ('metadata', 'subject')), 
	CONSTRAINT ck_mail_rules_undo_seconds CHECK (undo_seconds BETWEEN 0 AND 120), 
	CONSTRAINT ck_mail_rules_the_one CHECK (the_one)
);
CREATE UNIQUE INDEX uq_mail_rules_the_one ON mail_rules (the_one);
CREATE TABLE mail_template (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	language TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	body TEXT NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mail_template PRIMARY KEY (id), 
	CONSTRAINT ck_mail_template_language CHECK (language IN ('en', 'es', 'zh', 'ko', 'ru'))
);
CREATE UNIQUE INDEX uq_mail_template_name ON mail_template (lower(name), language) WHERE deleted_at IS NULL;
CREATE TABLE mail_wish (
	id UUID DEFAULT uuidv7() NOT NULL, 
	address_hash BYTEA NOT NULL, 
	days INTEGER NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_mail_wish PRIMARY KEY (id), 
	CONSTRAINT uq_mail_wish_address_hash UNIQUE (address_hash)
);
CREATE TABLE number_series (
	id UUID DEFAULT uuidv7() NOT NULL, 
	series TEXT NOT NULL, 
	year INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	CONSTRAINT pk_number_series PRIMARY KEY (id), 
	CONSTRAINT ck_number_series_last CHECK (last > 0)
);
CREATE UNIQUE INDEX uq_number_series_series ON number_series (series, year);
CREATE TABLE outbox (
	id UUID DEFAULT uuidv7() NOT NULL, 
	by_token UUID, 
	name TEXT NOT NULL, 
	args JSONB DEFAULT '{}'::jsonb NOT NULL, 
	queue TEXT DEFAULT 'default' NOT NULL, 
	state TEXT DEFAULT 'waiting' NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	lease_until TIMESTAMP WITH TIME ZONE, 
	lease_token UUID, 
	dedupe_key TEXT, 
	asked_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	error TEXT, 
	result JSONB, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT ck_outbox_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'parked'))
);
CREATE INDEX ix_outbox_due ON outbox (due_at) WHERE state IN ('waiting', 'running');
CREATE UNIQUE INDEX uq_outbox_dedupe_key ON outbox (name, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE TABLE outgoing_mail (
	id UUID DEFAULT uuidv7() NOT NULL, 
	template TEXT NOT NULL, 
	purpose TEXT DEFAULT 'transactional' NOT NULL, 
	to_mail TEXT NOT NULL, 
	to_name TEXT DEFAULT '' NOT NULL, 
	lang TEXT NOT NULL, 
	from_name TEXT NOT NULL, 
	reply_to TEXT, 
	params JSONB DEFAULT '{}'::jsonb NOT NULL, 
	about_type TEXT, 
	about_id UUID, 
	subject TEXT NOT NULL, 
	body_text TEXT NOT NULL, 
	body_html TEXT, 
	headers JSONB DEFAULT '{}'::jsonb NOT NULL, 
	shown JSONB DEFAULT '{}'::jsonb NOT NULL, 
	files JSONB DEFAULT '[]'::jsonb NOT NULL, 
	calendar TEXT, 
	state TEXT DEFAULT 'queued' NOT NULL, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	lease_until TIMESTAMP WITH TIME ZONE, 
	lease_token UUID, 
	message_id TEXT NOT NULL, 
	provider_reply TEXT, 
	error TEXT, 
	dedupe_key TEXT, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_outgoing_mail PRIMARY KEY (id), 
	CONSTRAINT ck_outgoing_mail_state CHECK (state IN ('queued', 'claimed', 'sending', 'sent', 'failed', 'unknown', 'suppressed')), 
	CONSTRAINT ck_outgoing_mail_purpose CHECK (purpose IN ('transactional', 'marketing')), 
	CONSTRAINT uq_outgoing_mail_message_id UNIQUE (message_id), 
	CONSTRAINT uq_outgoing_mail_dedupe_key UNIQUE (dedupe_key)
);
CREATE INDEX ix_outgoing_mail_about ON outgoing_mail (about_id, created_at DESC) WHERE about_id IS NOT NULL;
CREATE INDEX ix_outgoing_mail_open ON outgoing_mail (state, created_at) WHERE state <> 'sent';
CREATE TABLE pipeline (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	code TEXT, 
	position INTEGER DEFAULT 0 NOT NULL, 
	archived_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_pipeline PRIMARY KEY (id), 
	CONSTRAINT ck_pipeline_name CHECK (char_length(name) BETWEEN 1 AND 60)
);
CREATE UNIQUE INDEX uq_pipeline_name ON pipeline (lower(name)) WHERE archived_at IS NULL;
CREATE TABLE pool_rules (
	id UUID DEFAULT uuidv7() NOT NULL, 
	one BOOLEAN DEFAULT true NOT NULL, 
	idle_days INTEGER, 
	claims_a_day INTEGER, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_pool_rules PRIMARY KEY (id), 
	CONSTRAINT ck_pool_rules_one CHECK (one), 
	CONSTRAINT ck_pool_rules_idle_days CHECK (idle_days BETWEEN 30 AND 3650), 
	CONSTRAINT ck_pool_rules_claims_a_day CHECK (claims_a_day BETWEEN 1 AND 1000), 
	CONSTRAINT uq_pool_rules_one UNIQUE (one)
);
CREATE TABLE print_logo (
	id UUID DEFAULT uuidv7() NOT NULL, 
	content BYTEA NOT NULL, 
	width SMALLINT NOT NULL, 
	height SMALLINT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_print_logo PRIMARY KEY (id), 
	CONSTRAINT ck_print_logo_content CHECK (octet_length(content) BETWEEN 1 AND 1048576), 
	CONSTRAINT ck_print_logo_size CHECK (width BETWEEN 1 AND 1200 AND height BETWEEN 1 AND 1200)
);
CREATE TABLE product_category (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	parent_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_product_category PRIMARY KEY (id), 
	CONSTRAINT ck_product_category_parent CHECK (parent_id <> id), 
	CONSTRAINT ck_product_category_name CHECK (char_length(name) BETWEEN 1 AND 100), 
	CONSTRAINT fk_product_category_parent_id FOREIGN KEY(parent_id) REFERENCES product_category (id)
);
CREATE UNIQUE INDEX uq_product_category_name ON product_category (parent_id, lower(name)) NULLS NOT DISTINCT;
CREATE TABLE product_unit (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	places SMALLINT DEFAULT 0 NOT NULL, 
	retired BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_product_unit PRIMARY KEY (id), 
	CONSTRAINT ck_product_unit_places CHECK (places BETWEEN 0 AND 3), 
	CONSTRAINT ck_product_unit_name CHECK (char_length(name) BETWEEN 1 AND 40)
);
CREATE UNIQUE INDEX uq_product_unit_name ON product_unit (lower(name));
CREATE TABLE report_rules (
	id UUID DEFAULT uuidv7() NOT NULL, 
	days SMALLINT[] DEFAULT '{}' NOT NULL, 
	day_hour SMALLINT DEFAULT 18 NOT NULL, 
	week_day SMALLINT, 
	week_hour SMALLINT DEFAULT 16 NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_report_rules PRIMARY KEY (id), 
	CONSTRAINT ck_report_rules_days CHECK (days <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]), 
	CONSTRAINT ck_report_rules_week_day CHECK (week_day BETWEEN 1 AND 7), 
	CONSTRAINT ck_report_rules_hours CHECK (day_hour BETWEEN 0 AND 23 AND week_hour BETWEEN 0 AND 23)
);
CREATE UNIQUE INDEX uq_report_rules_one ON report_rules ((true));
CREATE TABLE retention (
	id UUID DEFAULT uuidv7() NOT NULL, 
	one BOOLEAN DEFAULT true NOT NULL, 
	bin_days INTEGER DEFAULT 90 NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_retention PRIMARY KEY (id), 
	CONSTRAINT ck_retention_one CHECK (one), 
	CONSTRAINT ck_retention_bin_days CHECK (bin_days BETWEEN 7 AND 365), 
	CONSTRAINT uq_retention_one UNIQUE (one)
);
CREATE TABLE role (
	id UUID DEFAULT uuidv7() NOT NULL, 
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	permissions VARCHAR[] NOT NULL, 
	visibility TEXT NOT NULL, 
	changing TEXT DEFAULT 'all' NOT NULL, 
	scopes JSONB DEFAULT '{}'::jsonb NOT NULL, 
	hidden VARCHAR[] DEFAULT '{}' NOT NULL, 
	protected VARCHAR[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_role PRIMARY KEY (id), 
	CONSTRAINT ck_role_visibility CHECK (visibility IN ('named', 'own', 'team', 'branch', 'all')), 
	CONSTRAINT ck_role_changing CHECK (changing IN ('named', 'own', 'team', 'branch', 'all')), 
	CONSTRAINT uq_role_code UNIQUE (code)
);
CREATE UNIQUE INDEX uq_role_name ON role (lower(name));
CREATE TABLE schema_version (
	version TEXT NOT NULL, 
	CONSTRAINT pk_schema_version PRIMARY KEY (version)
);
CREATE TABLE sign_in_rules (
	id UUID DEFAULT uuidv7() NOT NULL, 
	one BOOLEAN DEFAULT true NOT NULL, 
	second_step_from DATE, 
	second_step_roles VARCHAR[] DEFAULT '{}' NOT NULL, 
	passkey_from DATE, 
	endless_tokens BOOLEAN DEFAULT false NOT NULL, 
	passkey_roles VARCHAR[] DEFAULT '{}' NOT NULL, 
	networks TEXT DEFAULT '' NOT NULL, 
	networks_people BOOLEAN DEFAULT false NOT NULL, 
	networks_tokens BOOLEAN DEFAULT false NOT NULL, 
	network_roles VARCHAR[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_sign_in_rules PRIMARY KEY (id), 
	CONSTRAINT ck_sign_in_rules_one CHECK (one), 
	CONSTRAINT uq_sign_in_rules_one UNIQUE (one)
);
CREATE TABLE starter_set (
	id UUID DEFAULT uuidv7() NOT NULL, 
	code TEXT NOT NULL, 
	made JSONB DEFAULT '{}'::jsonb NOT NULL, 
	undone_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_starter_set PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_starter_set_standing ON starter_set ((true)) WHERE undone_at IS NULL;
CREATE TABLE suppression (
	id UUID DEFAULT uuidv7() NOT NULL, 
	mail_hash BYTEA NOT NULL, 
	scope TEXT NOT NULL, 
	list_id UUID, 
	reason TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_suppression PRIMARY KEY (id), 
	CONSTRAINT ck_suppression_scope CHECK (scope IN ('list', 'marketing', 'all')), 
	CONSTRAINT ck_suppression_list CHECK ((scope = 'list') = (list_id IS NOT NULL))
);
CREATE UNIQUE INDEX uq_suppression_address ON suppression (mail_hash, scope, list_id) NULLS NOT DISTINCT;
CREATE TABLE tag (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	name_fold TEXT GENERATED ALWAYS AS (casefold(normalize(name, NFKC))) STORED NOT NULL, 
	colour TEXT DEFAULT 'grey' NOT NULL, 
	description TEXT, 
	leaving BOOLEAN DEFAULT false NOT NULL, 
	becomes_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_tag PRIMARY KEY (id), 
	CONSTRAINT ck_tag_colour CHECK (colour IN ('grey', 'blue', 'green', 'amber', 'red', 'violet', 'cyan', 'pink')), 
	CONSTRAINT fk_tag_becomes_id FOREIGN KEY(becomes_id) REFERENCES tag (id) ON DELETE SET NULL
);
CREATE INDEX ix_tag_becomes_id ON tag (becomes_id) WHERE becomes_id IS NOT NULL;
CREATE UNIQUE INDEX uq_tag_name_fold ON tag (name_fold);
CREATE TABLE tax_code (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	category TEXT DEFAULT 'S' NOT NULL, 
	included BOOLEAN DEFAULT false NOT NULL, 
	retired BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_tax_code PRIMARY KEY (id), 
	CONSTRAINT ck_tax_code_category CHECK (category IN ('S', 'Z', 'E', 'AE')), 
	CONSTRAINT ck_tax_code_name CHECK (char_length(name) BETWEEN 1 AND 60)
);
CREATE UNIQUE INDEX uq_tax_code_name ON tax_code (lower(name));
CREATE TABLE team (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	parent_id UUID, 
	is_branch BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_team PRIMARY KEY (id), 
	CONSTRAINT ck_team_parent CHECK (parent_id <> id), 
	CONSTRAINT fk_team_parent_id FOREIGN KEY(parent_id) REFERENCES team (id)
);
CREATE INDEX ix_team_parent_id ON team (parent_id);
CREATE UNIQUE INDEX uq_team_name ON team (parent_id, lower(name));
CREATE UNIQUE INDEX uq_team_top_name ON team (lower(name)) WHERE parent_id IS NULL;
CREATE TABLE tier_discount (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tier TEXT NOT NULL, 
	percent NUMERIC(7, 4) NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_tier_discount PRIMARY KEY (id), 
	CONSTRAINT ck_tier_discount_percent CHECK (percent >= 0 AND percent <= 100), 
	CONSTRAINT ck_tier_discount_tier CHECK (char_length(tier) BETWEEN 1 AND 40)
);
CREATE UNIQUE INDEX uq_tier_discount_tier ON tier_discount (lower(tier));
CREATE TABLE app_user (
	id UUID DEFAULT uuidv7() NOT NULL, 
	mail TEXT NOT NULL, 
	mail_norm TEXT NOT NULL, 
	name TEXT NOT NULL, 
	password_hash TEXT, 
	credential_version INTEGER DEFAULT 1 NOT NULL, 
	device_version INTEGER DEFAULT 1 NOT NULL, 
	role_id UUID NOT NULL, 
	state TEXT DEFAULT 'active' NOT NULL, 
	is_owner BOOLEAN DEFAULT false NOT NULL, 
	mail_confirmed_at TIMESTAMP WITH TIME ZONE, 
	locale TEXT DEFAULT 'en' NOT NULL, 
	timezone TEXT DEFAULT 'UTC' NOT NULL, 
	letter_keys BOOLEAN DEFAULT true NOT NULL, 
	density TEXT DEFAULT 'normal' NOT NULL, 
	date_format TEXT DEFAULT '' NOT NULL, 
	clock TEXT DEFAULT '' NOT NULL, 
	number_format TEXT DEFAULT '' NOT NULL, 
	first_day TEXT DEFAULT '' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_app_user PRIMARY KEY (id), 
	CONSTRAINT ck_app_user_state CHECK (state IN ('active', 'disabled', 'program')), 
	CONSTRAINT ck_app_user_date_format CHECK (date_format IN ('', 'iso', 'dots', 'slashes', 'us')), 
	CONSTRAINT ck_app_user_clock CHECK (clock IN ('', '24', '12')), 
	CONSTRAINT ck_app_user_number_format CHECK (number_format IN ('', 'point', 'comma', 'space')), 
	CONSTRAINT ck_app_user_first_day CHECK (first_day IN ('', 'mon', 'sat', 'sun')), 
	CONSTRAINT ck_app_user_density CHECK (density IN ('compact', 'normal', 'roomy')), 
	CONSTRAINT uq_app_user_mail_norm UNIQUE (mail_norm), 
	CONSTRAINT fk_app_user_role_id FOREIGN KEY(role_id) REFERENCES role (id)
);
CREATE TABLE approval_limit (
	id UUID DEFAULT uuidv7() NOT NULL, 
	role_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	currency TEXT, 
	value NUMERIC(18, 4) NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_approval_limit PRIMARY KEY (id), 
	CONSTRAINT ck_approval_limit_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT fk_approval_limit_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_approval_limit_role_code ON approval_limit (role_id, code, currency) NULLS NOT DISTINCT;
CREATE TABLE consent_wording (
	id UUID DEFAULT uuidv7() NOT NULL, 
	purpose_id UUID NOT NULL, 
	lang TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	said TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_consent_wording PRIMARY KEY (id), 
	CONSTRAINT fk_consent_wording_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id)
);
CREATE UNIQUE INDEX uq_consent_wording_number ON consent_wording (purpose_id, lang, number);
CREATE TABLE custom_unique (
	field_id UUID NOT NULL, 
	value_hash BYTEA NOT NULL, 
	record_id UUID NOT NULL, 
	CONSTRAINT pk_custom_unique PRIMARY KEY (field_id, value_hash), 
	CONSTRAINT fk_custom_unique_field_id FOREIGN KEY(field_id) REFERENCES custom_field (id) ON DELETE CASCADE
);
CREATE INDEX ix_custom_unique_record_id ON custom_unique (record_id);
CREATE TABLE deal_stage (
	id UUID DEFAULT uuidv7() NOT NULL, 
	pipeline_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	code TEXT, 
	kind TEXT DEFAULT 'open' NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	probability INTEGER DEFAULT 0 NOT NULL, 
	colour TEXT DEFAULT 'grey' NOT NULL, 
	forecast TEXT DEFAULT 'pipeline' NOT NULL, 
	stale_after INTEGER, 
	criteria TEXT[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_deal_stage PRIMARY KEY (id), 
	CONSTRAINT ck_deal_stage_name CHECK (char_length(name) BETWEEN 1 AND 60), 
	CONSTRAINT ck_deal_stage_kind CHECK (kind IN ('open', 'won', 'lost')), 
	CONSTRAINT ck_deal_stage_colour CHECK (colour IN ('grey', 'blue', 'cyan', 'violet', 'amber', 'green', 'red', 'pink')), 
	CONSTRAINT ck_deal_stage_forecast CHECK (forecast IN ('commit', 'best_case', 'pipeline', 'omitted')), 
	CONSTRAINT ck_deal_stage_probability CHECK (CASE kind WHEN 'won' THEN probability = 100 WHEN 'lost' THEN probability = 0 ELSE probability BETWEEN 0 AND 100 END), 
	CONSTRAINT ck_deal_stage_stale_after CHECK (stale_after BETWEEN 1 AND 999), 
	CONSTRAINT uq_deal_stage_whole UNIQUE (id, pipeline_id, kind), 
	CONSTRAINT fk_deal_stage_pipeline_id FOREIGN KEY(pipeline_id) REFERENCES pipeline (id) ON DELETE CASCADE
);
CREATE INDEX ix_deal_stage_pipeline_id ON deal_stage (pipeline_id, position);
CREATE UNIQUE INDEX uq_deal_stage_name ON deal_stage (pipeline_id, lower(name));
CREATE TABLE fact_subject (
	fact_id UUID NOT NULL, 
	subject_id UUID NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_fact_subject PRIMARY KEY (fact_id, subject_id), 
	CONSTRAINT fk_fact_subject_fact_id FOREIGN KEY(fact_id) REFERENCES fact (id) ON DELETE CASCADE
);
CREATE INDEX ix_fact_subject_timeline ON fact_subject (subject_id, at DESC, fact_id DESC);
CREATE TABLE identity_provider (
	id UUID DEFAULT uuidv7() NOT NULL, 
	one BOOLEAN DEFAULT true NOT NULL, 
	name TEXT NOT NULL, 
	issuer TEXT NOT NULL, 
	client_id TEXT NOT NULL, 
	client_secret BYTEA, 
	creates_users BOOLEAN DEFAULT false NOT NULL, 
	role_id UUID, 
	only_way BOOLEAN DEFAULT false NOT NULL, 
	discovery JSONB, 
	problem TEXT, 
	checked_at TIMESTAMP WITH TIME ZONE, 
	changed_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_identity_provider PRIMARY KEY (id), 
	CONSTRAINT ck_identity_provider_one CHECK (one), 
	CONSTRAINT uq_identity_provider_one UNIQUE (one), 
	CONSTRAINT fk_identity_provider_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE SET NULL
);
CREATE INDEX ix_identity_provider_role_id ON identity_provider (role_id);
CREATE TABLE lead_model_use (
	id UUID DEFAULT uuidv7() NOT NULL, 
	model_id UUID NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	ended_by TEXT, 
	ended_user_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_lead_model_use PRIMARY KEY (id), 
	CONSTRAINT ck_lead_model_use_ended_by CHECK (ended_by IN ('person', 'refit', 'switched_to')), 
	CONSTRAINT ck_lead_model_use_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL)), 
	CONSTRAINT fk_lead_model_use_model_id FOREIGN KEY(model_id) REFERENCES lead_model (id) ON DELETE CASCADE
);
CREATE INDEX ix_lead_model_use_model_id ON lead_model_use (model_id);
CREATE UNIQUE INDEX uq_lead_model_use_open ON lead_model_use ((true)) WHERE ended_at IS NULL;
CREATE TABLE lead_turn (
	assignment_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	CONSTRAINT pk_lead_turn PRIMARY KEY (assignment_id), 
	CONSTRAINT fk_lead_turn_assignment_id FOREIGN KEY(assignment_id) REFERENCES lead_assignment (id) ON DELETE CASCADE
);
CREATE TABLE mailing (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	body TEXT NOT NULL, 
	from_name TEXT NOT NULL, 
	reply_to TEXT, 
	audience TEXT DEFAULT 'any' NOT NULL, 
	tags VARCHAR[] DEFAULT '{}' NOT NULL, 
	needs_consent_id UUID, 
	state TEXT DEFAULT 'draft' NOT NULL, 
	pause_reason TEXT, 
	started_at TIMESTAMP WITH TIME ZONE, 
	started_by UUID, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	total INTEGER DEFAULT 0 NOT NULL, 
	called_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name || ' ' || subject))) STORED NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mailing PRIMARY KEY (id), 
	CONSTRAINT ck_mailing_state CHECK (state IN ('draft', 'sending', 'paused', 'done', 'cancelled')), 
	CONSTRAINT ck_mailing_audience CHECK (audience IN ('everyone', 'any', 'all')), 
	CONSTRAINT ck_mailing_pause_reason CHECK (pause_reason IN ('person', 'plan', 'late', 'restore')), 
	CONSTRAINT fk_mailing_needs_consent_id FOREIGN KEY(needs_consent_id) REFERENCES consent_purpose (id)
);
CREATE INDEX ix_mailing_created_at ON mailing (created_at DESC, id DESC);
CREATE INDEX ix_mailing_find ON mailing USING gin (called_fold ext.gin_trgm_ops);
CREATE TABLE pipeline_team (
	id UUID DEFAULT uuidv7() NOT NULL, 
	pipeline_id UUID NOT NULL, 
	team_id UUID NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_pipeline_team PRIMARY KEY (id), 
	CONSTRAINT fk_pipeline_team_pipeline_id FOREIGN KEY(pipeline_id) REFERENCES pipeline (id) ON DELETE CASCADE, 
	CONSTRAINT fk_pipeline_team_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE
);
CREATE INDEX ix_pipeline_team_team_id ON pipeline_team (team_id);
CREATE UNIQUE INDEX uq_pipeline_team ON pipeline_team (pipeline_id, team_id);
CREATE TABLE print_template (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT DEFAULT 'quote' NOT NULL, 
	name TEXT NOT NULL, 
	language TEXT DEFAULT '' NOT NULL, 
	is_default BOOLEAN DEFAULT false NOT NULL, 
	layout TEXT DEFAULT 'letter' NOT NULL, 
	colour TEXT DEFAULT '#1f4e79' NOT NULL, 
	font TEXT DEFAULT 'serif' NOT NULL, 
	paper TEXT DEFAULT 'a4' NOT NULL, 
	margin_top SMALLINT DEFAULT 20 NOT NULL, 
	margin_right SMALLINT DEFAULT 20 NOT NULL, 
	margin_bottom SMALLINT DEFAULT 20 NOT NULL, 
	margin_left SMALLINT DEFAULT 22 NOT NULL, 
	logo_id UUID, 
	letterhead TEXT, 
	footer_left TEXT, 
	footer_middle TEXT, 
	footer_right TEXT, 
	columns TEXT[] DEFAULT '{position,sku,name,quantity,unit,unit_price,discount,taxes,amount}' NOT NULL, 
	headings JSONB DEFAULT '{}'::jsonb NOT NULL, 
	title TEXT, 
	intro TEXT, 
	closing TEXT, 
	terms TEXT, 
	terms_on_new_page BOOLEAN DEFAULT true NOT NULL, 
	show_code BOOLEAN DEFAULT true NOT NULL, 
	show_reasons BOOLEAN DEFAULT true NOT NULL, 
	show_section_sums BOOLEAN DEFAULT true NOT NULL, 
	show_option_sum BOOLEAN DEFAULT true NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_print_template PRIMARY KEY (id), 
	CONSTRAINT ck_print_template_kind CHECK (kind IN ('quote')), 
	CONSTRAINT ck_print_template_name CHECK (char_length(name) BETWEEN 1 AND 80), 
	CONSTRAINT ck_print_template_language CHECK (language IN ('', 'en', 'es', 'zh', 'ko', 'ru')), 
	CONSTRAINT ck_print_template_layout CHECK (layout IN ('letter', 'modern', 'compact')), 
	CONSTRAINT ck_print_template_font CHECK (font IN ('serif', 'sans', 'book')), 
	CONSTRAINT ck_print_template_paper CHECK (paper IN ('a4', 'letter')), 
	CONSTRAINT ck_print_template_colour CHECK (colour ~ '^#[0-9a-f]{6}$'), 
	CONSTRAINT ck_print_template_margin_top CHECK (margin_top BETWEEN 8 AND 60), 
	CONSTRAINT ck_print_template_margin_right CHECK (margin_right BETWEEN 8 AND 60), 
	CONSTRAINT ck_print_template_margin_bottom CHECK (margin_bottom BETWEEN 8 AND 60), 
	CONSTRAINT ck_print_template_margin_left CHECK (margin_left BETWEEN 8 AND 60), 
	CONSTRAINT ck_print_template_columns CHECK (columns <@ ARRAY['position', 'sku', 'name', 'quantity', 'unit', 'unit_price', 'discount', 'taxes', 'amount'] AND columns @> ARRAY['name', 'amount'] AND cardinality(columns) <= 9), 
	CONSTRAINT ck_print_template_is_default CHECK (NOT is_default OR deleted_at IS NULL), 
	CONSTRAINT fk_print_template_logo_id FOREIGN KEY(logo_id) REFERENCES print_logo (id)
);
CREATE INDEX ix_print_template_logo_id ON print_template (logo_id) WHERE logo_id IS NOT NULL;
CREATE UNIQUE INDEX uq_print_template_default ON print_template (kind, language) WHERE is_default;
CREATE TABLE tax_rate (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tax_code_id UUID NOT NULL, 
	percent NUMERIC(7, 4) NOT NULL, 
	starts_on DATE NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_tax_rate PRIMARY KEY (id), 
	CONSTRAINT ck_tax_rate_percent CHECK (percent >= 0 AND percent <= 100), 
	CONSTRAINT uq_tax_rate_tax_code_id_starts_on UNIQUE (tax_code_id, starts_on), 
	CONSTRAINT fk_tax_rate_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id) ON DELETE CASCADE
);
CREATE TABLE absence (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	deputy_id UUID NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_absence PRIMARY KEY (id), 
	CONSTRAINT ck_absence_days CHECK (starts_on <= ends_on), 
	CONSTRAINT ck_absence_deputy CHECK (deputy_id <> user_id), 
	CONSTRAINT fk_absence_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_absence_deputy_id FOREIGN KEY(deputy_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_absence_deputy_id ON absence (deputy_id, ends_on);
CREATE INDEX ix_absence_user_id ON absence (user_id, ends_on);
CREATE TABLE account (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT DEFAULT 'company' NOT NULL, 
	is_customer BOOLEAN DEFAULT false NOT NULL, 
	is_supplier BOOLEAN DEFAULT false NOT NULL, 
	website TEXT, 
	industry TEXT, 
	employees INTEGER, 
	annual_revenue NUMERIC(18, 2), 
	currency TEXT, 
	founded_year INTEGER, 
	vat_id TEXT, 
	tax_relief TEXT, 
	street TEXT, 
	postcode TEXT, 
	city TEXT, 
	region TEXT, 
	country TEXT, 
	parent_id UUID, 
	stage TEXT DEFAULT 'identified' NOT NULL, 
	stage_why JSONB DEFAULT '{}'::jsonb NOT NULL, 
	stage_until DATE, 
	name TEXT NOT NULL, 
	phone TEXT, 
	mail TEXT, 
	mail_norm TEXT, 
	source TEXT, 
	external_id TEXT, 
	notes TEXT, 
	custom JSONB DEFAULT '{}'::jsonb NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	merged_into UUID, 
	name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, 
	owner_id UUID, 
	phone_key TEXT GENERATED ALWAYS AS (nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 9), '')) STORED, 
	custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == "string")')::text)), '[]')) STORED, 
	tags TEXT[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT ck_account_kind CHECK (kind IN ('company', 'person')), 
	CONSTRAINT ck_account_employees CHECK (employees >= 0), 
	CONSTRAINT ck_account_parent CHECK (parent_id <> id), 
	CONSTRAINT ck_account_vat_id CHECK (vat_id ~ '^[0-9A-ZÑ&+*]{2,30}$'), 
	CONSTRAINT ck_account_tax_relief CHECK (tax_relief IN ('E', 'AE')), 
	CONSTRAINT ck_account_stage CHECK (stage IN ('identified', 'selected', 'acquired', 'developed', 'kept', 'loyal', 'lost')), 
	CONSTRAINT fk_account_parent_id FOREIGN KEY(parent_id) REFERENCES account (id), 
	CONSTRAINT fk_account_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_account_changed ON account (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_custom ON account USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_custom_find ON account USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL;
CREATE INDEX ix_account_east_asian ON account USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_find ON account USING gin (name_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_initials ON account USING gin (initials(name_fold) ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL AND name_fold ~ '[가-힣]';
CREATE INDEX ix_account_list ON account (name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_mail_norm ON account (mail_norm) WHERE mail_norm IS NOT NULL;
CREATE INDEX ix_account_merged_into ON account (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ix_account_own ON account (owner_id, name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_parent_id ON account (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX ix_account_phone_find ON account USING gin ((regexp_replace(phone, '[^0-9]', '', 'g')) ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_phone_key ON account (phone_key) WHERE phone_key IS NOT NULL;
CREATE INDEX ix_account_postcode ON account (postcode) WHERE postcode IS NOT NULL;
CREATE INDEX ix_account_stage ON account (stage, name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_tags ON account USING gin (tags) WHERE deleted_at IS NULL;
CREATE INDEX ix_account_vat_id ON account (vat_id) WHERE vat_id IS NOT NULL;
CREATE INDEX ix_account_was_called ON account USING gin (name_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE merged_into IS NOT NULL;
CREATE UNIQUE INDEX uq_account_external_id ON account (external_id) WHERE external_id IS NOT NULL;
CREATE TABLE api_token (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	token_hash BYTEA NOT NULL, 
	hint TEXT NOT NULL, 
	user_id UUID NOT NULL, 
	role_id UUID, 
	owner_id UUID, 
	rooms VARCHAR[], 
	reading BOOLEAN DEFAULT false NOT NULL, 
	permissions VARCHAR[], 
	for_feed BOOLEAN DEFAULT false NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE, 
	last_used_at TIMESTAMP WITH TIME ZONE, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT uq_api_token_token_hash UNIQUE (token_hash), 
	CONSTRAINT fk_api_token_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_api_token_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE CASCADE, 
	CONSTRAINT fk_api_token_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_api_token_owner_id ON api_token (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX ix_api_token_role_id ON api_token (role_id) WHERE role_id IS NOT NULL;
CREATE TABLE approval (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	record_kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	title TEXT NOT NULL, 
	state TEXT DEFAULT 'waiting' NOT NULL, 
	needs JSONB DEFAULT '[]'::jsonb NOT NULL, 
	facts JSONB DEFAULT '[]'::jsonb NOT NULL, 
	fingerprint TEXT NOT NULL, 
	note TEXT NOT NULL, 
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	asked_by UUID, 
	asked_ids UUID[] DEFAULT '{}' NOT NULL, 
	decided_at TIMESTAMP WITH TIME ZONE, 
	decided_by UUID, 
	decided_for UUID, 
	decided_note TEXT, 
	escalate_at TIMESTAMP WITH TIME ZONE, 
	escalated INTEGER DEFAULT 0 NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_approval PRIMARY KEY (id), 
	CONSTRAINT ck_approval_state CHECK (state IN ('waiting', 'approved', 'refused', 'void')), 
	CONSTRAINT ck_approval_own CHECK (decided_by <> asked_by), 
	CONSTRAINT ck_approval_deputy CHECK (decided_for <> decided_by), 
	CONSTRAINT ck_approval_decided CHECK ((state IN ('approved', 'refused')) = (decided_at IS NOT NULL)), 
	CONSTRAINT ck_approval_reason CHECK (state <> 'refused' OR decided_note IS NOT NULL), 
	CONSTRAINT fk_approval_asked_by FOREIGN KEY(asked_by) REFERENCES app_user (id) ON DELETE SET NULL, 
	CONSTRAINT fk_approval_decided_by FOREIGN KEY(decided_by) REFERENCES app_user (id) ON DELETE SET NULL, 
	CONSTRAINT fk_approval_decided_for FOREIGN KEY(decided_for) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_approval_asked ON approval (asked_at, id) WHERE state = 'waiting';
CREATE INDEX ix_approval_record_id ON approval (record_id);
CREATE UNIQUE INDEX uq_approval_waiting ON approval (kind, record_id) WHERE state = 'waiting';
CREATE TABLE attachment (
	id UUID DEFAULT uuidv7() NOT NULL, 
	record_kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	sha256 TEXT NOT NULL, 
	mimetype TEXT NOT NULL, 
	stored_key TEXT NOT NULL, 
	thumb_key TEXT, 
	uploaded_by UUID, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	deleted_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_attachment PRIMARY KEY (id), 
	CONSTRAINT ck_attachment_name CHECK (char_length(name) BETWEEN 1 AND 255), 
	CONSTRAINT ck_attachment_size CHECK (size > 0), 
	CONSTRAINT ck_attachment_deleted CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)), 
	CONSTRAINT uq_attachment_stored_key UNIQUE (stored_key), 
	CONSTRAINT uq_attachment_thumb_key UNIQUE (thumb_key), 
	CONSTRAINT fk_attachment_uploaded_by FOREIGN KEY(uploaded_by) REFERENCES app_user (id) ON DELETE SET NULL, 
	CONSTRAINT fk_attachment_deleted_by FOREIGN KEY(deleted_by) REFERENCES app_user (id)
);
CREATE INDEX ix_attachment_deleted_at ON attachment (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_attachment_record ON attachment (record_id, record_kind, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE TABLE bulk_edit (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT DEFAULT 'selected' NOT NULL, 
	operation TEXT, 
	owner_id UUID NOT NULL, 
	wanted JSONB DEFAULT '{}'::jsonb NOT NULL, 
	counts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	rows_done INTEGER DEFAULT 0 NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	round INTEGER DEFAULT 0 NOT NULL, 
	failure JSONB, 
	back TEXT, 
	started_at TIMESTAMP WITH TIME ZONE, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	erased_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_bulk_edit PRIMARY KEY (id), 
	CONSTRAINT ck_bulk_edit_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'leads', 'products')), 
	CONSTRAINT ck_bulk_edit_state CHECK (state IN ('selected', 'previewed', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')), 
	CONSTRAINT ck_bulk_edit_operation CHECK (operation IN ('change', 'owner', 'tags', 'price', 'delete')), 
	CONSTRAINT ck_bulk_edit_decided CHECK (operation IS NOT NULL OR state IN ('selected', 'cancelled')), 
	CONSTRAINT fk_bulk_edit_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_bulk_edit_created_at ON bulk_edit (created_at DESC, id DESC);
CREATE TABLE comment (
	id UUID DEFAULT uuidv7() NOT NULL, 
	record_kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	author_id UUID NOT NULL, 
	body TEXT NOT NULL, 
	edited_at TIMESTAMP WITH TIME ZONE, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	deleted_by UUID, 
	said_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(translate(body, E'\n\t', '  ')))) STORED NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_comment PRIMARY KEY (id), 
	CONSTRAINT ck_comment_body CHECK (char_length(body) BETWEEN 1 AND 10000), 
	CONSTRAINT ck_comment_deleted CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)), 
	CONSTRAINT fk_comment_author_id FOREIGN KEY(author_id) REFERENCES app_user (id), 
	CONSTRAINT fk_comment_deleted_by FOREIGN KEY(deleted_by) REFERENCES app_user (id)
);
CREATE INDEX ix_comment_author_id ON comment (author_id);
CREATE INDEX ix_comment_east_asian ON comment USING gin ((string_to_array(regexp_replace(said_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_comment_find ON comment USING gin (said_fold ext.gin_trgm_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_comment_record ON comment (record_id, record_kind, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE TABLE daily_letter (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	day DATE NOT NULL, 
	CONSTRAINT pk_daily_letter PRIMARY KEY (id), 
	CONSTRAINT uq_daily_letter_user_id UNIQUE (user_id), 
	CONSTRAINT fk_daily_letter_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE TABLE date_reminder (
	id UUID DEFAULT uuidv7() NOT NULL, 
	room TEXT NOT NULL, 
	field TEXT NOT NULL, 
	days_before SMALLINT[] NOT NULL, 
	yearly BOOLEAN DEFAULT true NOT NULL, 
	to_owner BOOLEAN DEFAULT true NOT NULL, 
	to_followers BOOLEAN DEFAULT false NOT NULL, 
	role_id UUID, 
	user_id UUID, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_date_reminder PRIMARY KEY (id), 
	CONSTRAINT ck_date_reminder_room CHECK (room IN ('accounts', 'contacts')), 
	CONSTRAINT ck_date_reminder_days_before CHECK (cardinality(days_before) BETWEEN 1 AND 10 AND 0 <= ALL (days_before) AND 366 >= ALL (days_before)), 
	CONSTRAINT fk_date_reminder_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE SET NULL, 
	CONSTRAINT fk_date_reminder_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_date_reminder_role_id ON date_reminder (role_id) WHERE role_id IS NOT NULL;
CREATE INDEX ix_date_reminder_user_id ON date_reminder (user_id) WHERE user_id IS NOT NULL;
CREATE TABLE date_reminder_day (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	day DATE NOT NULL, 
	CONSTRAINT pk_date_reminder_day PRIMARY KEY (id), 
	CONSTRAINT uq_date_reminder_day_user_id UNIQUE (user_id), 
	CONSTRAINT fk_date_reminder_day_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE TABLE follower (
	id UUID DEFAULT uuidv7() NOT NULL, 
	record_kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	state TEXT DEFAULT 'following' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_follower PRIMARY KEY (id), 
	CONSTRAINT ck_follower_state CHECK (state IN ('following', 'muted')), 
	CONSTRAINT fk_follower_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_follower_user_id ON follower (user_id);
CREATE UNIQUE INDEX uq_follower_record_user ON follower (record_id, record_kind, user_id);
CREATE TABLE forecast_adjustment (
	id UUID DEFAULT uuidv7() NOT NULL, 
	period TEXT NOT NULL, 
	begins_on DATE NOT NULL, 
	user_id UUID, 
	team_id UUID, 
	amount NUMERIC(18, 2) NOT NULL, 
	currency TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_forecast_adjustment PRIMARY KEY (id), 
	CONSTRAINT ck_forecast_adjustment_period CHECK (period IN ('month', 'quarter', 'year')), 
	CONSTRAINT ck_forecast_adjustment_begins_on CHECK (begins_on = date_trunc(period, begins_on::timestamp)::date), 
	CONSTRAINT ck_forecast_adjustment_whose CHECK (num_nonnulls(user_id, team_id) <= 1), 
	CONSTRAINT ck_forecast_adjustment_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_forecast_adjustment_reason CHECK (char_length(reason) BETWEEN 1 AND 500), 
	CONSTRAINT fk_forecast_adjustment_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_forecast_adjustment_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE
);
CREATE INDEX ix_forecast_adjustment_period ON forecast_adjustment (begins_on, period, user_id, team_id, id);
CREATE INDEX ix_forecast_adjustment_team_id ON forecast_adjustment (team_id);
CREATE INDEX ix_forecast_adjustment_user_id ON forecast_adjustment (user_id);
CREATE TABLE handover_run (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	from_id UUID NOT NULL, 
	by_id UUID NOT NULL, 
	way TEXT NOT NULL, 
	state TEXT DEFAULT 'planned' NOT NULL, 
	wanted JSONB DEFAULT '{}'::jsonb NOT NULL, 
	counts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	outcomes JSONB DEFAULT '{}'::jsonb NOT NULL, 
	until DATE, 
	rows_done INTEGER DEFAULT 0 NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	round INTEGER DEFAULT 0 NOT NULL, 
	failure JSONB, 
	started_at TIMESTAMP WITH TIME ZONE, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_handover_run PRIMARY KEY (id), 
	CONSTRAINT ck_handover_run_way CHECK (way IN ('one', 'turn', 'rules', 'hand')), 
	CONSTRAINT ck_handover_run_state CHECK (state IN ('planned', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')), 
	CONSTRAINT fk_handover_run_from_id FOREIGN KEY(from_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_handover_run_by_id FOREIGN KEY(by_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_handover_run_by_id ON handover_run (by_id);
CREATE INDEX ix_handover_run_created_at ON handover_run (created_at DESC, id DESC);
CREATE INDEX ix_handover_run_from_id ON handover_run (from_id);
CREATE TABLE import_run (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT DEFAULT 'draft' NOT NULL, 
	owner_id UUID NOT NULL, 
	file_key TEXT NOT NULL, 
	file_name TEXT NOT NULL, 
	file_size BIGINT NOT NULL, 
	encoding TEXT NOT NULL, 
	delimiter TEXT NOT NULL, 
	format TEXT DEFAULT 'csv' NOT NULL, 
	table_key TEXT, 
	sheets JSONB DEFAULT '[]'::jsonb NOT NULL, 
	sheet TEXT DEFAULT '' NOT NULL, 
	header_row INTEGER DEFAULT 1 NOT NULL, 
	fills_accounts BOOLEAN DEFAULT false NOT NULL, 
	decimal_mark TEXT DEFAULT '.' NOT NULL, 
	day_order TEXT DEFAULT 'dmy' NOT NULL, 
	scale BIGINT DEFAULT 1 NOT NULL, 
	header JSONB DEFAULT '[]'::jsonb NOT NULL, 
	mapping JSONB DEFAULT '[]'::jsonb NOT NULL, 
	mode TEXT DEFAULT 'create' NOT NULL, 
	key_field TEXT DEFAULT 'name' NOT NULL, 
	on_problem TEXT DEFAULT 'skip' NOT NULL, 
	goes_on BOOLEAN DEFAULT false NOT NULL, 
	counts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	rows_done INTEGER DEFAULT 0 NOT NULL, 
	rows_total INTEGER DEFAULT 0 NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	round INTEGER DEFAULT 0 NOT NULL, 
	failure JSONB, 
	follows_id UUID, 
	started_at TIMESTAMP WITH TIME ZONE, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_import_run PRIMARY KEY (id), 
	CONSTRAINT ck_import_run_kind CHECK (kind IN ('accounts', 'contacts', 'products', 'leads', 'deals', 'price_lines')), 
	CONSTRAINT ck_import_run_mode CHECK (mode IN ('create', 'update', 'both')), 
	CONSTRAINT ck_import_run_state CHECK (state IN ('draft', 'checking', 'checked', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')), 
	CONSTRAINT ck_import_run_on_problem CHECK (on_problem IN ('skip', 'stop')), 
	CONSTRAINT ck_import_run_format CHECK (format IN ('csv', 'workbook', 'vcard', 'ldif', 'rows')), 
	CONSTRAINT fk_import_run_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id), 
	CONSTRAINT fk_import_run_follows_id FOREIGN KEY(follows_id) REFERENCES import_run (id) ON DELETE SET NULL
);
CREATE INDEX ix_import_run_created_at ON import_run (created_at DESC, id DESC);
CREATE UNIQUE INDEX uq_import_run_follows_id ON import_run (follows_id) WHERE state <> 'undone';
CREATE TABLE invitation (
	id UUID DEFAULT uuidv7() NOT NULL, 
	mail TEXT NOT NULL, 
	mail_norm TEXT NOT NULL, 
	name TEXT, 
	role_id UUID, 
	team_id UUID, 
	state TEXT DEFAULT 'waiting' NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	nonce INTEGER DEFAULT 1 NOT NULL, 
	letter_at TIMESTAMP WITH TIME ZONE, 
	invited_by UUID, 
	accepted_user_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_invitation PRIMARY KEY (id), 
	CONSTRAINT ck_invitation_state CHECK (state IN ('waiting', 'accepted', 'revoked')), 
	CONSTRAINT fk_invitation_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE SET NULL, 
	CONSTRAINT fk_invitation_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE SET NULL, 
	CONSTRAINT fk_invitation_invited_by FOREIGN KEY(invited_by) REFERENCES app_user (id) ON DELETE SET NULL, 
	CONSTRAINT fk_invitation_accepted_user_id FOREIGN KEY(accepted_user_id) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_invitation_role_id ON invitation (role_id);
CREATE INDEX ix_invitation_team_id ON invitation (team_id);
CREATE UNIQUE INDEX uq_invitation_mail_norm_waiting ON invitation (mail_norm) WHERE state = 'waiting';
CREATE TABLE mail_change (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	mail TEXT NOT NULL, 
	mail_norm TEXT NOT NULL, 
	former TEXT NOT NULL, 
	former_norm TEXT NOT NULL, 
	state TEXT DEFAULT 'waiting' NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	credential_version INTEGER NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mail_change PRIMARY KEY (id), 
	CONSTRAINT ck_mail_change_state CHECK (state IN ('waiting', 'confirmed', 'stopped', 'taken_back')), 
	CONSTRAINT fk_mail_change_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_mail_change_user_id ON mail_change (user_id);
CREATE UNIQUE INDEX uq_mail_change_user_id_waiting ON mail_change (user_id) WHERE state = 'waiting';
CREATE TABLE mail_preference (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	signature TEXT DEFAULT '' NOT NULL, 
	privacy TEXT, 
	told TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mail_preference PRIMARY KEY (id), 
	CONSTRAINT ck_mail_preference_privacy CHECK (privacy IN ('private', 'team', 'record')), 
	CONSTRAINT ck_mail_preference_told CHECK (told IN ('metadata', 'subject')), 
	CONSTRAINT uq_mail_preference_user_id UNIQUE (user_id), 
	CONSTRAINT fk_mail_preference_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE TABLE mailbox (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	way TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	shared BOOLEAN DEFAULT false NOT NULL, 
	owner_id UUID NOT NULL, 
	host TEXT, 
	port INTEGER, 
	username TEXT, 
	password BYTEA, 
	secret BYTEA, 
	trusted TEXT, 
	since DATE NOT NULL, 
	state TEXT DEFAULT 'on' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mailbox PRIMARY KEY (id), 
	CONSTRAINT ck_mailbox_name CHECK (char_length(name) BETWEEN 1 AND 100), 
	CONSTRAINT ck_mailbox_way CHECK (way IN ('imap', 'webhook')), 
	CONSTRAINT ck_mailbox_purpose CHECK (purpose IN ('mail', 'leads')), 
	CONSTRAINT ck_mailbox_state CHECK (state IN ('on', 'stopped', 'held')), 
	CONSTRAINT ck_mailbox_imap CHECK (way <> 'imap' OR (host IS NOT NULL AND port IS NOT NULL AND username IS NOT NULL AND password IS NOT NULL)), 
	CONSTRAINT ck_mailbox_webhook CHECK (way <> 'webhook' OR secret IS NOT NULL), 
	CONSTRAINT ck_mailbox_leads CHECK (purpose <> 'leads' OR shared), 
	CONSTRAINT ck_mailbox_port CHECK (port BETWEEN 1 AND 65535), 
	CONSTRAINT fk_mailbox_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_mailbox_owner_id ON mailbox (owner_id);
CREATE TABLE mailing_run (
	mailing_id UUID NOT NULL, 
	active_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	counts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	CONSTRAINT pk_mailing_run PRIMARY KEY (mailing_id), 
	CONSTRAINT fk_mailing_run_mailing_id FOREIGN KEY(mailing_id) REFERENCES mailing (id) ON DELETE CASCADE
);
CREATE TABLE merge_run (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT DEFAULT 'running' NOT NULL, 
	owner_id UUID NOT NULL, 
	survivor_id UUID NOT NULL, 
	loser_ids UUID[] NOT NULL, 
	names TEXT[] NOT NULL, 
	fields JSONB DEFAULT '{}'::jsonb NOT NULL, 
	losers JSONB DEFAULT '{}'::jsonb NOT NULL, 
	strict JSONB DEFAULT '{}'::jsonb NOT NULL, 
	kept TEXT[] DEFAULT '{}' NOT NULL, 
	counts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	rows_done INTEGER DEFAULT 0 NOT NULL, 
	rows_todo INTEGER DEFAULT 0 NOT NULL, 
	round INTEGER DEFAULT 0 NOT NULL, 
	failure JSONB, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	erased_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_merge_run PRIMARY KEY (id), 
	CONSTRAINT ck_merge_run_kind CHECK (kind IN ('account', 'contact')), 
	CONSTRAINT ck_merge_run_state CHECK (state IN ('running', 'done', 'failed', 'undoing', 'undone')), 
	CONSTRAINT fk_merge_run_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_merge_run_created_at ON merge_run (created_at DESC, id DESC);
CREATE INDEX ix_merge_run_survivor_id ON merge_run (survivor_id);
CREATE TABLE notification (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	record_kind TEXT, 
	record_id UUID, 
	source_id UUID, 
	actor_id UUID, 
	actor_name TEXT, 
	params JSONB DEFAULT '{}'::jsonb NOT NULL, 
	dedupe_key TEXT, 
	read_at TIMESTAMP WITH TIME ZONE, 
	retracted_at TIMESTAMP WITH TIME ZONE, 
	in_digest BOOLEAN DEFAULT false NOT NULL, 
	digested_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_notification PRIMARY KEY (id), 
	CONSTRAINT ck_notification_kind CHECK (kind IN ('mentioned', 'assigned', 'commented', 'reminder', 'received', 'finished', 'joined', 'workspace')), 
	CONSTRAINT ck_notification_record CHECK ((record_kind IS NULL) = (record_id IS NULL)), 
	CONSTRAINT fk_notification_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_notification_actor_id FOREIGN KEY(actor_id) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_notification_digest ON notification (user_id, created_at) WHERE in_digest AND digested_at IS NULL;
CREATE INDEX ix_notification_record_id ON notification (record_id) WHERE record_id IS NOT NULL;
CREATE INDEX ix_notification_source_id ON notification (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX ix_notification_unread ON notification (user_id, created_at DESC, id DESC) WHERE read_at IS NULL AND retracted_at IS NULL;
CREATE INDEX ix_notification_user_id ON notification (user_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX uq_notification_dedupe_key ON notification (user_id, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE TABLE notification_setting (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	mentioned TEXT DEFAULT 'mail' NOT NULL, 
	assigned TEXT DEFAULT 'mail' NOT NULL, 
	commented TEXT DEFAULT 'digest' NOT NULL, 
	reminder TEXT DEFAULT 'mail' NOT NULL, 
	received TEXT DEFAULT 'app' NOT NULL, 
	finished TEXT DEFAULT 'app' NOT NULL, 
	joined TEXT DEFAULT 'app' NOT NULL, 
	workspace TEXT DEFAULT 'mail' NOT NULL, 
	quiet_from INTEGER, 
	quiet_until INTEGER, 
	daily_hour INTEGER, 
	daily_days TEXT DEFAULT 'working' NOT NULL, 
	daily_since TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_notification_setting PRIMARY KEY (id), 
	CONSTRAINT ck_notification_setting_mentioned CHECK (mentioned IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_assigned CHECK (assigned IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_commented CHECK (commented IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_reminder CHECK (reminder IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_received CHECK (received IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_finished CHECK (finished IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_joined CHECK (joined IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_workspace CHECK (workspace IN ('mail', 'digest', 'app', 'none')), 
	CONSTRAINT ck_notification_setting_quiet CHECK ((quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until), 
	CONSTRAINT ck_notification_setting_hours CHECK (quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23), 
	CONSTRAINT ck_notification_setting_daily_hour CHECK (daily_hour BETWEEN 0 AND 23), 
	CONSTRAINT ck_notification_setting_daily_days CHECK (daily_days IN ('working', 'every')), 
	CONSTRAINT ck_notification_setting_daily CHECK ((daily_hour IS NULL) = (daily_since IS NULL)), 
	CONSTRAINT uq_notification_setting_user_id UNIQUE (user_id), 
	CONSTRAINT fk_notification_setting_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE TABLE passkey (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	rp_id TEXT NOT NULL, 
	credential_id BYTEA NOT NULL, 
	public_key BYTEA NOT NULL, 
	sign_count BIGINT NOT NULL, 
	last_used_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_passkey PRIMARY KEY (id), 
	CONSTRAINT fk_passkey_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id)
);
CREATE INDEX ix_passkey_user_id ON passkey (user_id);
CREATE TABLE prepared_export (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT DEFAULT 'waiting' NOT NULL, 
	owner_id UUID NOT NULL, 
	file_name TEXT NOT NULL, 
	format TEXT NOT NULL, 
	wanted JSONB NOT NULL, 
	rows_done INTEGER DEFAULT 0 NOT NULL, 
	rows_total INTEGER DEFAULT 0 NOT NULL, 
	size BIGINT, 
	round INTEGER DEFAULT 1 NOT NULL, 
	file_key TEXT, 
	sight TEXT, 
	failure JSONB, 
	started_at TIMESTAMP WITH TIME ZONE, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	expires_at TIMESTAMP WITH TIME ZONE, 
	downloaded_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_prepared_export PRIMARY KEY (id), 
	CONSTRAINT ck_prepared_export_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'leads', 'quotes', 'activities', 'recipients', 'audit', 'products', 'price_lines')), 
	CONSTRAINT ck_prepared_export_state CHECK (state IN ('waiting', 'running', 'ready', 'fetched', 'failed', 'cancelled', 'expired')), 
	CONSTRAINT ck_prepared_export_format CHECK (format IN ('csv', 'xlsx', 'vcard')), 
	CONSTRAINT fk_prepared_export_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_prepared_export_open ON prepared_export (state) WHERE state IN ('waiting', 'running', 'ready');
CREATE INDEX ix_prepared_export_owner_id ON prepared_export (owner_id, created_at DESC);
CREATE TABLE ranking_choice (
	id UUID DEFAULT uuidv7() NOT NULL, 
	fact_id UUID NOT NULL, 
	user_id UUID, 
	place INTEGER NOT NULL, 
	people INTEGER NOT NULL, 
	points INTEGER NOT NULL, 
	most INTEGER NOT NULL, 
	reasons JSONB DEFAULT '[]'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_ranking_choice PRIMARY KEY (id), 
	CONSTRAINT ck_ranking_choice_place CHECK (place BETWEEN 1 AND people), 
	CONSTRAINT fk_ranking_choice_fact_id FOREIGN KEY(fact_id) REFERENCES fact (id) ON DELETE CASCADE, 
	CONSTRAINT fk_ranking_choice_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_ranking_choice_user_id ON ranking_choice (user_id);
CREATE UNIQUE INDEX uq_ranking_choice_fact_id ON ranking_choice (fact_id);
CREATE TABLE reach_mark (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	key TEXT NOT NULL, 
	opted_out_at TIMESTAMP WITH TIME ZONE, 
	opted_out_by UUID, 
	invalid TEXT, 
	invalid_at TIMESTAMP WITH TIME ZONE, 
	invalid_by UUID, 
	note TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_reach_mark PRIMARY KEY (id), 
	CONSTRAINT ck_reach_mark_kind CHECK (kind IN ('mail', 'phone')), 
	CONSTRAINT ck_reach_mark_invalid CHECK (invalid IN ('bounced', 'wrong', 'left')), 
	CONSTRAINT ck_reach_mark_invalid_at CHECK ((invalid IS NULL) = (invalid_at IS NULL)), 
	CONSTRAINT ck_reach_mark_opted_out CHECK (opted_out_at IS NULL OR kind = 'phone'), 
	CONSTRAINT fk_reach_mark_opted_out_by FOREIGN KEY(opted_out_by) REFERENCES app_user (id), 
	CONSTRAINT fk_reach_mark_invalid_by FOREIGN KEY(invalid_by) REFERENCES app_user (id)
);
CREATE UNIQUE INDEX uq_reach_mark_key ON reach_mark (kind, key);
CREATE TABLE record_share (
	id UUID DEFAULT uuidv7() NOT NULL, 
	record_kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	user_id UUID, 
	team_id UUID, 
	level TEXT DEFAULT 'read' NOT NULL, 
	until DATE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_record_share PRIMARY KEY (id), 
	CONSTRAINT ck_record_share_whom CHECK ((user_id IS NULL) <> (team_id IS NULL)), 
	CONSTRAINT ck_record_share_level CHECK (level IN ('read', 'write')), 
	CONSTRAINT fk_record_share_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_record_share_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE
);
CREATE INDEX ix_record_share_record_id ON record_share (record_id);
CREATE INDEX ix_record_share_team_id ON record_share (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX ix_record_share_user_id ON record_share (user_id) WHERE user_id IS NOT NULL;
CREATE TABLE sales_target (
	id UUID DEFAULT uuidv7() NOT NULL, 
	period TEXT NOT NULL, 
	begins_on DATE NOT NULL, 
	user_id UUID, 
	team_id UUID, 
	amount NUMERIC(18, 2) NOT NULL, 
	currency TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_sales_target PRIMARY KEY (id), 
	CONSTRAINT ck_sales_target_period CHECK (period IN ('month', 'quarter', 'year')), 
	CONSTRAINT ck_sales_target_begins_on CHECK (begins_on = date_trunc(period, begins_on::timestamp)::date), 
	CONSTRAINT ck_sales_target_whose CHECK (num_nonnulls(user_id, team_id) <= 1), 
	CONSTRAINT ck_sales_target_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_sales_target_amount CHECK (amount > 0), 
	CONSTRAINT fk_sales_target_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_sales_target_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE
);
CREATE INDEX ix_sales_target_team_id ON sales_target (team_id);
CREATE INDEX ix_sales_target_user_id ON sales_target (user_id);
CREATE UNIQUE INDEX uq_sales_target ON sales_target (begins_on, period, user_id, team_id) NULLS NOT DISTINCT;
CREATE TABLE saved_view (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	room TEXT NOT NULL, 
	name TEXT NOT NULL, 
	audience TEXT DEFAULT 'me' NOT NULL, 
	team_id UUID, 
	query JSONB DEFAULT '{}'::jsonb NOT NULL, 
	widths JSONB DEFAULT '{}'::jsonb NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_saved_view PRIMARY KEY (id), 
	CONSTRAINT ck_saved_view_audience CHECK (audience IN ('me', 'team', 'everyone')), 
	CONSTRAINT fk_saved_view_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_saved_view_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE SET NULL
);
CREATE INDEX ix_saved_view_room ON saved_view (room) WHERE deleted_at IS NULL AND audience <> 'me';
CREATE INDEX ix_saved_view_team_id ON saved_view (team_id) WHERE team_id IS NOT NULL;
CREATE UNIQUE INDEX uq_saved_view_name ON saved_view (user_id, room, lower(name)) WHERE deleted_at IS NULL;
CREATE TABLE second_step (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	secret BYTEA NOT NULL, 
	confirmed_at TIMESTAMP WITH TIME ZONE, 
	last_step BIGINT, 
	recovery_hashes JSONB DEFAULT '[]'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_second_step PRIMARY KEY (id), 
	CONSTRAINT uq_second_step_user_id UNIQUE (user_id), 
	CONSTRAINT fk_second_step_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE TABLE session (
	id UUID DEFAULT uuidv7() NOT NULL, 
	token_hash BYTEA NOT NULL, 
	user_id UUID NOT NULL, 
	csrf TEXT NOT NULL, 
	flashes JSONB DEFAULT '[]'::jsonb NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	viewing_id UUID, 
	method TEXT DEFAULT 'password' NOT NULL, 
	confirmed_at TIMESTAMP WITH TIME ZONE, 
	second_step_at TIMESTAMP WITH TIME ZONE, 
	provider_sid TEXT, 
	ip TEXT, 
	agent TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_session PRIMARY KEY (id), 
	CONSTRAINT ck_session_method CHECK (method IN ('password', 'passkey', 'sso', 'recovery')), 
	CONSTRAINT uq_session_token_hash UNIQUE (token_hash), 
	CONSTRAINT fk_session_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_session_viewing_id FOREIGN KEY(viewing_id) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_session_user_id ON session (user_id);
CREATE TABLE sign_in_event (
	id UUID DEFAULT uuidv7() NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	user_id UUID, 
	succeeded BOOLEAN NOT NULL, 
	way TEXT NOT NULL, 
	network TEXT NOT NULL, 
	outside BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_sign_in_event PRIMARY KEY (id), 
	CONSTRAINT ck_sign_in_event_way CHECK (way IN ('password', 'code', 'recovery', 'passkey', 'sso', 'session', 'token')), 
	CONSTRAINT fk_sign_in_event_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_sign_in_event_at ON sign_in_event (at DESC, id DESC);
CREATE INDEX ix_sign_in_event_user_id ON sign_in_event (user_id, at DESC);
CREATE TABLE sign_in_step (
	id UUID DEFAULT uuidv7() NOT NULL, 
	token_hash BYTEA NOT NULL, 
	kind TEXT NOT NULL, 
	user_id UUID, 
	data JSONB DEFAULT '{}'::jsonb NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	spent_at TIMESTAMP WITH TIME ZONE, 
	tries INTEGER DEFAULT 0 NOT NULL, 
	ip TEXT, 
	agent TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_sign_in_step PRIMARY KEY (id), 
	CONSTRAINT ck_sign_in_step_kind CHECK (kind IN ('code', 'passkey', 'sso', 'logout')), 
	CONSTRAINT uq_sign_in_step_token_hash UNIQUE (token_hash), 
	CONSTRAINT fk_sign_in_step_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_sign_in_step_user_id ON sign_in_step (user_id);
CREATE TABLE subject_request (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT DEFAULT 'searching' NOT NULL, 
	who TEXT, 
	mail TEXT, 
	also TEXT[] DEFAULT '{}' NOT NULL, 
	received_on DATE NOT NULL, 
	due_on DATE NOT NULL, 
	extended_why TEXT, 
	identity TEXT, 
	decided_by UUID, 
	decided_at TIMESTAMP WITH TIME ZONE, 
	outcome TEXT, 
	proof JSONB DEFAULT '{}'::jsonb NOT NULL, 
	mail_hash BYTEA, 
	file_key TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_subject_request PRIMARY KEY (id), 
	CONSTRAINT ck_subject_request_kind CHECK (kind IN ('access', 'correct', 'erase', 'restrict', 'object')), 
	CONSTRAINT ck_subject_request_state CHECK (state IN ('searching', 'open', 'working', 'done', 'refused', 'failed')), 
	CONSTRAINT fk_subject_request_decided_by FOREIGN KEY(decided_by) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_subject_request_created_at ON subject_request (created_at DESC, id DESC);
CREATE TABLE tag_change (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT DEFAULT 'running' NOT NULL, 
	actor_id UUID NOT NULL, 
	tag_name TEXT NOT NULL, 
	into_name TEXT, 
	kept JSONB DEFAULT '{}'::jsonb NOT NULL, 
	rows_todo INTEGER DEFAULT 0 NOT NULL, 
	rows_done INTEGER DEFAULT 0 NOT NULL, 
	changed INTEGER DEFAULT 0 NOT NULL, 
	undone INTEGER DEFAULT 0 NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	round INTEGER DEFAULT 0 NOT NULL, 
	failure JSONB, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	erased_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_tag_change PRIMARY KEY (id), 
	CONSTRAINT ck_tag_change_kind CHECK (kind IN ('rename', 'merge', 'delete')), 
	CONSTRAINT ck_tag_change_state CHECK (state IN ('running', 'done', 'failed', 'undoing', 'undone')), 
	CONSTRAINT ck_tag_change_into CHECK ((into_name IS NULL) = (kind = 'delete')), 
	CONSTRAINT fk_tag_change_actor_id FOREIGN KEY(actor_id) REFERENCES app_user (id)
);
CREATE INDEX ix_tag_change_created_at ON tag_change (created_at DESC, id DESC);
CREATE UNIQUE INDEX uq_tag_change_running ON tag_change ((true)) WHERE state IN ('running', 'undoing');
CREATE TABLE team_member (
	id UUID DEFAULT uuidv7() NOT NULL, 
	team_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	leads BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_team_member PRIMARY KEY (id), 
	CONSTRAINT fk_team_member_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE, 
	CONSTRAINT fk_team_member_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_team_member_team_id ON team_member (team_id);
CREATE UNIQUE INDEX uq_team_member_user_team ON team_member (user_id, team_id);
CREATE TABLE user_identity (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	issuer TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_user_identity PRIMARY KEY (id), 
	CONSTRAINT fk_user_identity_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_user_identity_subject ON user_identity (issuer, subject);
CREATE UNIQUE INDEX uq_user_identity_user_issuer ON user_identity (user_id, issuer);
CREATE TABLE user_role (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	role_id UUID NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_user_role PRIMARY KEY (id), 
	CONSTRAINT fk_user_role_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_user_role_role_id FOREIGN KEY(role_id) REFERENCES role (id)
);
CREATE INDEX ix_user_role_role_id ON user_role (role_id);
CREATE UNIQUE INDEX uq_user_role_user_role ON user_role (user_id, role_id);
CREATE TABLE user_skill (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	language TEXT, 
	word TEXT, 
	category_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_user_skill PRIMARY KEY (id), 
	CONSTRAINT ck_user_skill_one CHECK (num_nonnulls(language, word, category_id) = 1), 
	CONSTRAINT ck_user_skill_language CHECK (language ~ '^[a-z]{2,3}$'), 
	CONSTRAINT ck_user_skill_word CHECK (char_length(word) BETWEEN 1 AND 60), 
	CONSTRAINT fk_user_skill_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_user_skill_category_id FOREIGN KEY(category_id) REFERENCES product_category (id) ON DELETE CASCADE
);
CREATE INDEX ix_user_skill_category_id ON user_skill (category_id);
CREATE UNIQUE INDEX uq_user_skill_what ON user_skill (user_id, language, word, category_id) NULLS NOT DISTINCT;
CREATE TABLE web_form (
	id UUID DEFAULT uuidv7() NOT NULL, 
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT DEFAULT 'open' NOT NULL, 
	fields JSONB DEFAULT '[]'::jsonb NOT NULL, 
	texts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	purpose_id UUID, 
	source TEXT, 
	campaign TEXT, 
	lead_owner_id UUID, 
	hosts VARCHAR[] DEFAULT '{}' NOT NULL, 
	redirect_url TEXT, 
	confirmed TEXT DEFAULT 'never' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_web_form PRIMARY KEY (id), 
	CONSTRAINT ck_web_form_name CHECK (char_length(name) BETWEEN 1 AND 100), 
	CONSTRAINT ck_web_form_state CHECK (state IN ('open', 'closed')), 
	CONSTRAINT ck_web_form_confirmed CHECK (confirmed IN ('never', 'before', 'after')), 
	CONSTRAINT uq_web_form_code UNIQUE (code), 
	CONSTRAINT fk_web_form_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id) ON DELETE SET NULL, 
	CONSTRAINT fk_web_form_lead_owner_id FOREIGN KEY(lead_owner_id) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_web_form_lead_owner_id ON web_form (lead_owner_id);
CREATE INDEX ix_web_form_purpose_id ON web_form (purpose_id);
CREATE TABLE work_report (
	id UUID DEFAULT uuidv7() NOT NULL, 
	owner_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	first_on DATE NOT NULL, 
	words TEXT DEFAULT '' NOT NULL, 
	handed_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_work_report PRIMARY KEY (id), 
	CONSTRAINT ck_work_report_kind CHECK (kind IN ('day', 'week')), 
	CONSTRAINT ck_work_report_first_on CHECK (kind <> 'week' OR extract(isodow FROM first_on) = 1), 
	CONSTRAINT ck_work_report_words CHECK (char_length(words) <= 4000), 
	CONSTRAINT fk_work_report_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_work_report_period ON work_report (kind, first_on DESC, owner_id);
CREATE UNIQUE INDEX uq_work_report_whose ON work_report (owner_id, kind, first_on);
CREATE TABLE bulk_edit_row (
	run_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	record_id UUID NOT NULL, 
	seen_version INTEGER NOT NULL, 
	outcome TEXT, 
	before JSONB, 
	left_version INTEGER, 
	CONSTRAINT pk_bulk_edit_row PRIMARY KEY (run_id, position), 
	CONSTRAINT ck_bulk_edit_row_outcome CHECK (outcome IN ('due', 'same', 'not_yours', 'circle', 'too_many_tags', 'of_lines', 'of_parts', 'no_price', 'unfit', 'since', 'gone', 'changed', 'undone', 'kept')), 
	CONSTRAINT fk_bulk_edit_row_run_id FOREIGN KEY(run_id) REFERENCES bulk_edit (id) ON DELETE CASCADE
);
CREATE INDEX ix_bulk_edit_row_outcome ON bulk_edit_row (run_id, outcome, position);
CREATE INDEX ix_bulk_edit_row_record_id ON bulk_edit_row (record_id);
CREATE TABLE contact (
	id UUID DEFAULT uuidv7() NOT NULL, 
	account_id UUID, 
	how_to_address TEXT, 
	job_title TEXT, 
	mobile TEXT, 
	mobile_key TEXT GENERATED ALWAYS AS (nullif(right(regexp_replace(mobile, '[^0-9]', '', 'g'), 9), '')) STORED, 
	language TEXT, 
	birthday DATE, 
	preferred_channel TEXT, 
	preferred_hours TEXT, 
	timezone TEXT, 
	referred_by_id UUID, 
	restricted_at TIMESTAMP WITH TIME ZONE, 
	restricted_why TEXT, 
	erased_at TIMESTAMP WITH TIME ZONE, 
	name TEXT NOT NULL, 
	phone TEXT, 
	mail TEXT, 
	mail_norm TEXT, 
	source TEXT, 
	external_id TEXT, 
	notes TEXT, 
	custom JSONB DEFAULT '{}'::jsonb NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	merged_into UUID, 
	name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, 
	owner_id UUID, 
	phone_key TEXT GENERATED ALWAYS AS (nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 9), '')) STORED, 
	custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == "string")')::text)), '[]')) STORED, 
	tags TEXT[] DEFAULT '{}' NOT NULL, 
	birthday_source TEXT, 
	birthday_noted_on DATE, 
	birthday_noted_by UUID, 
	language_source TEXT, 
	language_noted_on DATE, 
	language_noted_by UUID, 
	preferred_channel_source TEXT, 
	preferred_channel_noted_on DATE, 
	preferred_channel_noted_by UUID, 
	preferred_hours_source TEXT, 
	preferred_hours_noted_on DATE, 
	preferred_hours_noted_by UUID, 
	referred_by_source TEXT, 
	referred_by_noted_on DATE, 
	referred_by_noted_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_contact PRIMARY KEY (id), 
	CONSTRAINT ck_contact_preferred_channel CHECK (preferred_channel IN ('phone', 'mail', 'message', 'visit', 'post')), 
	CONSTRAINT ck_contact_referred_by CHECK (referred_by_id <> id), 
	CONSTRAINT fk_contact_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_contact_referred_by_id FOREIGN KEY(referred_by_id) REFERENCES contact (id), 
	CONSTRAINT fk_contact_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_contact_account_id ON contact (account_id, name_fold, id);
CREATE INDEX ix_contact_birthday ON contact (birthday) WHERE birthday IS NOT NULL;
CREATE INDEX ix_contact_changed ON contact (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_custom ON contact USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_custom_find ON contact USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL;
CREATE INDEX ix_contact_day_of_year ON contact (((extract(month from birthday) * 100 + extract(day from birthday))::int)) WHERE birthday IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ix_contact_east_asian ON contact USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_find ON contact USING gin (name_fold ext.gin_trgm_ops, mail_norm ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_initials ON contact USING gin (initials(name_fold) ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL AND name_fold ~ '[가-힣]';
CREATE INDEX ix_contact_list ON contact (name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_mail_norm ON contact (mail_norm) WHERE mail_norm IS NOT NULL;
CREATE INDEX ix_contact_merged_into ON contact (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ix_contact_mobile_key ON contact (mobile_key) WHERE mobile_key IS NOT NULL;
CREATE INDEX ix_contact_own ON contact (owner_id, name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_phone_find ON contact USING gin ((regexp_replace(phone, '[^0-9]', '', 'g')) ext.gin_trgm_ops, (regexp_replace(mobile, '[^0-9]', '', 'g')) ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_phone_key ON contact (phone_key) WHERE phone_key IS NOT NULL;
CREATE INDEX ix_contact_referred_by_id ON contact (referred_by_id) WHERE referred_by_id IS NOT NULL;
CREATE INDEX ix_contact_tags ON contact USING gin (tags) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_was_called ON contact USING gin (name_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE merged_into IS NOT NULL;
CREATE UNIQUE INDEX uq_contact_external_id ON contact (external_id) WHERE external_id IS NOT NULL;
CREATE TABLE credit_standing (
	id UUID DEFAULT uuidv7() NOT NULL, 
	grade TEXT NOT NULL, 
	limit_amount NUMERIC(18, 2), 
	limit_currency TEXT, 
	reason TEXT, 
	source TEXT DEFAULT 'hand' NOT NULL, 
	until_on DATE, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	account_id UUID NOT NULL, 
	set_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_credit_standing PRIMARY KEY (id), 
	CONSTRAINT ck_credit_standing_source CHECK (source IN ('hand', 'computed')), 
	CONSTRAINT ck_credit_standing_hand CHECK (source <> 'hand' OR (until_on IS NOT NULL AND reason IS NOT NULL AND char_length(reason) BETWEEN 1 AND 400)), 
	CONSTRAINT ck_credit_standing_grade CHECK (grade IN ('big_good', 'small_good', 'big_bad', 'small_bad')), 
	CONSTRAINT ck_credit_standing_limit_amount CHECK (limit_amount >= 0), 
	CONSTRAINT ck_credit_standing_limit_currency CHECK (limit_currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_credit_standing_limit CHECK ((limit_amount IS NULL) = (limit_currency IS NULL)), 
	CONSTRAINT fk_credit_standing_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_credit_standing_set_by FOREIGN KEY(set_by) REFERENCES app_user (id)
);
CREATE INDEX ix_credit_standing_account_id ON credit_standing (account_id, created_at DESC, id DESC);
CREATE INDEX ix_credit_standing_set_by ON credit_standing (set_by) WHERE set_by IS NOT NULL;
CREATE UNIQUE INDEX uq_credit_standing_open ON credit_standing (account_id, source) WHERE ended_at IS NULL;
CREATE TABLE handover_row (
	run_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	to_id UUID NOT NULL, 
	outcome TEXT DEFAULT 'due' NOT NULL, 
	CONSTRAINT pk_handover_row PRIMARY KEY (run_id, position), 
	CONSTRAINT ck_handover_row_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'leads', 'quotes', 'activities')), 
	CONSTRAINT ck_handover_row_outcome CHECK (outcome IN ('due', 'since', 'given', 'undone', 'kept')), 
	CONSTRAINT fk_handover_row_run_id FOREIGN KEY(run_id) REFERENCES handover_run (id) ON DELETE CASCADE, 
	CONSTRAINT fk_handover_row_to_id FOREIGN KEY(to_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_handover_row_outcome ON handover_row (run_id, outcome, position);
CREATE INDEX ix_handover_row_to_id ON handover_row (to_id, run_id);
CREATE UNIQUE INDEX uq_handover_row_record ON handover_row (run_id, kind, record_id);
CREATE TABLE import_fix (
	run_id UUID NOT NULL, 
	line INTEGER NOT NULL, 
	"column" INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_import_fix PRIMARY KEY (run_id, line, "column"), 
	CONSTRAINT fk_import_fix_run_id FOREIGN KEY(run_id) REFERENCES import_run (id) ON DELETE CASCADE
);
CREATE TABLE import_row (
	run_id UUID NOT NULL, 
	line INTEGER NOT NULL, 
	values JSONB DEFAULT '{}'::jsonb NOT NULL, 
	problems JSONB, 
	notes JSONB, 
	key_text TEXT, 
	folds BOOLEAN DEFAULT false NOT NULL, 
	key TEXT GENERATED ALWAYS AS (CASE WHEN folds THEN lower(ext.immutable_unaccent(key_text)) ELSE key_text END) STORED, 
	number TEXT, 
	plan TEXT, 
	outcome TEXT, 
	record_id UUID, 
	parent TEXT, 
	made_account UUID, 
	before JSONB, 
	left_version INTEGER, 
	cells JSONB, 
	choice TEXT, 
	account_before JSONB, 
	further JSONB, 
	CONSTRAINT pk_import_row PRIMARY KEY (run_id, line), 
	CONSTRAINT ck_import_row_plan CHECK (plan IN ('create', 'update', 'skip', 'duplicate', 'problem')), 
	CONSTRAINT ck_import_row_outcome CHECK (outcome IN ('created', 'updated', 'skipped', 'duplicate', 'failed', 'undone', 'kept')), 
	CONSTRAINT fk_import_row_run_id FOREIGN KEY(run_id) REFERENCES import_run (id) ON DELETE CASCADE
);
CREATE INDEX ix_import_row_key ON import_row (run_id, key, line) WHERE key IS NOT NULL;
CREATE INDEX ix_import_row_number ON import_row (run_id, number, line) WHERE number IS NOT NULL;
CREATE INDEX ix_import_row_problem ON import_row (run_id, line) WHERE problems IS NOT NULL;
CREATE INDEX ix_import_row_record_id ON import_row (record_id) WHERE record_id IS NOT NULL;
CREATE TABLE list_habit (
	id UUID DEFAULT uuidv7() NOT NULL, 
	user_id UUID NOT NULL, 
	room TEXT NOT NULL, 
	columns VARCHAR[], 
	widths JSONB DEFAULT '{}'::jsonb NOT NULL, 
	pinned UUID[] DEFAULT '{}'::uuid[] NOT NULL, 
	view_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_list_habit PRIMARY KEY (id), 
	CONSTRAINT fk_list_habit_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_list_habit_view_id FOREIGN KEY(view_id) REFERENCES saved_view (id) ON DELETE SET NULL
);
CREATE INDEX ix_list_habit_view_id ON list_habit (view_id) WHERE view_id IS NOT NULL;
CREATE UNIQUE INDEX uq_list_habit_user_room ON list_habit (user_id, room);
CREATE TABLE loyalty_standing (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tier_id UUID NOT NULL, 
	reason TEXT, 
	source TEXT DEFAULT 'hand' NOT NULL, 
	until_on DATE, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	account_id UUID NOT NULL, 
	set_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_loyalty_standing PRIMARY KEY (id), 
	CONSTRAINT ck_loyalty_standing_source CHECK (source IN ('hand', 'computed')), 
	CONSTRAINT ck_loyalty_standing_hand CHECK (source <> 'hand' OR (until_on IS NOT NULL AND reason IS NOT NULL AND char_length(reason) BETWEEN 1 AND 400)), 
	CONSTRAINT fk_loyalty_standing_tier_id FOREIGN KEY(tier_id) REFERENCES tier_discount (id), 
	CONSTRAINT fk_loyalty_standing_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_loyalty_standing_set_by FOREIGN KEY(set_by) REFERENCES app_user (id)
);
CREATE INDEX ix_loyalty_standing_account_id ON loyalty_standing (account_id, created_at DESC, id DESC);
CREATE INDEX ix_loyalty_standing_set_by ON loyalty_standing (set_by) WHERE set_by IS NOT NULL;
CREATE INDEX ix_loyalty_standing_tier_id ON loyalty_standing (tier_id);
CREATE UNIQUE INDEX uq_loyalty_standing_open ON loyalty_standing (account_id, source) WHERE ended_at IS NULL;
CREATE TABLE mailbox_arrival (
	id UUID DEFAULT uuidv7() NOT NULL, 
	mailbox_id UUID NOT NULL, 
	digest BYTEA NOT NULL, 
	state TEXT NOT NULL, 
	why TEXT, 
	size BIGINT NOT NULL, 
	raw_key TEXT, 
	from_mail TEXT, 
	subject TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_mailbox_arrival PRIMARY KEY (id), 
	CONSTRAINT ck_mailbox_arrival_state CHECK (state IN ('waiting', 'done', 'left', 'unverified', 'too_large', 'unreadable')), 
	CONSTRAINT uq_mailbox_arrival_mailbox_id_digest UNIQUE (mailbox_id, digest), 
	CONSTRAINT fk_mailbox_arrival_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id) ON DELETE CASCADE, 
	CONSTRAINT uq_mailbox_arrival_raw_key UNIQUE (raw_key)
);
CREATE INDEX ix_mailbox_arrival_open ON mailbox_arrival (mailbox_id, created_at DESC) WHERE state <> 'done';
CREATE TABLE mailbox_folder (
	id UUID DEFAULT uuidv7() NOT NULL, 
	mailbox_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	followed BOOLEAN DEFAULT false NOT NULL, 
	gone BOOLEAN DEFAULT false NOT NULL, 
	validity BIGINT, 
	mark BIGINT DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_mailbox_folder PRIMARY KEY (id), 
	CONSTRAINT uq_mailbox_folder_mailbox_id_name UNIQUE (mailbox_id, name), 
	CONSTRAINT fk_mailbox_folder_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id) ON DELETE CASCADE
);
CREATE TABLE mailbox_state (
	mailbox_id UUID NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE, 
	looked_at TIMESTAMP WITH TIME ZONE, 
	mail_at TIMESTAMP WITH TIME ZONE, 
	looking BOOLEAN DEFAULT false NOT NULL, 
	stop BOOLEAN DEFAULT false NOT NULL, 
	waiting INTEGER DEFAULT 0 NOT NULL, 
	done INTEGER DEFAULT 0 NOT NULL, 
	failures INTEGER DEFAULT 0 NOT NULL, 
	error TEXT, 
	CONSTRAINT pk_mailbox_state PRIMARY KEY (mailbox_id), 
	CONSTRAINT fk_mailbox_state_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id) ON DELETE CASCADE
);
CREATE INDEX ix_mailbox_state_next_at ON mailbox_state (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE mention (
	id UUID DEFAULT uuidv7() NOT NULL, 
	comment_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	said TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_mention PRIMARY KEY (id), 
	CONSTRAINT fk_mention_comment_id FOREIGN KEY(comment_id) REFERENCES comment (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mention_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_mention_user_id ON mention (user_id);
CREATE UNIQUE INDEX uq_mention_comment_user ON mention (comment_id, user_id);
CREATE TABLE merge_row (
	run_id UUID NOT NULL, 
	child TEXT NOT NULL, 
	row_id UUID NOT NULL, 
	from_id UUID NOT NULL, 
	outcome TEXT NOT NULL, 
	CONSTRAINT pk_merge_row PRIMARY KEY (run_id, child, row_id), 
	CONSTRAINT ck_merge_row_outcome CHECK (outcome IN ('moved', 'stayed', 'undone', 'elsewhere', 'gone')), 
	CONSTRAINT fk_merge_row_run_id FOREIGN KEY(run_id) REFERENCES merge_run (id) ON DELETE CASCADE
);
CREATE INDEX ix_merge_row_from_id ON merge_row (from_id);
CREATE INDEX ix_merge_row_outcome ON merge_row (run_id, outcome, child, row_id);
CREATE TABLE pool_claim (
	id UUID DEFAULT uuidv7() NOT NULL, 
	account_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_pool_claim PRIMARY KEY (id), 
	CONSTRAINT fk_pool_claim_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_pool_claim_user_id FOREIGN KEY(user_id) REFERENCES app_user (id)
);
CREATE INDEX ix_pool_claim_account_id ON pool_claim (account_id);
CREATE INDEX ix_pool_claim_user_id ON pool_claim (user_id, created_at);
CREATE TABLE pool_warning (
	account_id UUID NOT NULL, 
	owner_id UUID NOT NULL, 
	due_on DATE NOT NULL, 
	warned_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_pool_warning PRIMARY KEY (account_id), 
	CONSTRAINT fk_pool_warning_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_pool_warning_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_pool_warning_due_on ON pool_warning (due_on, account_id);
CREATE INDEX ix_pool_warning_owner_id ON pool_warning (owner_id);
CREATE TABLE price_list (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	whom TEXT DEFAULT 'everybody' NOT NULL, 
	account_id UUID, 
	group_name TEXT, 
	priority INTEGER DEFAULT 0 NOT NULL, 
	net BOOLEAN DEFAULT false NOT NULL, 
	rounding_step NUMERIC(18, 4), 
	rounding_less NUMERIC(18, 4) DEFAULT 0 NOT NULL, 
	starts_on DATE, 
	ends_on DATE, 
	based_on_id UUID, 
	based_way TEXT, 
	based_percent NUMERIC(9, 4), 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_price_list PRIMARY KEY (id), 
	CONSTRAINT ck_price_list_whom CHECK (whom IN ('everybody', 'group', 'customer')), 
	CONSTRAINT ck_price_list_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_price_list_name CHECK (char_length(name) BETWEEN 1 AND 100), 
	CONSTRAINT ck_price_list_account CHECK ((whom = 'customer') = (account_id IS NOT NULL)), 
	CONSTRAINT ck_price_list_group CHECK ((whom = 'group') = (group_name IS NOT NULL)), 
	CONSTRAINT ck_price_list_days CHECK (ends_on >= starts_on), 
	CONSTRAINT ck_price_list_rounding CHECK (rounding_step > 0 AND rounding_less >= 0 AND rounding_less < rounding_step), 
	CONSTRAINT ck_price_list_based_on CHECK (based_on_id <> id), 
	CONSTRAINT ck_price_list_based_way CHECK (based_way IN ('discount', 'markup')), 
	CONSTRAINT ck_price_list_based_percent CHECK (based_percent >= 0 AND based_percent <= 1000), 
	CONSTRAINT ck_price_list_based CHECK ((based_on_id IS NULL) = (based_way IS NULL) AND (based_on_id IS NULL) = (based_percent IS NULL)), 
	CONSTRAINT fk_price_list_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_price_list_based_on_id FOREIGN KEY(based_on_id) REFERENCES price_list (id)
);
CREATE INDEX ix_price_list_account_id ON price_list (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_price_list_based_on_id ON price_list (based_on_id) WHERE based_on_id IS NOT NULL;
CREATE UNIQUE INDEX uq_price_list_name ON price_list (lower(name));
CREATE TABLE product (
	id UUID DEFAULT uuidv7() NOT NULL, 
	code TEXT NOT NULL, 
	code_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(code))) STORED NOT NULL, 
	name TEXT NOT NULL, 
	name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, 
	description TEXT, 
	category_id UUID, 
	unit_id UUID, 
	tax_code_id UUID, 
	currency TEXT NOT NULL, 
	price NUMERIC(18, 4), 
	cost NUMERIC(18, 4), 
	state TEXT DEFAULT 'active' NOT NULL, 
	successor_id UUID, 
	template_id UUID, 
	combination UUID[], 
	bundle_price TEXT, 
	is_bundle BOOLEAN GENERATED ALWAYS AS (bundle_price IS NOT NULL) STORED NOT NULL, 
	image_id UUID, 
	custom JSONB DEFAULT '{}'::jsonb NOT NULL, 
	custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == "string")')::text)), '[]')) STORED, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	tags TEXT[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_product PRIMARY KEY (id), 
	CONSTRAINT ck_product_state CHECK (state IN ('active', 'retired')), 
	CONSTRAINT ck_product_price CHECK (price >= 0), 
	CONSTRAINT ck_product_cost CHECK (cost >= 0), 
	CONSTRAINT ck_product_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_product_successor CHECK (successor_id <> id), 
	CONSTRAINT ck_product_variant CHECK ((template_id IS NULL) = (combination IS NULL)), 
	CONSTRAINT ck_product_bundle CHECK (bundle_price IS NULL OR (bundle_price IN ('own', 'sum') AND template_id IS NULL)), 
	CONSTRAINT uq_product_id_is_bundle UNIQUE (id, is_bundle), 
	CONSTRAINT ck_product_code CHECK (char_length(code) BETWEEN 1 AND 60), 
	CONSTRAINT fk_product_category_id FOREIGN KEY(category_id) REFERENCES product_category (id), 
	CONSTRAINT fk_product_unit_id FOREIGN KEY(unit_id) REFERENCES product_unit (id), 
	CONSTRAINT fk_product_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id), 
	CONSTRAINT fk_product_successor_id FOREIGN KEY(successor_id) REFERENCES product (id), 
	CONSTRAINT fk_product_template_id FOREIGN KEY(template_id) REFERENCES product (id), 
	CONSTRAINT fk_product_image_id FOREIGN KEY(image_id) REFERENCES attachment (id) ON DELETE SET NULL
);
CREATE INDEX ix_product_category_id ON product (category_id, name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_product_changed ON product (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_product_custom ON product USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_product_custom_find ON product USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL;
CREATE INDEX ix_product_east_asian ON product USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_product_find ON product USING gin (name_fold ext.gin_trgm_ops, code_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_product_image_id ON product (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX ix_product_list ON product (name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_product_successor_id ON product (successor_id) WHERE successor_id IS NOT NULL;
CREATE INDEX ix_product_tags ON product USING gin (tags) WHERE deleted_at IS NULL;
CREATE INDEX ix_product_tax_code_id ON product (tax_code_id) WHERE tax_code_id IS NOT NULL;
CREATE INDEX ix_product_unit_id ON product (unit_id) WHERE unit_id IS NOT NULL;
CREATE UNIQUE INDEX uq_product_code ON product (code_fold);
CREATE UNIQUE INDEX uq_product_combination ON product (template_id, combination) WHERE template_id IS NOT NULL;
CREATE TABLE stage_change (
	id UUID DEFAULT uuidv7() NOT NULL, 
	account_id UUID NOT NULL, 
	from_stage TEXT NOT NULL, 
	to_stage TEXT NOT NULL, 
	why JSONB DEFAULT '{}'::jsonb NOT NULL, 
	until DATE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_stage_change PRIMARY KEY (id), 
	CONSTRAINT ck_stage_change_from_stage CHECK (from_stage IN ('identified', 'selected', 'acquired', 'developed', 'kept', 'loyal', 'lost')), 
	CONSTRAINT ck_stage_change_to_stage CHECK (to_stage IN ('identified', 'selected', 'acquired', 'developed', 'kept', 'loyal', 'lost')), 
	CONSTRAINT fk_stage_change_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE INDEX ix_stage_change_account_id ON stage_change (account_id, created_at DESC, id DESC);
CREATE TABLE subject_hit (
	request_id UUID NOT NULL, 
	table_name TEXT NOT NULL, 
	row_key TEXT NOT NULL, 
	why TEXT NOT NULL, 
	said TEXT NOT NULL, 
	belongs BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_subject_hit PRIMARY KEY (request_id, table_name, row_key), 
	CONSTRAINT ck_subject_hit_why CHECK (why IN ('record', 'linked', 'address', 'name')), 
	CONSTRAINT fk_subject_hit_request_id FOREIGN KEY(request_id) REFERENCES subject_request (id) ON DELETE CASCADE
);
CREATE TABLE tag_change_row (
	run_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	room TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	place INTEGER NOT NULL, 
	had BOOLEAN NOT NULL, 
	outcome TEXT DEFAULT 'changed' NOT NULL, 
	CONSTRAINT pk_tag_change_row PRIMARY KEY (run_id, position), 
	CONSTRAINT ck_tag_change_row_outcome CHECK (outcome IN ('changed', 'undone', 'kept')), 
	CONSTRAINT ck_tag_change_row_room CHECK (room IN ('account', 'contact', 'deal', 'lead', 'product')), 
	CONSTRAINT fk_tag_change_row_run_id FOREIGN KEY(run_id) REFERENCES tag_change (id) ON DELETE CASCADE
);
CREATE INDEX ix_tag_change_row_record_id ON tag_change_row (record_id);
CREATE TABLE activity (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	body TEXT DEFAULT '' NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	direction TEXT, 
	outcome TEXT, 
	owner_id UUID, 
	next_contact_on DATE, 
	next_contact_at TIMESTAMP WITH TIME ZONE, 
	next_contact_note TEXT, 
	next_contact_kind TEXT, 
	next_contact_minutes SMALLINT, 
	place TEXT, 
	done_at TIMESTAMP WITH TIME ZONE, 
	reminded_at TIMESTAMP WITH TIME ZONE, 
	broken_at TIMESTAMP WITH TIME ZONE, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	calendar_uid TEXT, 
	contacted_at TIMESTAMP WITH TIME ZONE GENERATED ALWAYS AS (GREATEST(CASE WHEN kind <> 'note' THEN happened_at END, CASE WHEN coalesce(next_contact_kind, '') NOT IN ('task', 'promise') THEN done_at END)) STORED, 
	said_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(translate(body || ' ' || coalesce(next_contact_note, ''), E'\n\t', '  ')))) STORED NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_activity PRIMARY KEY (id), 
	CONSTRAINT ck_activity_kind CHECK (kind IN ('call', 'mail', 'message', 'visit', 'meeting', 'note')), 
	CONSTRAINT ck_activity_direction CHECK (direction IN ('in', 'out')), 
	CONSTRAINT ck_activity_next_contact_kind CHECK (next_contact_kind IN ('call', 'mail', 'message', 'visit', 'meeting', 'task', 'promise')), 
	CONSTRAINT ck_activity_next_contact_minutes CHECK (next_contact_minutes BETWEEN 1 AND 1440), 
	CONSTRAINT ck_activity_about CHECK (account_id IS NOT NULL OR contact_id IS NOT NULL), 
	CONSTRAINT ck_activity_next_contact CHECK (next_contact_at IS NULL OR next_contact_on IS NOT NULL), 
	CONSTRAINT fk_activity_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_activity_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_activity_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_activity_account ON activity (account_id, happened_at DESC, id DESC) WHERE account_id IS NOT NULL;
CREATE INDEX ix_activity_account_contacted ON activity (account_id, contacted_at DESC) WHERE account_id IS NOT NULL AND contacted_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ix_activity_account_next ON activity (account_id, next_contact_on) WHERE account_id IS NOT NULL AND next_contact_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL;
CREATE INDEX ix_activity_alone ON activity (contact_id, happened_at DESC, id DESC) WHERE account_id IS NULL;
CREATE INDEX ix_activity_calendar ON activity (owner_id, calendar_uid) WHERE calendar_uid IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ix_activity_contact ON activity (contact_id, happened_at DESC, id DESC) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_activity_contact_contacted ON activity (contact_id, contacted_at DESC) WHERE contact_id IS NOT NULL AND contacted_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ix_activity_contact_next ON activity (contact_id, next_contact_on) WHERE contact_id IS NOT NULL AND next_contact_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL;
CREATE INDEX ix_activity_due ON activity (owner_id, next_contact_on, id) WHERE next_contact_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL;
CREATE INDEX ix_activity_east_asian ON activity USING gin ((string_to_array(regexp_replace(said_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_activity_find ON activity USING gin (said_fold ext.gin_trgm_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_activity_happened_at ON activity (happened_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_activity_promise ON activity (next_contact_on, id) WHERE next_contact_kind = 'promise' AND next_contact_on IS NOT NULL AND deleted_at IS NULL;
CREATE TABLE affiliation (
	id UUID DEFAULT uuidv7() NOT NULL, 
	contact_id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	title TEXT, 
	department TEXT, 
	since DATE, 
	until DATE, 
	is_former BOOLEAN DEFAULT false NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_affiliation PRIMARY KEY (id), 
	CONSTRAINT ck_affiliation_days CHECK (until >= since), 
	CONSTRAINT fk_affiliation_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE, 
	CONSTRAINT fk_affiliation_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);
CREATE INDEX ix_affiliation_account_id ON affiliation (account_id);
CREATE INDEX ix_affiliation_contact_id ON affiliation (contact_id);
CREATE UNIQUE INDEX uq_affiliation_contact_account ON affiliation (contact_id, account_id) WHERE deleted_at IS NULL;
CREATE TABLE agreed_terms (
	id UUID DEFAULT uuidv7() NOT NULL, 
	account_id UUID, 
	agreed_by UUID NOT NULL, 
	payment_days INTEGER, 
	discount NUMERIC(7, 4), 
	product_id UUID, 
	price NUMERIC(18, 4), 
	currency TEXT, 
	words TEXT, 
	until_on DATE NOT NULL, 
	facts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_agreed_terms PRIMARY KEY (id), 
	CONSTRAINT ck_agreed_terms_payment_days CHECK (payment_days BETWEEN 0 AND 365), 
	CONSTRAINT ck_agreed_terms_discount CHECK (discount BETWEEN 0 AND 100), 
	CONSTRAINT ck_agreed_terms_price CHECK (price >= 0), 
	CONSTRAINT ck_agreed_terms_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_agreed_terms_product CHECK ((price IS NULL) = (currency IS NULL) AND (price IS NULL) = (product_id IS NULL)), 
	CONSTRAINT ck_agreed_terms_words CHECK (char_length(words) BETWEEN 1 AND 1000), 
	CONSTRAINT ck_agreed_terms_given CHECK (num_nonnulls(payment_days, discount, price, words) > 0), 
	CONSTRAINT fk_agreed_terms_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_agreed_terms_agreed_by FOREIGN KEY(agreed_by) REFERENCES app_user (id), 
	CONSTRAINT fk_agreed_terms_product_id FOREIGN KEY(product_id) REFERENCES product (id)
);
CREATE INDEX ix_agreed_terms_account_id ON agreed_terms (account_id, created_at DESC, id DESC);
CREATE INDEX ix_agreed_terms_agreed_by ON agreed_terms (agreed_by);
CREATE INDEX ix_agreed_terms_product_id ON agreed_terms (product_id) WHERE product_id IS NOT NULL;
CREATE TABLE consent (
	id UUID DEFAULT uuidv7() NOT NULL, 
	contact_id UUID, 
	address_hash BYTEA, 
	purpose_id UUID NOT NULL, 
	given BOOLEAN NOT NULL, 
	wording_id UUID, 
	source TEXT NOT NULL, 
	proof TEXT, 
	ip TEXT, 
	erased BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_consent PRIMARY KEY (id), 
	CONSTRAINT ck_consent_source CHECK (source IN ('form', 'mail', 'phone', 'paper', 'import', 'link')), 
	CONSTRAINT ck_consent_whose CHECK (contact_id IS NOT NULL OR address_hash IS NOT NULL OR erased), 
	CONSTRAINT fk_consent_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE SET NULL, 
	CONSTRAINT fk_consent_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id), 
	CONSTRAINT fk_consent_wording_id FOREIGN KEY(wording_id) REFERENCES consent_wording (id)
);
CREATE INDEX ix_consent_address_hash ON consent (address_hash, purpose_id, created_at DESC, id DESC) WHERE address_hash IS NOT NULL;
CREATE INDEX ix_consent_contact_id ON consent (contact_id, purpose_id, created_at DESC, id DESC);
CREATE INDEX ix_consent_purpose_id ON consent (purpose_id);
CREATE TABLE contact_point (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	service TEXT, 
	value TEXT NOT NULL, 
	key TEXT NOT NULL, 
	e164 TEXT, 
	label TEXT NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	account_id UUID, 
	contact_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_contact_point PRIMARY KEY (id), 
	CONSTRAINT ck_contact_point_parent CHECK ((account_id IS NULL) <> (contact_id IS NULL)), 
	CONSTRAINT ck_contact_point_kind CHECK (kind IN ('mail', 'phone', 'messenger')), 
	CONSTRAINT ck_contact_point_messenger CHECK ((kind = 'messenger') = (service IS NOT NULL)), 
	CONSTRAINT ck_contact_point_service CHECK (service IN ('whatsapp', 'telegram', 'wechat', 'kakaotalk', 'line', 'signal', 'viber', 'skype', 'other')), 
	CONSTRAINT fk_contact_point_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_contact_point_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE
);
CREATE INDEX ix_contact_point_account_id ON contact_point (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_contact_point_contact_id ON contact_point (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_contact_point_find ON contact_point USING gin (key ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_point_key ON contact_point (key, kind) WHERE deleted_at IS NULL;
CREATE INDEX ix_contact_point_phone_find ON contact_point USING gin ((regexp_replace(coalesce(e164, value), '[^0-9]', '', 'g')) ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL AND kind = 'phone';
CREATE UNIQUE INDEX uq_contact_point_value ON contact_point (account_id, contact_id, kind, key) NULLS NOT DISTINCT WHERE deleted_at IS NULL;
CREATE TABLE deal (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, 
	pipeline_id UUID NOT NULL, 
	stage_id UUID NOT NULL, 
	state TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	owner_id UUID, 
	amount NUMERIC(18, 2), 
	currency TEXT NOT NULL, 
	probability INTEGER, 
	forecast TEXT, 
	closes_on DATE, 
	next_step TEXT, 
	next_step_on DATE, 
	source TEXT, 
	campaign TEXT, 
	first_touch JSONB DEFAULT '{}'::jsonb NOT NULL, 
	last_touch JSONB DEFAULT '{}'::jsonb NOT NULL, 
	loss_reason TEXT, 
	notes TEXT, 
	external_id TEXT, 
	stage_since TIMESTAMP WITH TIME ZONE NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	custom JSONB DEFAULT '{}'::jsonb NOT NULL, 
	custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == "string")')::text)), '[]')) STORED, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	tags TEXT[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_deal PRIMARY KEY (id), 
	CONSTRAINT ck_deal_state CHECK (state IN ('open', 'won', 'lost')), 
	CONSTRAINT ck_deal_amount CHECK (amount >= 0), 
	CONSTRAINT ck_deal_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_deal_probability CHECK (probability BETWEEN 0 AND 100), 
	CONSTRAINT ck_deal_forecast CHECK (forecast IN ('commit', 'best_case', 'pipeline', 'omitted')), 
	CONSTRAINT ck_deal_loss_reason CHECK (state <> 'lost' OR loss_reason IS NOT NULL), 
	CONSTRAINT ck_deal_closed_at CHECK ((state = 'open') = (closed_at IS NULL)), 
	CONSTRAINT ck_deal_next_step CHECK (next_step IS NULL OR next_step_on IS NOT NULL), 
	CONSTRAINT fk_deal_stage FOREIGN KEY(stage_id, pipeline_id, state) REFERENCES deal_stage (id, pipeline_id, kind), 
	CONSTRAINT fk_deal_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_deal_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_deal_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_deal_account_id ON deal (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_deal_changed ON deal (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_closes_on ON deal (closes_on, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_contact_id ON deal (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_deal_custom ON deal USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_custom_find ON deal USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL;
CREATE INDEX ix_deal_deleted_at ON deal (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_deal_east_asian ON deal USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_find ON deal USING gin (name_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_list ON deal (name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_own ON deal (owner_id, name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_stage_id ON deal (stage_id, next_step_on, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_deal_tags ON deal USING gin (tags) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_deal_external_id ON deal (external_id) WHERE external_id IS NOT NULL;
CREATE TABLE lawful_basis (
	id UUID DEFAULT uuidv7() NOT NULL, 
	contact_id UUID NOT NULL, 
	purpose_id UUID, 
	basis TEXT NOT NULL, 
	source TEXT NOT NULL, 
	note TEXT, 
	since DATE NOT NULL, 
	ended_on DATE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_lawful_basis PRIMARY KEY (id), 
	CONSTRAINT ck_lawful_basis_basis CHECK (basis IN ('consent', 'contract', 'legitimate_interest', 'legal_duty', 'vital_interest', 'public_task')), 
	CONSTRAINT ck_lawful_basis_source CHECK (source IN ('form', 'mail', 'phone', 'paper', 'import', 'link')), 
	CONSTRAINT ck_lawful_basis_days CHECK (ended_on >= since), 
	CONSTRAINT fk_lawful_basis_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_lawful_basis_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id)
);
CREATE INDEX ix_lawful_basis_contact_id ON lawful_basis (contact_id);
CREATE INDEX ix_lawful_basis_purpose_id ON lawful_basis (purpose_id);
CREATE TABLE mail_thread (
	id UUID DEFAULT uuidv7() NOT NULL, 
	subject TEXT NOT NULL, 
	owner_id UUID, 
	privacy TEXT NOT NULL, 
	told TEXT NOT NULL, 
	contact_id UUID, 
	last_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mail_thread PRIMARY KEY (id), 
	CONSTRAINT ck_mail_thread_privacy CHECK (privacy IN ('private', 'team', 'record')), 
	CONSTRAINT ck_mail_thread_told CHECK (told IN ('metadata', 'subject')), 
	CONSTRAINT fk_mail_thread_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id), 
	CONSTRAINT fk_mail_thread_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id)
);
CREATE INDEX ix_mail_thread_contact_id ON mail_thread (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_mail_thread_last_at ON mail_thread (last_at DESC, id DESC);
CREATE INDEX ix_mail_thread_owner_id ON mail_thread (owner_id, last_at DESC, id DESC);
CREATE TABLE mailing_recipient (
	id UUID DEFAULT uuidv7() NOT NULL, 
	mailing_id UUID NOT NULL, 
	contact_id UUID, 
	address TEXT, 
	address_norm TEXT, 
	name TEXT, 
	lang TEXT NOT NULL, 
	fields JSONB DEFAULT '{}'::jsonb NOT NULL, 
	state TEXT DEFAULT 'queued' NOT NULL, 
	reason TEXT, 
	next_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	lease_until TIMESTAMP WITH TIME ZONE, 
	lease_token UUID, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	message_id TEXT, 
	provider_reply TEXT, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	unsubscribed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_mailing_recipient PRIMARY KEY (id), 
	CONSTRAINT ck_mailing_recipient_state CHECK (state IN ('queued', 'claimed', 'sending', 'sent', 'bounced', 'suppressed', 'unknown', 'failed')), 
	CONSTRAINT fk_mailing_recipient_mailing_id FOREIGN KEY(mailing_id) REFERENCES mailing (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mailing_recipient_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE SET NULL
);
CREATE INDEX ix_mailing_recipient_address_norm ON mailing_recipient (address_norm);
CREATE INDEX ix_mailing_recipient_contact_id ON mailing_recipient (contact_id);
CREATE INDEX ix_mailing_recipient_due ON mailing_recipient (mailing_id, next_at, id) WHERE state = 'queued';
CREATE INDEX ix_mailing_recipient_held ON mailing_recipient (mailing_id, lease_until) WHERE state IN ('claimed', 'sending');
CREATE INDEX ix_mailing_recipient_state ON mailing_recipient (mailing_id, state, id);
CREATE UNIQUE INDEX uq_mailing_recipient_address ON mailing_recipient (mailing_id, address_norm);
CREATE TABLE personal_fact (
	id UUID DEFAULT uuidv7() NOT NULL, 
	contact_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	body TEXT NOT NULL, 
	source TEXT NOT NULL, 
	source_note TEXT, 
	noted_on DATE NOT NULL, 
	noted_by UUID, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_personal_fact PRIMARY KEY (id), 
	CONSTRAINT ck_personal_fact_kind CHECK (kind IN ('taste', 'habit', 'family', 'hobby', 'personal', 'gift', 'referral', 'other')), 
	CONSTRAINT ck_personal_fact_source CHECK (source IN ('said', 'colleague', 'public', 'other')), 
	CONSTRAINT ck_personal_fact_body CHECK (char_length(body) BETWEEN 1 AND 2000), 
	CONSTRAINT fk_personal_fact_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_personal_fact_noted_by FOREIGN KEY(noted_by) REFERENCES app_user (id)
);
CREATE INDEX ix_personal_fact_contact_id ON personal_fact (contact_id, noted_on DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_personal_fact_noted_by ON personal_fact (noted_by);
CREATE TABLE postal_address (
	id UUID DEFAULT uuidv7() NOT NULL, 
	recipient TEXT, 
	street TEXT, 
	postcode TEXT, 
	city TEXT, 
	region TEXT, 
	country TEXT, 
	label TEXT NOT NULL, 
	position INTEGER DEFAULT 0 NOT NULL, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	account_id UUID, 
	contact_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_postal_address PRIMARY KEY (id), 
	CONSTRAINT ck_postal_address_parent CHECK ((account_id IS NULL) <> (contact_id IS NULL)), 
	CONSTRAINT fk_postal_address_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_postal_address_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE
);
CREATE INDEX ix_postal_address_account_id ON postal_address (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_postal_address_contact_id ON postal_address (contact_id) WHERE contact_id IS NOT NULL;
CREATE TABLE price_list_line (
	id UUID DEFAULT uuidv7() NOT NULL, 
	price_list_id UUID NOT NULL, 
	what TEXT DEFAULT 'product' NOT NULL, 
	product_id UUID, 
	category_id UUID, 
	way TEXT DEFAULT 'price' NOT NULL, 
	value NUMERIC(18, 4) NOT NULL, 
	from_quantity NUMERIC(18, 3) DEFAULT 0 NOT NULL, 
	starts_on DATE, 
	ends_on DATE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_price_list_line PRIMARY KEY (id), 
	CONSTRAINT ck_price_list_line_what CHECK (what IN ('all', 'category', 'product')), 
	CONSTRAINT ck_price_list_line_way CHECK (way IN ('price', 'discount', 'markup', 'margin')), 
	CONSTRAINT ck_price_list_line_value CHECK (value >= 0), 
	CONSTRAINT ck_price_list_line_discount CHECK (way <> 'discount' OR value <= 100), 
	CONSTRAINT ck_price_list_line_margin CHECK (way <> 'margin' OR value < 100), 
	CONSTRAINT ck_price_list_line_from_quantity CHECK (from_quantity >= 0), 
	CONSTRAINT ck_price_list_line_days CHECK (ends_on >= starts_on), 
	CONSTRAINT ck_price_list_line_product CHECK ((what = 'product') = (product_id IS NOT NULL)), 
	CONSTRAINT ck_price_list_line_category CHECK ((what = 'category') = (category_id IS NOT NULL)), 
	CONSTRAINT fk_price_list_line_price_list_id FOREIGN KEY(price_list_id) REFERENCES price_list (id) ON DELETE CASCADE, 
	CONSTRAINT fk_price_list_line_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE, 
	CONSTRAINT fk_price_list_line_category_id FOREIGN KEY(category_id) REFERENCES product_category (id) ON DELETE CASCADE
);
CREATE INDEX ix_price_list_line_category_id ON price_list_line (category_id) WHERE category_id IS NOT NULL;
CREATE INDEX ix_price_list_line_place ON price_list_line (((((((price_list_id::text || '/') || COALESCE(product_id::text, category_id::text, '')) || '/') || from_quantity::text) || '/') || COALESCE((starts_on - '2000-01-01'::date)::text, '')));
CREATE INDEX ix_price_list_line_product_id ON price_list_line (product_id) WHERE product_id IS NOT NULL;
CREATE UNIQUE INDEX uq_price_list_line ON price_list_line (price_list_id, product_id, category_id, from_quantity, starts_on) NULLS NOT DISTINCT;
CREATE TABLE product_attribute (
	id UUID DEFAULT uuidv7() NOT NULL, 
	product_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_product_attribute PRIMARY KEY (id), 
	CONSTRAINT ck_product_attribute_name CHECK (char_length(name) BETWEEN 1 AND 60), 
	CONSTRAINT fk_product_attribute_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_product_attribute_name ON product_attribute (product_id, lower(name));
CREATE TABLE product_part (
	id UUID DEFAULT uuidv7() NOT NULL, 
	bundle_id UUID NOT NULL, 
	of_bundle BOOLEAN DEFAULT true NOT NULL, 
	part_id UUID NOT NULL, 
	part_is_bundle BOOLEAN DEFAULT false NOT NULL, 
	position INTEGER NOT NULL, 
	quantity NUMERIC(18, 3) NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_product_part PRIMARY KEY (id), 
	CONSTRAINT ck_product_part_quantity CHECK (quantity > 0), 
	CONSTRAINT ck_product_part_deep CHECK (of_bundle AND NOT part_is_bundle), 
	CONSTRAINT fk_product_part_bundle_id FOREIGN KEY(bundle_id, of_bundle) REFERENCES product (id, is_bundle) ON DELETE CASCADE, 
	CONSTRAINT fk_product_part_part_id FOREIGN KEY(part_id, part_is_bundle) REFERENCES product (id, is_bundle) ON DELETE CASCADE
);
CREATE INDEX ix_product_part_part_id ON product_part (part_id);
CREATE UNIQUE INDEX uq_product_part ON product_part (bundle_id, part_id);
CREATE TABLE product_relation (
	id UUID DEFAULT uuidv7() NOT NULL, 
	product_id UUID NOT NULL, 
	other_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_product_relation PRIMARY KEY (id), 
	CONSTRAINT ck_product_relation_kind CHECK (kind IN ('fits', 'accessory', 'replaces')), 
	CONSTRAINT ck_product_relation_other CHECK (product_id <> other_id), 
	CONSTRAINT fk_product_relation_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE, 
	CONSTRAINT fk_product_relation_other_id FOREIGN KEY(other_id) REFERENCES product (id) ON DELETE CASCADE
);
CREATE INDEX ix_product_relation_other_id ON product_relation (other_id);
CREATE INDEX ix_product_relation_product_id ON product_relation (product_id);
CREATE UNIQUE INDEX uq_product_relation ON product_relation (least(product_id, other_id), greatest(product_id, other_id), kind);
CREATE TABLE activity_guest (
	id UUID DEFAULT uuidv7() NOT NULL, 
	activity_id UUID NOT NULL, 
	contact_id UUID, 
	user_id UUID, 
	mail TEXT NOT NULL, 
	state TEXT DEFAULT 'new' NOT NULL, 
	answer TEXT DEFAULT 'waiting' NOT NULL, 
	answered_at TIMESTAMP WITH TIME ZONE, 
	told TEXT, 
	sequence INTEGER, 
	meets_at TIMESTAMP WITH TIME ZONE, 
	asking TEXT, 
	due_at TIMESTAMP WITH TIME ZONE, 
	asked_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_activity_guest PRIMARY KEY (id), 
	CONSTRAINT ck_activity_guest_who CHECK (num_nonnulls(contact_id, user_id) = 1), 
	CONSTRAINT ck_activity_guest_state CHECK (state IN ('new', 'asked', 'off')), 
	CONSTRAINT ck_activity_guest_answer CHECK (answer IN ('waiting', 'accepted', 'declined', 'tentative')), 
	CONSTRAINT ck_activity_guest_asking CHECK (asking IN ('request', 'cancel')), 
	CONSTRAINT ck_activity_guest_held CHECK ((asking IS NULL) = (due_at IS NULL)), 
	CONSTRAINT ck_activity_guest_told CHECK ((state = 'new') = (told IS NULL)), 
	CONSTRAINT ck_activity_guest_known CHECK (num_nonnulls(told, sequence, meets_at) IN (0, 3)), 
	CONSTRAINT ck_activity_guest_answered CHECK ((answer = 'waiting') = (answered_at IS NULL)), 
	CONSTRAINT fk_activity_guest_activity_id FOREIGN KEY(activity_id) REFERENCES activity (id) ON DELETE CASCADE, 
	CONSTRAINT fk_activity_guest_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE, 
	CONSTRAINT fk_activity_guest_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_activity_guest_asked_by FOREIGN KEY(asked_by) REFERENCES app_user (id) ON DELETE SET NULL
);
CREATE INDEX ix_activity_guest_contact_id ON activity_guest (contact_id);
CREATE INDEX ix_activity_guest_user_id ON activity_guest (user_id);
CREATE UNIQUE INDEX uq_activity_guest_contact ON activity_guest (activity_id, contact_id);
CREATE UNIQUE INDEX uq_activity_guest_user ON activity_guest (activity_id, user_id);
CREATE TABLE activity_participant (
	id UUID DEFAULT uuidv7() NOT NULL, 
	activity_id UUID NOT NULL, 
	contact_id UUID, 
	user_id UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_activity_participant PRIMARY KEY (id), 
	CONSTRAINT ck_activity_participant_who CHECK (num_nonnulls(contact_id, user_id) = 1), 
	CONSTRAINT fk_activity_participant_activity_id FOREIGN KEY(activity_id) REFERENCES activity (id) ON DELETE CASCADE, 
	CONSTRAINT fk_activity_participant_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE, 
	CONSTRAINT fk_activity_participant_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_activity_participant_contact_id ON activity_participant (contact_id);
CREATE INDEX ix_activity_participant_user_id ON activity_participant (user_id);
CREATE UNIQUE INDEX uq_activity_participant_contact ON activity_participant (activity_id, contact_id);
CREATE UNIQUE INDEX uq_activity_participant_user ON activity_participant (activity_id, user_id);
CREATE TABLE deal_competitor (
	id UUID DEFAULT uuidv7() NOT NULL, 
	deal_id UUID NOT NULL, 
	competitor_id UUID NOT NULL, 
	note TEXT, 
	took_it BOOLEAN DEFAULT false NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_deal_competitor PRIMARY KEY (id), 
	CONSTRAINT fk_deal_competitor_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deal_competitor_competitor_id FOREIGN KEY(competitor_id) REFERENCES competitor (id) ON DELETE CASCADE
);
CREATE INDEX ix_deal_competitor_competitor_id ON deal_competitor (competitor_id);
CREATE UNIQUE INDEX uq_deal_competitor ON deal_competitor (deal_id, competitor_id);
CREATE UNIQUE INDEX uq_deal_competitor_took_it ON deal_competitor (deal_id) WHERE took_it;
CREATE TABLE deal_line (
	id UUID DEFAULT uuidv7() NOT NULL, 
	deal_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	product_id UUID, 
	name TEXT NOT NULL, 
	quantity NUMERIC(18, 3) NOT NULL, 
	unit_price NUMERIC(18, 4) NOT NULL, 
	discount NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
	recurs TEXT DEFAULT 'once' NOT NULL, 
	times INTEGER DEFAULT 1 NOT NULL, 
	amount NUMERIC(18, 2) NOT NULL, 
	parts JSONB DEFAULT '[]'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_deal_line PRIMARY KEY (id), 
	CONSTRAINT ck_deal_line_name CHECK (char_length(name) BETWEEN 1 AND 200), 
	CONSTRAINT ck_deal_line_quantity CHECK (quantity > 0), 
	CONSTRAINT ck_deal_line_unit_price CHECK (unit_price >= 0), 
	CONSTRAINT ck_deal_line_discount CHECK (discount BETWEEN 0 AND 100), 
	CONSTRAINT ck_deal_line_recurs CHECK (recurs IN ('once', 'month', 'quarter', 'year')), 
	CONSTRAINT ck_deal_line_amount CHECK (amount >= 0), 
	CONSTRAINT ck_deal_line_times CHECK (times BETWEEN 1 AND 120 AND (recurs <> 'once' OR times = 1)), 
	CONSTRAINT fk_deal_line_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deal_line_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE SET NULL
);
CREATE INDEX ix_deal_line_deal_id ON deal_line (deal_id, position);
CREATE INDEX ix_deal_line_product_id ON deal_line (product_id) WHERE product_id IS NOT NULL;
CREATE TABLE deal_member (
	id UUID DEFAULT uuidv7() NOT NULL, 
	deal_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	role TEXT, 
	credit NUMERIC(5, 2) DEFAULT 0 NOT NULL, 
	share_id UUID, 
	share_was TEXT, 
	share_was_until DATE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_deal_member PRIMARY KEY (id), 
	CONSTRAINT ck_deal_member_credit CHECK (credit BETWEEN 0 AND 100), 
	CONSTRAINT ck_deal_member_role CHECK (char_length(role) BETWEEN 1 AND 60), 
	CONSTRAINT ck_deal_member_share_was CHECK (share_was IN ('read', 'write')), 
	CONSTRAINT fk_deal_member_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deal_member_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deal_member_share_id FOREIGN KEY(share_id) REFERENCES record_share (id) ON DELETE SET NULL
);
CREATE INDEX ix_deal_member_share_id ON deal_member (share_id);
CREATE INDEX ix_deal_member_user_id ON deal_member (user_id);
CREATE UNIQUE INDEX uq_deal_member ON deal_member (deal_id, user_id);
CREATE TABLE deal_stay (
	id UUID DEFAULT uuidv7() NOT NULL, 
	deal_id UUID NOT NULL, 
	stage_id UUID NOT NULL, 
	entered_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	left_at TIMESTAMP WITH TIME ZONE, 
	entered_by UUID, 
	CONSTRAINT pk_deal_stay PRIMARY KEY (id), 
	CONSTRAINT ck_deal_stay_left_at CHECK (left_at >= entered_at), 
	CONSTRAINT fk_deal_stay_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deal_stay_stage_id FOREIGN KEY(stage_id) REFERENCES deal_stage (id)
);
CREATE INDEX ix_deal_stay_deal_id ON deal_stay (deal_id, entered_at, id);
CREATE INDEX ix_deal_stay_entered_at ON deal_stay (entered_at);
CREATE INDEX ix_deal_stay_stage_id ON deal_stay (stage_id, entered_at);
CREATE UNIQUE INDEX uq_deal_stay_open ON deal_stay (deal_id) WHERE left_at IS NULL;
CREATE TABLE forecast_line (
	id UUID DEFAULT uuidv7() NOT NULL, 
	deal_id UUID NOT NULL, 
	from_day DATE NOT NULL, 
	until_day DATE, 
	owner_id UUID, 
	pipeline_id UUID NOT NULL, 
	counted TEXT NOT NULL, 
	day DATE, 
	amount NUMERIC(18, 2), 
	currency TEXT NOT NULL, 
	probability INTEGER NOT NULL, 
	people UUID[], 
	parts NUMERIC(18, 2)[], 
	CONSTRAINT pk_forecast_line PRIMARY KEY (id), 
	CONSTRAINT ck_forecast_line_counted CHECK (counted IN ('won', 'commit', 'best_case', 'pipeline', 'omitted')), 
	CONSTRAINT ck_forecast_line_until_day CHECK (until_day > from_day), 
	CONSTRAINT ck_forecast_line_probability CHECK (probability BETWEEN 0 AND 100), 
	CONSTRAINT ck_forecast_line_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_forecast_line_parts CHECK (num_nulls(people, parts) <> 1 AND cardinality(people) = cardinality(parts)), 
	CONSTRAINT fk_forecast_line_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE
);
CREATE INDEX ix_forecast_line_day ON forecast_line (day, from_day);
CREATE INDEX ix_forecast_line_deal_id ON forecast_line (deal_id);
CREATE UNIQUE INDEX uq_forecast_line_open ON forecast_line (deal_id) WHERE until_day IS NULL;
CREATE TABLE lead (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, 
	company TEXT, 
	job_title TEXT, 
	mail TEXT, 
	mail_norm TEXT, 
	sought TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name || ' ' || coalesce(company, '') || ' ' || coalesce(mail, '')))) STORED NOT NULL, 
	phone TEXT, 
	language TEXT, 
	postcode TEXT, 
	city TEXT, 
	country TEXT, 
	interest TEXT, 
	message TEXT, 
	source TEXT, 
	campaign TEXT, 
	first_touch JSONB DEFAULT '{}'::jsonb NOT NULL, 
	last_touch JSONB DEFAULT '{}'::jsonb NOT NULL, 
	touches INTEGER DEFAULT 1 NOT NULL, 
	owner_id UUID, 
	state TEXT DEFAULT 'new' NOT NULL, 
	state_since TIMESTAMP WITH TIME ZONE NOT NULL, 
	reason TEXT, 
	reason_note TEXT, 
	judged JSONB DEFAULT '{}'::jsonb NOT NULL, 
	next_step TEXT, 
	next_step_on DATE, 
	notes TEXT, 
	external_id TEXT, 
	account_id UUID, 
	contact_id UUID, 
	deal_id UUID, 
	answer TEXT, 
	answer_due_at TIMESTAMP WITH TIME ZONE, 
	answer_warn_at TIMESTAMP WITH TIME ZONE, 
	answered_at TIMESTAMP WITH TIME ZONE, 
	answered_by TEXT, 
	waits_for_hours BOOLEAN DEFAULT false NOT NULL, 
	converted_at TIMESTAMP WITH TIME ZONE, 
	conversion JSONB DEFAULT '{}'::jsonb NOT NULL, 
	custom JSONB DEFAULT '{}'::jsonb NOT NULL, 
	custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == "string")')::text)), '[]')) STORED, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	tags TEXT[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_lead PRIMARY KEY (id), 
	CONSTRAINT ck_lead_state CHECK (state IN ('new', 'working', 'accepted', 'returned', 'disqualified', 'converted')), 
	CONSTRAINT ck_lead_reason CHECK (reason IN ('no_need', 'no_budget', 'wrong_person', 'not_reachable', 'competitor', 'spam', 'other')), 
	CONSTRAINT ck_lead_reason_needed CHECK (state NOT IN ('returned', 'disqualified') OR reason IS NOT NULL), 
	CONSTRAINT ck_lead_converted_at CHECK ((state = 'converted') = (converted_at IS NOT NULL)), 
	CONSTRAINT ck_lead_touches CHECK (touches > 0), 
	CONSTRAINT ck_lead_next_step CHECK (next_step IS NULL OR next_step_on IS NOT NULL), 
	CONSTRAINT ck_lead_answer CHECK (answer IN ('running', 'met', 'missed')), 
	CONSTRAINT ck_lead_answered_by CHECK (answered_by IN ('contact', 'mail', 'reply', 'judgement')), 
	CONSTRAINT ck_lead_answer_due CHECK ((answer IS NULL) = (answer_due_at IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL)), 
	CONSTRAINT ck_lead_answer_running CHECK (answer <> 'running' OR answered_at IS NULL), 
	CONSTRAINT ck_lead_answer_met CHECK (answer <> 'met' OR answered_at <= answer_due_at), 
	CONSTRAINT fk_lead_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id), 
	CONSTRAINT fk_lead_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_lead_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_lead_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE SET NULL
);
CREATE INDEX ix_lead_account_id ON lead (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_lead_answer_due_at ON lead (answer_due_at) WHERE answer = 'running' AND deleted_at IS NULL;
CREATE INDEX ix_lead_changed ON lead (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_lead_contact_id ON lead (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_lead_custom ON lead USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_lead_custom_find ON lead USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL;
CREATE INDEX ix_lead_deal_id ON lead (deal_id) WHERE deal_id IS NOT NULL;
CREATE INDEX ix_lead_deleted_at ON lead (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_lead_east_asian ON lead USING gin ((string_to_array(regexp_replace(sought, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_lead_find ON lead USING gin (sought ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_lead_list ON lead (name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_lead_mail_norm ON lead (mail_norm) WHERE mail_norm IS NOT NULL;
CREATE INDEX ix_lead_next_step ON lead (owner_id, next_step_on, id) WHERE next_step_on IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX ix_lead_own ON lead (owner_id, name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_lead_state ON lead (state, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_lead_tags ON lead USING gin (tags) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_lead_external_id ON lead (external_id) WHERE external_id IS NOT NULL;
CREATE TABLE mail_link (
	id UUID DEFAULT uuidv7() NOT NULL, 
	thread_id UUID NOT NULL, 
	record_kind TEXT NOT NULL, 
	record_id UUID NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_mail_link PRIMARY KEY (id), 
	CONSTRAINT ck_mail_link_record_kind CHECK (record_kind IN ('account', 'contact', 'deal', 'lead', 'quote')), 
	CONSTRAINT uq_mail_link_thread_id_record_kind_record_id UNIQUE (thread_id, record_kind, record_id), 
	CONSTRAINT fk_mail_link_thread_id FOREIGN KEY(thread_id) REFERENCES mail_thread (id) ON DELETE CASCADE
);
CREATE INDEX ix_mail_link_record ON mail_link (record_id, record_kind, thread_id);
CREATE TABLE mail_message (
	id UUID DEFAULT uuidv7() NOT NULL, 
	thread_id UUID NOT NULL, 
	direction TEXT NOT NULL, 
	state TEXT NOT NULL, 
	author_id UUID, 
	contact_id UUID, 
	other_mail TEXT, 
	from_mail TEXT, 
	from_name TEXT, 
	to_list JSONB DEFAULT '[]'::jsonb NOT NULL, 
	cc_list JSONB DEFAULT '[]'::jsonb NOT NULL, 
	bcc_list JSONB DEFAULT '[]'::jsonb NOT NULL, 
	subject TEXT, 
	body TEXT DEFAULT '' NOT NULL, 
	quoted TEXT, 
	language TEXT, 
	template_id UUID, 
	at TIMESTAMP WITH TIME ZONE, 
	due_at TIMESTAMP WITH TIME ZONE, 
	message_id TEXT, 
	in_reply_to TEXT, 
	refs JSONB DEFAULT '[]'::jsonb NOT NULL, 
	identity BYTEA, 
	verified BOOLEAN DEFAULT true NOT NULL, 
	automatic BOOLEAN DEFAULT false NOT NULL, 
	raw_key TEXT, 
	said_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(translate(coalesce(subject, '') || ' ' || left(body, 20000), E'\n\t', '  ')))) STORED NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mail_message PRIMARY KEY (id), 
	CONSTRAINT ck_mail_message_direction CHECK (direction IN ('out', 'in')), 
	CONSTRAINT ck_mail_message_state CHECK (state IN ('draft', 'held', 'sent', 'received')), 
	CONSTRAINT ck_mail_message_came CHECK ((direction = 'in') = (state = 'received')), 
	CONSTRAINT ck_mail_message_held CHECK ((state = 'held') = (due_at IS NOT NULL)), 
	CONSTRAINT ck_mail_message_moment CHECK (state NOT IN ('sent', 'received') OR at IS NOT NULL), 
	CONSTRAINT ck_mail_message_body CHECK (char_length(body) <= 200000), 
	CONSTRAINT fk_mail_message_thread_id FOREIGN KEY(thread_id) REFERENCES mail_thread (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mail_message_author_id FOREIGN KEY(author_id) REFERENCES app_user (id), 
	CONSTRAINT fk_mail_message_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_mail_message_template_id FOREIGN KEY(template_id) REFERENCES mail_template (id) ON DELETE SET NULL, 
	CONSTRAINT uq_mail_message_raw_key UNIQUE (raw_key)
);
CREATE INDEX ix_mail_message_author_id ON mail_message (author_id, state) WHERE author_id IS NOT NULL;
CREATE INDEX ix_mail_message_contact_id ON mail_message (contact_id, at DESC) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_mail_message_east_asian ON mail_message USING gin ((string_to_array(regexp_replace(said_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE state <> 'draft';
CREATE INDEX ix_mail_message_find ON mail_message USING gin (said_fold ext.gin_trgm_ops) WHERE state <> 'draft';
CREATE INDEX ix_mail_message_message_id ON mail_message (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX ix_mail_message_template_id ON mail_message (template_id, contact_id) WHERE template_id IS NOT NULL;
CREATE INDEX ix_mail_message_thread_id ON mail_message (thread_id, at, id);
CREATE UNIQUE INDEX uq_mail_message_identity ON mail_message (identity) WHERE identity IS NOT NULL;
CREATE TABLE mail_participant (
	id UUID DEFAULT uuidv7() NOT NULL, 
	thread_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_mail_participant PRIMARY KEY (id), 
	CONSTRAINT uq_mail_participant_thread_id_user_id UNIQUE (thread_id, user_id), 
	CONSTRAINT fk_mail_participant_thread_id FOREIGN KEY(thread_id) REFERENCES mail_thread (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mail_participant_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_mail_participant_user_id ON mail_participant (user_id);
CREATE TABLE product_attribute_value (
	id UUID DEFAULT uuidv7() NOT NULL, 
	attribute_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_product_attribute_value PRIMARY KEY (id), 
	CONSTRAINT ck_product_attribute_value_name CHECK (char_length(name) BETWEEN 1 AND 60), 
	CONSTRAINT fk_product_attribute_value_attribute_id FOREIGN KEY(attribute_id) REFERENCES product_attribute (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_product_attribute_value_name ON product_attribute_value (attribute_id, lower(name));
CREATE TABLE quote (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, 
	number TEXT, 
	number_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(number))) STORED, 
	state TEXT DEFAULT 'draft' NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	deal_id UUID, 
	owner_id UUID, 
	currency TEXT NOT NULL, 
	net NUMERIC(18, 4) DEFAULT 0 NOT NULL, 
	total NUMERIC(18, 4) DEFAULT 0 NOT NULL, 
	valid_until DATE, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	notes TEXT, 
	custom JSONB DEFAULT '{}'::jsonb NOT NULL, 
	custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == "string")')::text)), '[]')) STORED, 
	deleted_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_quote PRIMARY KEY (id), 
	CONSTRAINT ck_quote_state CHECK (state IN ('draft', 'sent', 'accepted', 'declined', 'expired', 'withdrawn')), 
	CONSTRAINT ck_quote_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_quote_number CHECK ((state = 'draft') = (number IS NULL)), 
	CONSTRAINT ck_quote_deleted_at CHECK (deleted_at IS NULL OR number IS NULL), 
	CONSTRAINT fk_quote_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_quote_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_quote_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE SET NULL, 
	CONSTRAINT fk_quote_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id)
);
CREATE INDEX ix_quote_account_id ON quote (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_quote_changed ON quote (updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_quote_contact_id ON quote (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_quote_custom ON quote USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL;
CREATE INDEX ix_quote_custom_find ON quote USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL;
CREATE INDEX ix_quote_deal_id ON quote (deal_id) WHERE deal_id IS NOT NULL;
CREATE INDEX ix_quote_deleted_at ON quote (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_quote_east_asian ON quote USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS NULL;
CREATE INDEX ix_quote_find ON quote USING gin (name_fold ext.gin_trgm_ops, number_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL;
CREATE INDEX ix_quote_list ON quote (name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_quote_own ON quote (owner_id, name_fold, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_quote_state ON quote (state, valid_until, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_quote_number ON quote (number) WHERE number IS NOT NULL;
CREATE TABLE terms_withdrawal (
	id UUID DEFAULT uuidv7() NOT NULL, 
	terms_id UUID NOT NULL, 
	withdrawn_by UUID NOT NULL, 
	reason TEXT NOT NULL, 
	facts JSONB DEFAULT '{}'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_terms_withdrawal PRIMARY KEY (id), 
	CONSTRAINT ck_terms_withdrawal_reason CHECK (char_length(reason) BETWEEN 1 AND 1000), 
	CONSTRAINT fk_terms_withdrawal_terms_id FOREIGN KEY(terms_id) REFERENCES agreed_terms (id), 
	CONSTRAINT fk_terms_withdrawal_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES app_user (id)
);
CREATE INDEX ix_terms_withdrawal_withdrawn_by ON terms_withdrawal (withdrawn_by);
CREATE UNIQUE INDEX uq_terms_withdrawal_terms_id ON terms_withdrawal (terms_id);
CREATE TABLE enquiry (
	id UUID DEFAULT uuidv7() NOT NULL, 
	form_id UUID NOT NULL, 
	lead_id UUID, 
	state TEXT NOT NULL, 
	held_for TEXT, 
	said JSONB DEFAULT '{}'::jsonb NOT NULL, 
	mail_norm TEXT, 
	lang TEXT NOT NULL, 
	agreed_to UUID, 
	touch JSONB DEFAULT '{}'::jsonb NOT NULL, 
	address TEXT, 
	nonce TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	wanted TEXT DEFAULT 'never' NOT NULL, 
	confirmed_at TIMESTAMP WITH TIME ZONE, 
	decided_at TIMESTAMP WITH TIME ZONE, 
	reply TEXT, 
	replied_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_enquiry PRIMARY KEY (id), 
	CONSTRAINT ck_enquiry_state CHECK (state IN ('waiting', 'held', 'taken', 'discarded')), 
	CONSTRAINT ck_enquiry_held_for CHECK (held_for IN ('trap', 'no_stamp', 'fast', 'old', 'replayed', 'often', 'links', 'refused', 'unconfirmed', 'letters')), 
	CONSTRAINT ck_enquiry_wanted CHECK (wanted IN ('never', 'before', 'after')), 
	CONSTRAINT ck_enquiry_held CHECK (state <> 'held' OR held_for IS NOT NULL), 
	CONSTRAINT ck_enquiry_reply CHECK ((reply IS NULL) = (replied_at IS NULL)), 
	CONSTRAINT fk_enquiry_form_id FOREIGN KEY(form_id) REFERENCES web_form (id), 
	CONSTRAINT fk_enquiry_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON DELETE CASCADE, 
	CONSTRAINT fk_enquiry_agreed_to FOREIGN KEY(agreed_to) REFERENCES consent_wording (id)
);
CREATE INDEX ix_enquiry_lead_id ON enquiry (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX ix_enquiry_mail_norm ON enquiry (mail_norm, created_at) WHERE mail_norm IS NOT NULL;
CREATE INDEX ix_enquiry_state ON enquiry (state, created_at DESC, id DESC);
CREATE UNIQUE INDEX uq_enquiry_once ON enquiry (form_id, nonce, fingerprint);
CREATE TABLE lead_chance (
	lead_id UUID NOT NULL, 
	model_id UUID NOT NULL, 
	chance INTEGER NOT NULL, 
	why JSONB DEFAULT '[]'::jsonb NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_lead_chance PRIMARY KEY (lead_id), 
	CONSTRAINT ck_lead_chance_chance CHECK (chance BETWEEN 0 AND 100), 
	CONSTRAINT fk_lead_chance_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON DELETE CASCADE, 
	CONSTRAINT fk_lead_chance_model_id FOREIGN KEY(model_id) REFERENCES lead_model (id) ON DELETE CASCADE
);
CREATE INDEX ix_lead_chance_chance ON lead_chance (chance DESC, lead_id);
CREATE INDEX ix_lead_chance_model_id ON lead_chance (model_id);
CREATE TABLE lead_score (
	lead_id UUID NOT NULL, 
	score INTEGER NOT NULL, 
	why JSONB DEFAULT '[]'::jsonb NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_lead_score PRIMARY KEY (lead_id), 
	CONSTRAINT fk_lead_score_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON DELETE CASCADE
);
CREATE INDEX ix_lead_score_score ON lead_score (score DESC, lead_id);
CREATE TABLE mail_attachment (
	id UUID DEFAULT uuidv7() NOT NULL, 
	message_id UUID NOT NULL, 
	position SMALLINT DEFAULT 0 NOT NULL, 
	name TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	sha256 TEXT NOT NULL, 
	mimetype TEXT NOT NULL, 
	stored_key TEXT NOT NULL, 
	contact_id UUID, 
	other_mail TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	CONSTRAINT pk_mail_attachment PRIMARY KEY (id), 
	CONSTRAINT ck_mail_attachment_name CHECK (char_length(name) BETWEEN 1 AND 255), 
	CONSTRAINT ck_mail_attachment_size CHECK (size > 0), 
	CONSTRAINT fk_mail_attachment_message_id FOREIGN KEY(message_id) REFERENCES mail_message (id) ON DELETE CASCADE, 
	CONSTRAINT uq_mail_attachment_stored_key UNIQUE (stored_key), 
	CONSTRAINT fk_mail_attachment_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id)
);
CREATE INDEX ix_mail_attachment_contact_id ON mail_attachment (contact_id, sha256) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_mail_attachment_message_id ON mail_attachment (message_id, position);
CREATE TABLE mail_copy (
	id UUID DEFAULT uuidv7() NOT NULL, 
	message_id UUID NOT NULL, 
	user_id UUID, 
	mailbox_id UUID, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_mail_copy PRIMARY KEY (id), 
	CONSTRAINT fk_mail_copy_message_id FOREIGN KEY(message_id) REFERENCES mail_message (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mail_copy_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX ix_mail_copy_user_id ON mail_copy (user_id);
CREATE UNIQUE INDEX uq_mail_copy_message ON mail_copy (message_id, user_id, mailbox_id) NULLS NOT DISTINCT;
CREATE TABLE quote_version (
	id UUID DEFAULT uuidv7() NOT NULL, 
	quote_id UUID NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT DEFAULT 'draft' NOT NULL, 
	language TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	rate NUMERIC(20, 10) DEFAULT 1 NOT NULL, 
	rate_on DATE, 
	gross BOOLEAN DEFAULT false NOT NULL, 
	relief TEXT, 
	valid_until DATE, 
	subject TEXT, 
	intro TEXT, 
	closing TEXT, 
	terms TEXT, 
	net NUMERIC(18, 4) DEFAULT 0 NOT NULL, 
	total NUMERIC(18, 4) DEFAULT 0 NOT NULL, 
	taxes JSONB DEFAULT '[]'::jsonb NOT NULL, 
	customer JSONB DEFAULT '{}'::jsonb NOT NULL, 
	answers_for JSONB DEFAULT '{}'::jsonb NOT NULL, 
	token TEXT, 
	proof TEXT, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	sent_by UUID, 
	approved_at TIMESTAMP WITH TIME ZONE, 
	approved_by UUID, 
	chosen JSONB DEFAULT '[]'::jsonb NOT NULL, 
	accepted_total NUMERIC(18, 4), 
	decided_at TIMESTAMP WITH TIME ZONE, 
	decided_name TEXT, 
	decided_from TEXT, 
	decided_note TEXT, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	created_by UUID, 
	updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_quote_version PRIMARY KEY (id), 
	CONSTRAINT ck_quote_version_state CHECK (state IN ('draft', 'sent', 'accepted', 'declined', 'expired', 'withdrawn', 'superseded')), 
	CONSTRAINT ck_quote_version_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT ck_quote_version_rate CHECK (rate > 0), 
	CONSTRAINT ck_quote_version_relief CHECK (relief IN ('E', 'AE')), 
	CONSTRAINT ck_quote_version_number CHECK (number > 0), 
	CONSTRAINT ck_quote_version_token CHECK ((state = 'draft') = (token IS NULL) AND (token IS NULL) = (proof IS NULL)), 
	CONSTRAINT ck_quote_version_sent CHECK (state = 'draft' OR (valid_until IS NOT NULL AND sent_at IS NOT NULL)), 
	CONSTRAINT ck_quote_version_decided CHECK (state NOT IN ('accepted', 'declined') OR decided_at IS NOT NULL), 
	CONSTRAINT uq_quote_version_quote_id_number UNIQUE (quote_id, number), 
	CONSTRAINT fk_quote_version_quote_id FOREIGN KEY(quote_id) REFERENCES quote (id) ON DELETE CASCADE
);
CREATE INDEX ix_quote_version_sent_by ON quote_version (sent_by, sent_at) WHERE sent_by IS NOT NULL;
CREATE INDEX ix_quote_version_valid_until ON quote_version (valid_until) WHERE state = 'sent';
CREATE UNIQUE INDEX uq_quote_version_current ON quote_version (quote_id) WHERE state IN ('sent', 'accepted');
CREATE UNIQUE INDEX uq_quote_version_draft ON quote_version (quote_id) WHERE state = 'draft';
CREATE UNIQUE INDEX uq_quote_version_proof ON quote_version (proof) WHERE proof IS NOT NULL;
CREATE UNIQUE INDEX uq_quote_version_token ON quote_version (token) WHERE token IS NOT NULL;
CREATE TABLE work_report_line (
	id UUID DEFAULT uuidv7() NOT NULL, 
	report_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	section TEXT NOT NULL, 
	what TEXT NOT NULL, 
	account_id UUID, 
	contact_id UUID, 
	deal_id UUID, 
	quote_id UUID, 
	lead_id UUID, 
	stage_id UUID, 
	at TIMESTAMP WITH TIME ZONE, 
	due_on DATE, 
	words TEXT, 
	amount NUMERIC(18, 4), 
	currency TEXT, 
	CONSTRAINT pk_work_report_line PRIMARY KEY (id), 
	CONSTRAINT ck_work_report_line_section CHECK (section IN ('contacts', 'promises', 'deals', 'quotes', 'leads', 'next')), 
	CONSTRAINT ck_work_report_line_what CHECK (what IN ('call', 'mail', 'message', 'visit', 'meeting', 'task', 'promise', 'made', 'kept', 'broken', 'new', 'moved', 'won', 'lost', 'sent', 'accepted', 'converted', 'step')), 
	CONSTRAINT ck_work_report_line_currency CHECK (currency ~ '^[A-Z]{3}$'), 
	CONSTRAINT fk_work_report_line_report_id FOREIGN KEY(report_id) REFERENCES work_report (id) ON DELETE CASCADE, 
	CONSTRAINT fk_work_report_line_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_work_report_line_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), 
	CONSTRAINT fk_work_report_line_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE, 
	CONSTRAINT fk_work_report_line_quote_id FOREIGN KEY(quote_id) REFERENCES quote (id) ON DELETE CASCADE, 
	CONSTRAINT fk_work_report_line_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON DELETE CASCADE, 
	CONSTRAINT fk_work_report_line_stage_id FOREIGN KEY(stage_id) REFERENCES deal_stage (id) ON DELETE SET NULL
);
CREATE INDEX ix_work_report_line_account_id ON work_report_line (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ix_work_report_line_contact_id ON work_report_line (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_work_report_line_deal_id ON work_report_line (deal_id) WHERE deal_id IS NOT NULL;
CREATE INDEX ix_work_report_line_lead_id ON work_report_line (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX ix_work_report_line_quote_id ON work_report_line (quote_id) WHERE quote_id IS NOT NULL;
CREATE INDEX ix_work_report_line_report_id ON work_report_line (report_id, position);
CREATE INDEX ix_work_report_line_stage_id ON work_report_line (stage_id) WHERE stage_id IS NOT NULL;
CREATE TABLE quote_line (
	id UUID DEFAULT uuidv7() NOT NULL, 
	version_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	kind TEXT DEFAULT 'item' NOT NULL, 
	choice TEXT DEFAULT '' NOT NULL, 
	product_id UUID, 
	sku TEXT, 
	name TEXT NOT NULL, 
	description TEXT, 
	quantity NUMERIC(18, 3), 
	unit TEXT, 
	unit_price NUMERIC(18, 4), 
	list_price NUMERIC(18, 4), 
	is_own BOOLEAN DEFAULT false NOT NULL, 
	reasons JSONB DEFAULT '[]'::jsonb NOT NULL, 
	discount NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
	tax_code_id UUID, 
	tax_name TEXT, 
	tax_percent NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
	tax_category TEXT, 
	amount NUMERIC(18, 4), 
	cost NUMERIC(18, 4), 
	parts JSONB DEFAULT '[]'::jsonb NOT NULL, 
	CONSTRAINT pk_quote_line PRIMARY KEY (id), 
	CONSTRAINT ck_quote_line_kind CHECK (kind IN ('item', 'section', 'text')), 
	CONSTRAINT ck_quote_line_choice CHECK (choice IN ('', 'optional', 'alternative')), 
	CONSTRAINT ck_quote_line_discount CHECK (discount BETWEEN 0 AND 100), 
	CONSTRAINT ck_quote_line_tax_category CHECK (tax_category IN ('S', 'Z', 'E', 'AE')), 
	CONSTRAINT ck_quote_line_quantity CHECK (quantity > 0), 
	CONSTRAINT ck_quote_line_unit_price CHECK (unit_price >= 0), 
	CONSTRAINT ck_quote_line_item CHECK ((kind = 'item') = (quantity IS NOT NULL AND unit_price IS NOT NULL AND amount IS NOT NULL)), 
	CONSTRAINT fk_quote_line_version_id FOREIGN KEY(version_id) REFERENCES quote_version (id) ON DELETE CASCADE, 
	CONSTRAINT fk_quote_line_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE SET NULL, 
	CONSTRAINT fk_quote_line_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id) ON DELETE SET NULL
);
CREATE INDEX ix_quote_line_product_id ON quote_line (product_id) WHERE product_id IS NOT NULL;
CREATE INDEX ix_quote_line_version_id ON quote_line (version_id, position);
CREATE TRIGGER audit_insert AFTER INSERT ON approval_clock REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON approval_clock REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON approval_clock REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
REVOKE UPDATE, DELETE ON audit_chain FROM r_{schema};
REVOKE UPDATE, DELETE ON audit_entry FROM r_{schema};
REVOKE INSERT ON audit_entry FROM r_{schema};
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry EXECUTE FUNCTION ext.refuse_change();
REVOKE UPDATE, DELETE ON audit_redaction FROM r_{schema};
CREATE TRIGGER audit_insert AFTER INSERT ON competitor REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON competitor REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON competitor REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON consent_purpose REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON consent_purpose REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON consent_purpose REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON contact_plan REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON contact_plan REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON contact_plan REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON credit_rule REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON credit_rule REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON credit_rule REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON currency REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON currency REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON currency REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON custom_field REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON custom_field REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON custom_field REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON exchange_rate REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON exchange_rate REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON exchange_rate REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON export_run REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('filters');
CREATE TRIGGER audit_update AFTER UPDATE ON export_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('filters');
CREATE TRIGGER audit_delete AFTER DELETE ON export_run REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('filters');
REVOKE UPDATE, DELETE ON export_run FROM r_{schema};
REVOKE UPDATE, DELETE ON fact FROM r_{schema};
CREATE TRIGGER audit_insert AFTER INSERT ON lead_assignment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON lead_assignment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON lead_assignment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON lead_clock REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON lead_clock REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON lead_clock REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON lead_rule REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON lead_rule REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON lead_rule REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON loss_reason REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON loss_reason REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON loss_reason REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mail_rules REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON mail_rules REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON mail_rules REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mail_template REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON mail_template REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON mail_template REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mail_wish REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('address_hash');
CREATE TRIGGER audit_update AFTER UPDATE ON mail_wish REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('address_hash');
CREATE TRIGGER audit_delete AFTER DELETE ON mail_wish REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('address_hash');
CREATE TRIGGER audit_insert AFTER INSERT ON pipeline REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON pipeline REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON pipeline REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON pool_rules REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON pool_rules REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON pool_rules REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON product_category REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON product_category REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON product_category REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON product_unit REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON product_unit REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON product_unit REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON report_rules REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON report_rules REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON report_rules REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON retention REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON retention REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON retention REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON role REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON role REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON role REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
REVOKE INSERT, UPDATE, DELETE ON schema_version FROM r_{schema};
CREATE TRIGGER audit_insert AFTER INSERT ON sign_in_rules REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON sign_in_rules REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON sign_in_rules REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON starter_set REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON starter_set REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON starter_set REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON suppression REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('mail_hash');
CREATE TRIGGER audit_update AFTER UPDATE ON suppression REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('mail_hash');
CREATE TRIGGER audit_delete AFTER DELETE ON suppression REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('mail_hash');
CREATE TRIGGER audit_insert AFTER INSERT ON tag REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON tag REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON tag REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON tax_code REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON tax_code REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON tax_code REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON team REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON team REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON team REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON tier_discount REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON tier_discount REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON tier_discount REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON app_user REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('password_hash');
CREATE TRIGGER audit_update AFTER UPDATE ON app_user REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('password_hash');
CREATE TRIGGER audit_delete AFTER DELETE ON app_user REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('password_hash');
CREATE TRIGGER audit_insert AFTER INSERT ON approval_limit REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON approval_limit REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON approval_limit REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
REVOKE UPDATE, DELETE ON consent_wording FROM r_{schema};
CREATE TRIGGER audit_insert AFTER INSERT ON deal_stage REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON deal_stage REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON deal_stage REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
REVOKE UPDATE, DELETE ON fact_subject FROM r_{schema};
CREATE TRIGGER audit_insert AFTER INSERT ON identity_provider REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('client_secret', 'discovery');
CREATE TRIGGER audit_update AFTER UPDATE ON identity_provider REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('client_secret', 'discovery');
CREATE TRIGGER audit_delete AFTER DELETE ON identity_provider REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('client_secret', 'discovery');
CREATE TRIGGER audit_insert AFTER INSERT ON lead_model_use REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON lead_model_use REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON lead_model_use REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mailing REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON mailing REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON mailing REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON pipeline_team REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON pipeline_team REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON pipeline_team REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON print_template REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON print_template REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON print_template REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON tax_rate REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON tax_rate REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON tax_rate REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON absence REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON absence REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON absence REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON account REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON account REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON account REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER a_tags_insert BEFORE INSERT ON account FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER a_tags_update BEFORE UPDATE ON account FOR EACH ROW WHEN (NEW.tags <> '{}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)) EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER audit_insert AFTER INSERT ON api_token REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('token_hash');
CREATE TRIGGER audit_update AFTER UPDATE ON api_token REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('token_hash');
CREATE TRIGGER audit_delete AFTER DELETE ON api_token REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('token_hash');
CREATE TRIGGER audit_insert AFTER INSERT ON approval REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON approval REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON approval REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON attachment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON attachment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON attachment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON bulk_edit REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('wanted', 'back');
CREATE TRIGGER audit_update AFTER UPDATE ON bulk_edit REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('wanted', 'back');
CREATE TRIGGER audit_delete AFTER DELETE ON bulk_edit REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('wanted', 'back');
CREATE TRIGGER audit_insert AFTER INSERT ON comment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON comment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON comment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON date_reminder REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON date_reminder REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON date_reminder REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON forecast_adjustment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON forecast_adjustment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON forecast_adjustment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON handover_run REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON handover_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON handover_run REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON import_run REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON import_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON import_run REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON invitation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON invitation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON invitation REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mail_change REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON mail_change REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON mail_change REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mailbox REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('password', 'secret');
CREATE TRIGGER audit_update AFTER UPDATE ON mailbox REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('password', 'secret');
CREATE TRIGGER audit_delete AFTER DELETE ON mailbox REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('password', 'secret');
CREATE TRIGGER audit_insert AFTER INSERT ON merge_run REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('fields', 'losers', 'strict');
CREATE TRIGGER audit_update AFTER UPDATE ON merge_run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('fields', 'losers', 'strict');
CREATE TRIGGER audit_delete AFTER DELETE ON merge_run REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('fields', 'losers', 'strict');
CREATE TRIGGER audit_insert AFTER INSERT ON notification_setting REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON notification_setting REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON notification_setting REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON passkey REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('credential_id', 'public_key', 'sign_count', 'last_used_at');
CREATE TRIGGER audit_update AFTER UPDATE ON passkey REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('credential_id', 'public_key', 'sign_count', 'last_used_at');
CREATE TRIGGER audit_delete AFTER DELETE ON passkey REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('credential_id', 'public_key', 'sign_count', 'last_used_at');
CREATE TRIGGER audit_insert AFTER INSERT ON reach_mark REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON reach_mark REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON reach_mark REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON record_share REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON record_share REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON record_share REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON sales_target REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON sales_target REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON sales_target REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON saved_view REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON saved_view REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON saved_view REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON second_step REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('secret', 'last_step', 'recovery_hashes');
CREATE TRIGGER audit_update AFTER UPDATE ON second_step REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('secret', 'last_step', 'recovery_hashes');
CREATE TRIGGER audit_delete AFTER DELETE ON second_step REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('secret', 'last_step', 'recovery_hashes');
CREATE TRIGGER audit_insert AFTER INSERT ON subject_request REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('who', 'mail', 'also', 'identity', 'outcome', 'proof', 'file_key');
CREATE TRIGGER audit_update AFTER UPDATE ON subject_request REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('who', 'mail', 'also', 'identity', 'outcome', 'proof', 'file_key');
CREATE TRIGGER audit_delete AFTER DELETE ON subject_request REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('who', 'mail', 'also', 'identity', 'outcome', 'proof', 'file_key');
CREATE TRIGGER audit_insert AFTER INSERT ON tag_change REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON tag_change REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON tag_change REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON team_member REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON team_member REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON team_member REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON user_identity REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON user_identity REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON user_identity REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON user_role REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON user_role REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON user_role REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON user_skill REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON user_skill REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON user_skill REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON web_form REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON web_form REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON web_form REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON work_report REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('words');
CREATE TRIGGER audit_update AFTER UPDATE ON work_report REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('words');
CREATE TRIGGER audit_delete AFTER DELETE ON work_report REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('words');
CREATE TRIGGER audit_insert AFTER INSERT ON contact REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON contact REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON contact REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER restricted BEFORE UPDATE ON contact FOR EACH ROW WHEN (OLD.restricted_at IS NOT NULL AND NEW.restricted_at IS NOT NULL AND (OLD.name, OLD.how_to_address, OLD.job_title, OLD.mail, OLD.phone, OLD.mobile, OLD.birthday, OLD.language, OLD.preferred_channel, OLD.preferred_hours, OLD.timezone, OLD.notes, OLD.tags, OLD.source, OLD.custom, OLD.birthday_source, OLD.birthday_noted_on, OLD.birthday_noted_by, OLD.language_source, OLD.language_noted_on, OLD.language_noted_by, OLD.preferred_channel_source, OLD.preferred_channel_noted_on, OLD.preferred_channel_noted_by, OLD.preferred_hours_source, OLD.preferred_hours_noted_on, OLD.preferred_hours_noted_by) IS DISTINCT FROM (NEW.name, NEW.how_to_address, NEW.job_title, NEW.mail, NEW.phone, NEW.mobile, NEW.birthday, NEW.language, NEW.preferred_channel, NEW.preferred_hours, NEW.timezone, NEW.notes, NEW.tags, NEW.source, NEW.custom, NEW.birthday_source, NEW.birthday_noted_on, NEW.birthday_noted_by, NEW.language_source, NEW.language_noted_on, NEW.language_noted_by, NEW.preferred_channel_source, NEW.preferred_channel_noted_on, NEW.preferred_channel_noted_by, NEW.preferred_hours_source, NEW.preferred_hours_noted_on, NEW.preferred_hours_noted_by)) EXECUTE FUNCTION ext.refuse_restricted();
CREATE TRIGGER a_tags_insert BEFORE INSERT ON contact FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER a_tags_update BEFORE UPDATE ON contact FOR EACH ROW WHEN (NEW.tags <> '{}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)) EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER audit_insert AFTER INSERT ON credit_standing REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON credit_standing REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON credit_standing REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON loyalty_standing REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON loyalty_standing REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON loyalty_standing REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON price_list REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON price_list REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON price_list REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON product REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON product REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON product REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER variant BEFORE INSERT OR UPDATE OF template_id, combination ON product FOR EACH ROW WHEN (NEW.template_id IS NOT NULL) EXECUTE FUNCTION ext.check_variant();
CREATE TRIGGER a_tags_insert BEFORE INSERT ON product FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER a_tags_update BEFORE UPDATE ON product FOR EACH ROW WHEN (NEW.tags <> '{}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)) EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER audit_insert AFTER INSERT ON activity REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON activity REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON activity REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON affiliation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON affiliation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON affiliation REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON agreed_terms REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON agreed_terms REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON agreed_terms REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER fixed BEFORE UPDATE ON agreed_terms FOR EACH ROW WHEN ((OLD.created_at, OLD.created_by, OLD.agreed_by, OLD.payment_days, OLD.discount, OLD.product_id, OLD.price, OLD.currency, OLD.words, OLD.until_on, OLD.facts) IS DISTINCT FROM (NEW.created_at, NEW.created_by, NEW.agreed_by, NEW.payment_days, NEW.discount, NEW.product_id, NEW.price, NEW.currency, NEW.words, NEW.until_on, NEW.facts)) EXECUTE FUNCTION ext.refuse_fixed();
CREATE TRIGGER fixed_kept BEFORE DELETE ON agreed_terms FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed();
REVOKE UPDATE, DELETE ON consent FROM r_{schema};
CREATE TRIGGER audit_insert AFTER INSERT ON contact_point REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON contact_point REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON contact_point REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON deal REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON deal REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON deal REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER a_tags_insert BEFORE INSERT ON deal FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER a_tags_update BEFORE UPDATE ON deal FOR EACH ROW WHEN (NEW.tags <> '{}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)) EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER audit_insert AFTER INSERT ON lawful_basis REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON lawful_basis REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON lawful_basis REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mail_thread REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('subject');
CREATE TRIGGER audit_update AFTER UPDATE ON mail_thread REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('subject');
CREATE TRIGGER audit_delete AFTER DELETE ON mail_thread REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('subject');
CREATE TRIGGER audit_insert AFTER INSERT ON personal_fact REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON personal_fact REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON personal_fact REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON postal_address REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON postal_address REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON postal_address REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON price_list_line REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON price_list_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON price_list_line REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON product_attribute REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON product_attribute REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON product_attribute REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER kept BEFORE INSERT OR DELETE OR UPDATE OF product_id ON product_attribute FOR EACH ROW EXECUTE FUNCTION ext.keep_attribute();
CREATE TRIGGER audit_insert AFTER INSERT ON product_part REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON product_part REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON product_part REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON product_relation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON product_relation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON product_relation REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON activity_guest REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('mail');
CREATE TRIGGER audit_update AFTER UPDATE ON activity_guest REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('mail');
CREATE TRIGGER audit_delete AFTER DELETE ON activity_guest REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('mail');
CREATE TRIGGER audit_insert AFTER INSERT ON activity_participant REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON activity_participant REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON activity_participant REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON deal_competitor REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON deal_competitor REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON deal_competitor REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON deal_line REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON deal_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON deal_line REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON deal_member REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON deal_member REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON deal_member REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER shares AFTER INSERT OR UPDATE OF credit, deal_id ON deal_member FOR EACH ROW WHEN (NEW.credit > 0) EXECUTE FUNCTION ext.check_shares();
CREATE TRIGGER audit_insert AFTER INSERT ON lead REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON lead REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON lead REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER a_tags_insert BEFORE INSERT ON lead FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER a_tags_update BEFORE UPDATE ON lead FOR EACH ROW WHEN (NEW.tags <> '{}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)) EXECUTE FUNCTION ext.settle_tags();
CREATE TRIGGER audit_insert AFTER INSERT ON mail_link REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON mail_link REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON mail_link REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON mail_message REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('subject', 'body', 'quoted', 'from_mail', 'from_name', 'to_list', 'cc_list', 'bcc_list', 'other_mail', 'refs', 'in_reply_to', 'message_id', 'identity', 'said_fold');
CREATE TRIGGER audit_update AFTER UPDATE ON mail_message REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('subject', 'body', 'quoted', 'from_mail', 'from_name', 'to_list', 'cc_list', 'bcc_list', 'other_mail', 'refs', 'in_reply_to', 'message_id', 'identity', 'said_fold');
CREATE TRIGGER audit_delete AFTER DELETE ON mail_message REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('subject', 'body', 'quoted', 'from_mail', 'from_name', 'to_list', 'cc_list', 'bcc_list', 'other_mail', 'refs', 'in_reply_to', 'message_id', 'identity', 'said_fold');
CREATE TRIGGER audit_insert AFTER INSERT ON product_attribute_value REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON product_attribute_value REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON product_attribute_value REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER kept BEFORE DELETE OR UPDATE OF attribute_id ON product_attribute_value FOR EACH ROW EXECUTE FUNCTION ext.keep_attribute();
CREATE TRIGGER audit_insert AFTER INSERT ON quote REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON quote REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON quote REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_insert AFTER INSERT ON terms_withdrawal REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON terms_withdrawal REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON terms_withdrawal REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER fixed BEFORE UPDATE ON terms_withdrawal FOR EACH ROW WHEN ((OLD.created_at, OLD.created_by, OLD.terms_id, OLD.withdrawn_by, OLD.reason, OLD.facts) IS DISTINCT FROM (NEW.created_at, NEW.created_by, NEW.terms_id, NEW.withdrawn_by, NEW.reason, NEW.facts)) EXECUTE FUNCTION ext.refuse_fixed();
CREATE TRIGGER fixed_kept BEFORE DELETE ON terms_withdrawal FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed();
CREATE TRIGGER audit_insert AFTER INSERT ON enquiry REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('said', 'mail_norm', 'touch', 'address');
CREATE TRIGGER audit_update AFTER UPDATE ON enquiry REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('said', 'mail_norm', 'touch', 'address');
CREATE TRIGGER audit_delete AFTER DELETE ON enquiry REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('said', 'mail_norm', 'touch', 'address');
CREATE TRIGGER audit_insert AFTER INSERT ON mail_attachment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('name', 'other_mail');
CREATE TRIGGER audit_update AFTER UPDATE ON mail_attachment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('name', 'other_mail');
CREATE TRIGGER audit_delete AFTER DELETE ON mail_attachment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('name', 'other_mail');
CREATE TRIGGER audit_insert AFTER INSERT ON quote_version REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('token', 'proof');
CREATE TRIGGER audit_update AFTER UPDATE ON quote_version REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('token', 'proof');
CREATE TRIGGER audit_delete AFTER DELETE ON quote_version REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('token', 'proof');
CREATE TRIGGER fixed BEFORE UPDATE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft' AND (NEW.state = 'draft' OR (OLD.quote_id, OLD.number, OLD.language, OLD.currency, OLD.rate, OLD.rate_on, OLD.gross, OLD.relief, OLD.valid_until, OLD.intro, OLD.closing, OLD.terms, OLD.net, OLD.total, OLD.taxes, OLD.customer, OLD.answers_for, OLD.token, OLD.proof, OLD.sent_at, OLD.sent_by, OLD.subject, OLD.approved_at, OLD.approved_by) IS DISTINCT FROM (NEW.quote_id, NEW.number, NEW.language, NEW.currency, NEW.rate, NEW.rate_on, NEW.gross, NEW.relief, NEW.valid_until, NEW.intro, NEW.closing, NEW.terms, NEW.net, NEW.total, NEW.taxes, NEW.customer, NEW.answers_for, NEW.token, NEW.proof, NEW.sent_at, NEW.sent_by, NEW.subject, NEW.approved_at, NEW.approved_by))) EXECUTE FUNCTION ext.refuse_fixed();
CREATE TRIGGER fixed_kept BEFORE DELETE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION ext.refuse_fixed();
CREATE TRIGGER fixed BEFORE UPDATE ON work_report_line FOR EACH ROW WHEN ((OLD.report_id, OLD.section, OLD.what, OLD.at, OLD.due_on, OLD.amount, OLD.currency, OLD.position) IS DISTINCT FROM (NEW.report_id, NEW.section, NEW.what, NEW.at, NEW.due_on, NEW.amount, NEW.currency, NEW.position)) EXECUTE FUNCTION ext.refuse_fixed();
CREATE TRIGGER audit_insert AFTER INSERT ON quote_line REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_update AFTER UPDATE ON quote_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER audit_delete AFTER DELETE ON quote_line REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture();
CREATE TRIGGER fixed BEFORE INSERT OR UPDATE OR DELETE ON quote_line FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed_line()
