#!/bin/bash
# Runs once, when compose.yaml's PostgreSQL makes its cluster: the two login roles with their passwords. Attributes
# are those of tenants/cluster.py, which finds the roles and leaves them. Passwords are read by the server itself
# as the superuser, so that none stands in a command line.
# Not run where this was written (no container runtime); tests/infra/test_deploy.py plays its SQL on a real server.
set -euo pipefail
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set app `cat /run/secrets/app_password`
\set owner `cat /run/secrets/owner_password`
CREATE ROLE tendero_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE ROLE tendero_app LOGIN NOINHERIT PASSWORD :'app';
SQL
