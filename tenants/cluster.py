"""A PostgreSQL cluster made ready for tenants: roles, extensions, functions, hardening (TENANCY 5).

Needs a superuser once per cluster and after each major upgrade; safe to repeat.
"""

import psycopg

ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tendero_owner') THEN CREATE ROLE tendero_owner LOGIN CREATEROLE; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tendero_app') THEN CREATE ROLE tendero_app LOGIN NOINHERIT; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tendero_control') THEN CREATE ROLE tendero_control NOLOGIN; END IF;
END $$;
GRANT tendero_control TO tendero_app WITH INHERIT FALSE, SET TRUE;
GRANT tendero_app TO tendero_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
"""

SCHEMAS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS ext AUTHORIZATION tendero_owner;
GRANT USAGE ON SCHEMA ext TO PUBLIC;
CREATE SCHEMA IF NOT EXISTS control AUTHORIZATION tendero_owner;
GRANT USAGE ON SCHEMA control TO tendero_control;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ext;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA ext;
-- What takes a hundred times what comparing two texts takes. PostgreSQL believes it costs the same, and reads tables whole instead of asking the index.
ALTER FUNCTION ext.similarity(text, text) COST 100; ALTER FUNCTION ext.similarity_op(text, text) COST 100; ALTER FUNCTION ext.word_similarity(text, text) COST 100;
ALTER FUNCTION ext.word_similarity_op(text, text) COST 100; ALTER FUNCTION ext.word_similarity_commutator_op(text, text) COST 100;
ALTER FUNCTION pg_catalog.regexp_replace(text, text, text, text) COST 100;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO tendero_owner', current_database()); END $$;
ALTER DEFAULT PRIVILEGES FOR ROLE tendero_owner IN SCHEMA control GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO tendero_control;
"""

# `set_config` inside an expression and the XML functions run other statements: an injection would climb out by them.
HARDENING = """
DO $$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN
    ('set_config', 'query_to_xml', 'query_to_xmlschema', 'query_to_xml_and_xmlschema', 'table_to_xml', 'table_to_xmlschema',
     'table_to_xml_and_xmlschema', 'schema_to_xml', 'schema_to_xmlschema', 'schema_to_xml_and_xmlschema', 'database_to_xml',
     'database_to_xmlschema', 'database_to_xml_and_xmlschema', 'cursor_to_xml', 'cursor_to_xmlschema')
  LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f); END LOOP;
END $$;
"""

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION ext.immutable_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN ext.unaccent('ext.unaccent'::regdictionary, $1);

