#!/bin/sh
# The entry point of the service `postgres` in compose/stack.yml: makes the database folder once, then serves it. A start that was
# interrupted leaves data.new, which the next one makes again.
set -eu
home=/var/lib/iceworthy/postgres
if [ ! -d "$home/data" ]; then
  rm -rf "$home/data.new"
  umask 077
  printf '%s' "$ICEWORTHY_DB_PASSWORD" > "$home/password"
  initdb -D "$home/data.new" -U iceworthy --encoding=UTF8 --locale=C --auth=scram-sha-256 --pwfile="$home/password" --no-sync
  rm "$home/password"
  echo 'host all all all scram-sha-256' >> "$home/data.new/pg_hba.conf"
  quoted=$(printf '%s' "$ICEWORTHY_DB_PASSWORD" | sed "s/'/''/g")
  printf "CREATE ROLE catalog LOGIN PASSWORD '%s';\n\nCREATE DATABASE catalog OWNER catalog;\n\n" "$quoted" |
    postgres --single -D "$home/data.new" -c exit_on_error=true -j postgres
  mv "$home/data.new" "$home/data"
fi
exec postgres -D "$home/data" -h 0.0.0.0 -k '' -c max_connections=300 -c wal_level=replica -c max_wal_senders=2
