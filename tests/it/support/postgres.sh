#!/usr/bin/env bash
# A private PostgreSQL for tests. Prints its URL in one line, and lives until standard input ends; then nothing of it is left.
# A line `crash SECONDS` there kills it, starts it again so much later, and is answered by `up`.
# Used by `.ci/run` for one whole run, by `postgres.rs` for one process, and by `tests/chaos`.
set -euo pipefail

if [ "$(id -u)" = 0 ]; then # initdb refuses root. The other user may be unable to read this file.
    script=$(cat -- "$BASH_SOURCE")
    cd /
    exec runuser -u postgres -- bash -c "$script"
fi

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || bin=$(dirname -- "$(type -P initdb)")
[ -x "$bin/initdb" ] || {
    echo "no initdb: install the server programs of PostgreSQL 15 or later" >&2
    exit 1
}

folder=$(mktemp -d /tmp/megatron-postgres.XXXXXX)
stop() {
    "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf -- "$folder"
}
trap stop EXIT
trap '' INT # Ctrl-C reaches the whole group; the end of standard input follows.

# Nothing here needs to survive a power cut, so nothing waits for the disk.
"$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >/dev/null </dev/null
start() {
    "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 \
        -o "-k '$folder' -c listen_addresses= -c fsync=off -c max_connections=300" start >/dev/null </dev/null
}
start || { cat "$folder/log" >&2; exit 1; }

echo "postgres://postgres@localhost/postgres?host=$folder"
while read -r order seconds; do
    [ "$order" = crash ] || continue
    kill -KILL "$(head -n 1 "$folder/data/postmaster.pid")"
    sleep "$seconds"
    # Its children need a moment to notice.
    for _ in {1..100}; do
        if start 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo up
done