-- Of every syllable of Hangul its first consonant, by which Koreans look names up (김철수 is ㄱㅊㅅ).
CREATE OR REPLACE FUNCTION ext.initials(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN (
  SELECT string_agg(CASE WHEN ascii(one) BETWEEN 44032 AND 55203 THEN substr('ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ', (ascii(one) - 44032) / 588 + 1, 1) ELSE one END, '' ORDER BY n)
    FROM unnest(string_to_array($1, NULL)) WITH ORDINALITY AS c(one, n));

CREATE OR REPLACE FUNCTION ext.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- ext.redact takes values away for a person's erasure; nobody else can write here at all.
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_entry' AND current_setting('tendero.redacting', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION ext.audit_capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who uuid := nullif(current_setting('tendero.actor', true), '')::uuid;
  secret text[] := coalesce(TG_ARGV, '{}');  -- without arguments it is NULL, and so would be a deleted row less its secrets
  target text := format('INSERT INTO %I.audit_entry (actor_id, table_name, row_id, action, changes) ', TG_TABLE_SCHEMA);
BEGIN
  IF TG_OP = 'INSERT' THEN
    EXECUTE target || 'SELECT $1, $2, id, ''insert'', NULL FROM new_rows' USING who, TG_TABLE_NAME::text;
  ELSIF TG_OP = 'DELETE' THEN
    EXECUTE target || 'SELECT $1, $2, id, ''delete'', to_jsonb(o) - $3 FROM old_rows o' USING who, TG_TABLE_NAME::text, secret;
  ELSE
    EXECUTE target || 'SELECT $1, $2, n.id, ''update'', d.changes FROM new_rows n JOIN old_rows o ON o.id = n.id
      CROSS JOIN LATERAL (SELECT jsonb_object_agg(v.key, CASE WHEN v.key = ANY($3) THEN ''["***", "***"]''::jsonb
          ELSE jsonb_build_array(to_jsonb(o) -> v.key, v.value) END) AS changes
        FROM jsonb_each(to_jsonb(n)) v
        WHERE v.key NOT IN (''version'', ''updated_at'') AND v.value IS DISTINCT FROM to_jsonb(o) -> v.key) d
      WHERE d.changes IS NOT NULL' USING who, TG_TABLE_NAME::text, secret;
  END IF;
  RETURN NULL;
END $$;

-- Takes values away from rows that nobody may change, in the caller's own schema and only these columns: an audit entry keeps its
-- fields and shows *** in place of values, a fact keeps its parameters' names, a line of the consent ledger loses whose proof it was.
CREATE OR REPLACE FUNCTION ext.redact(rel text, key uuid, kept jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE home text := substr(current_setting('role'), 3); before jsonb; hidden jsonb[] := ARRAY['"***"', '["***", "***"]']::jsonb[];
BEGIN
  IF rel NOT IN ('audit_entry', 'fact', 'export_run', 'consent') OR current_setting('role') <> 'r_' || home THEN
    RAISE EXCEPTION 'nothing to redact there' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF rel = 'consent' THEN
    EXECUTE format('UPDATE %I.consent SET proof = NULL, ip = NULL, address_hash = NULL, erased = true WHERE id = $1', home) USING key;
    RETURN;
  END IF;
  EXECUTE format('SELECT %I FROM %I.%I WHERE id = $1', CASE rel WHEN 'audit_entry' THEN 'changes' WHEN 'fact' THEN 'params' ELSE 'filters' END, home, rel) INTO before USING key;
  IF EXISTS (SELECT FROM jsonb_each(before) o FULL JOIN jsonb_each(kept) n ON n.key = o.key WHERE o.key IS NULL OR n.key IS NULL
      OR (rel = 'audit_entry' AND n.value <> o.value AND NOT n.value = ANY(hidden))) THEN
    RAISE EXCEPTION 'a redaction only takes away' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SET LOCAL tendero.redacting = 'on';
  EXECUTE format('UPDATE %I.%I SET %I = $2 WHERE id = $1', home, rel, CASE rel WHEN 'audit_entry' THEN 'changes' WHEN 'fact' THEN 'params' ELSE 'filters' END) USING key, kept;
  SET LOCAL tendero.redacting = '';
END $$;

CREATE OR REPLACE FUNCTION ext.refuse_restricted() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN RAISE EXCEPTION 'processing of this person is restricted' USING ERRCODE = 'insufficient_privilege'; END $$;

-- A version of a quote that was sent says what it said for good, and so do its lines; only a person's erasure takes words out of it.
CREATE OR REPLACE FUNCTION ext.refuse_fixed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('tendero.redacting', true) = 'on' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'what was sent is not changed' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION ext.refuse_fixed_line() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE fixed boolean; old_key uuid := CASE WHEN TG_OP <> 'INSERT' THEN OLD.version_id END; new_key uuid := CASE WHEN TG_OP <> 'DELETE' THEN NEW.version_id END;
BEGIN
  IF TG_OP <> 'UPDATE' OR current_setting('tendero.redacting', true) IS DISTINCT FROM 'on' THEN
    EXECUTE format('SELECT bool_or(state <> ''draft'') FROM %I.quote_version WHERE id IN ($1, $2)', TG_TABLE_SCHEMA) INTO fixed USING old_key, new_key;
    IF fixed THEN RAISE EXCEPTION 'what was sent is not changed' USING ERRCODE = 'insufficient_privilege'; END IF;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

-- A variant has one value of each attribute of its template, in the order of their keys; a template is no variant, and a variant has none.
CREATE OR REPLACE FUNCTION ext.check_variant() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE home text := quote_ident(TG_TABLE_SCHEMA); fits boolean;
BEGIN
  EXECUTE 'SELECT EXISTS (SELECT FROM ' || home || '.product WHERE id = $1 AND template_id IS NULL) AND NOT EXISTS (SELECT FROM ' || home || '.product WHERE template_id = $2)
    AND count(*) > 0 AND coalesce(array_agg(v.id ORDER BY v.id) = $3, false) AND count(DISTINCT v.attribute_id) = count(*)
    AND count(*) = (SELECT count(*) FROM ' || home || '.product_attribute WHERE product_id = $1)
    FROM ' || home || '.product_attribute_value v JOIN ' || home || '.product_attribute a ON a.id = v.attribute_id WHERE a.product_id = $1 AND v.id = ANY ($3)'
    INTO fits USING NEW.template_id, NEW.id, NEW.combination;
  IF NOT fits THEN RAISE EXCEPTION 'a variant has one value of each attribute of its product' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;

-- What variants differ in stays as long as there are variants, those in the recycle bin too.
CREATE OR REPLACE FUNCTION ext.keep_attribute() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE home text := quote_ident(TG_TABLE_SCHEMA); used boolean;
BEGIN
  IF TG_TABLE_NAME = 'product_attribute' THEN
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || home || '.product WHERE template_id IN ($1, $2))' INTO used
      USING CASE WHEN TG_OP <> 'INSERT' THEN OLD.product_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.product_id END;
  ELSE
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || home || '.product p JOIN ' || home || '.product_attribute a ON a.product_id = p.template_id WHERE a.id = $1 AND $2 = ANY (p.combination))' INTO used
      USING OLD.attribute_id, OLD.id;
  END IF;
  IF used THEN RAISE EXCEPTION 'variants have it' USING ERRCODE = 'check_violation'; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

-- The words that a record is tagged with are spelled as the workspace's table of tags says; a word that is new there becomes a row of it,
-- one that is leaving (renamed, merged, deleted) becomes what it becomes. A record out of the recycle bin only makes its words known again.
CREATE OR REPLACE FUNCTION ext.settle_tags() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  home text := quote_ident(TG_TABLE_SCHEMA);
  ask text := 'SELECT coalesce(array_agg(said ORDER BY place) FILTER (WHERE said IS NOT NULL), ''{}''), array_agg(word ORDER BY word) FILTER (WHERE strange)
    FROM (SELECT DISTINCT ON (said) said, word, place, strange
      FROM (SELECT CASE WHEN t.id IS NULL THEN g.word WHEN t.leaving THEN n.name ELSE t.name END AS said, g.word, g.place, t.id IS NULL AS strange
        FROM unnest($1) WITH ORDINALITY AS g (word, place) LEFT JOIN ' || home || '.tag t ON t.name_fold = casefold(normalize(g.word, NFKC))
        LEFT JOIN ' || home || '.tag n ON n.id = t.becomes_id) found
      ORDER BY said, place) each_once';
  settled text[]; strange text[];
BEGIN
  EXECUTE ask INTO settled, strange USING NEW.tags;
  IF strange IS NOT NULL THEN
    EXECUTE 'INSERT INTO ' || home || '.tag (name, created_by) SELECT word, $2 FROM unnest($1) AS g (word) ORDER BY casefold(normalize(word, NFKC)) ON CONFLICT DO NOTHING'
      USING strange, nullif(current_setting('tendero.actor', true), '')::uuid;
    EXECUTE ask INTO settled, strange USING NEW.tags;
  END IF;
  IF TG_OP = 'INSERT' OR NEW.tags IS DISTINCT FROM OLD.tags THEN
    NEW.tags := settled;
  END IF;
  RETURN NEW;
END $$;

-- The shares of a deal's team come to no more than a hundred percent. Whoever changes one holds the deal, so that two at once see one another.
CREATE OR REPLACE FUNCTION ext.check_shares() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  home text := quote_ident(TG_TABLE_SCHEMA);
  given numeric;
BEGIN
  EXECUTE 'SELECT 1 FROM ' || home || '.deal WHERE id = $1 FOR NO KEY UPDATE' USING NEW.deal_id;
  EXECUTE 'SELECT sum(credit) FROM ' || home || '.deal_member WHERE deal_id = $1' INTO given USING NEW.deal_id;
  IF given > 100 THEN
    RAISE EXCEPTION 'the shares of a deal come to % percent', given USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_deal_member_shares';
  END IF;
  RETURN NULL;
END $$;

-- A row of the directory tells its own tenant's audit. A tenant of another cluster has its schema there: its fact alone tells.
CREATE OR REPLACE FUNCTION ext.audit_workspace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who uuid := nullif(current_setting('tendero.actor', true), '')::uuid;
  changes jsonb;
BEGIN
  IF TG_TABLE_SCHEMA <> 'control' OR TG_TABLE_NAME <> 'tenant' THEN
    RAISE EXCEPTION 'only the directory tells of workspaces' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF to_regclass(format('%I.audit_entry', NEW.schema_name)) IS NULL THEN RETURN NULL; END IF;
  SELECT jsonb_object_agg(v.key, jsonb_build_array(to_jsonb(OLD) -> v.key, v.value)) INTO changes FROM jsonb_each(to_jsonb(NEW)) v
    WHERE v.key IN ('name', 'hue', 'locale', 'timezone', 'date_format', 'clock', 'number_format', 'first_day', 'rooms_off') AND v.value IS DISTINCT FROM to_jsonb(OLD) -> v.key;
  EXECUTE format('INSERT INTO %I.audit_entry (actor_id, table_name, row_id, action, changes) VALUES ($1, ''workspace'', $2, ''update'', $3)', NEW.schema_name)
    USING who, NEW.id, changes;
  RETURN NULL;
END $$;
"""


def prepare_cluster(admin_url: str) -> None:
    """Make a cluster's database ready, as its superuser. Passwords of the two login roles are the deployer's matter."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for part in (ROLES, SCHEMAS, HARDENING):
            connection.execute(part)
        with connection.transaction():
            connection.execute("SET LOCAL ROLE tendero_owner")
            connection.execute(FUNCTIONS)
