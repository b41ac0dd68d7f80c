#!/bin/bash
# Configures the programs of the npm package with the variables of the official image, like its entry point.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  eval "initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile='$POSTGRES_PASSWORD_FILE' $POSTGRES_INITDB_ARGS" > /dev/null
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  printf "listen_addresses = '*'\nunix_socket_directories = '/run/postgresql'\n" >> "$PGDATA/postgresql.conf"
  pg_ctl --pgdata="$PGDATA" --wait --silent --options="-c listen_addresses=''" start > /dev/null
  psql --host=/run/postgresql --username=postgres --quiet --command="create database $POSTGRES_DB"
  pg_ctl --pgdata="$PGDATA" --wait --silent --mode=fast stop
fi
exec "$@"
