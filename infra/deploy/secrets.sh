#!/bin/sh
# Makes the secrets of compose.yaml in the folder `secrets` beside it (or in the folder given), once; what exists is kept, never overwritten.
# Run as root: each file is given to the user that reads it (10001 is the image's, see Dockerfile).
# Checked by tests/infra/test_deploy.py, which runs it.
set -eu
folder="${1:-$(dirname "$0")/secrets}"
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

random() { od -An -tx1 -N32 /dev/urandom | tr -d ' \n'; }

keep() { # name owner: standard input becomes the secret, unless there is one
    [ -s "$folder/$1" ] && { cat >/dev/null; return; }
    cat >"$folder/$1.new"
    [ "$(id -u)" != 0 ] || chown "$2" "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
}

# MASTER_KEY opens data at rest: lose it and they are lost. Keep a copy away from the backups.
random | keep secret_key 10001
random | keep master_key 10001
random | keep postgres_password 999
random | keep app_password 999
random | keep owner_password 999
# libpq takes passwords from these, so that no address in the environment holds one. Only workers, clock and
# preparation get the owner's: the web process can't change a table.
line() { printf '*:*:*:%s:%s\n' "$1" "$(cat "$folder/$2_password")"; }
{ line tendero_app app; } | keep pgpass_web 10001
{ line tendero_app app; line tendero_owner owner; } | keep pgpass_workers 10001
{ line tendero_app app; line tendero_owner owner; line postgres postgres; } | keep pgpass_prepare 10001
