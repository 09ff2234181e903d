#!/usr/bin/env bash
# The stock client, in a virtual environment of its own, against the service on a free port. LABELGATE_SERVICE
# is the service, if it is built already.
set -euo pipefail
cd "$(dirname "$0")/../../.."
target=${CARGO_TARGET_DIR:-target}
venv=$target/client

service=${LABELGATE_SERVICE:-$target/debug/labelgate-service}
[ -n "${LABELGATE_SERVICE:-}" ] || cargo build --quiet --locked -p labelgate-service

python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check label-studio-sdk==2.1.2

dir=$(mktemp -d)
# In a file, so that the command that makes tokens finds it.
database=sqlite:$dir/database?mode=rwc
"$service" --database-url "$database" --listen 127.0.0.1:0 >"$dir/output" 2>"$dir/log" &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT
until grep -q '^# di@globex' "$dir/output"; do
    kill -0 "$pid" || { cat "$dir/log" >&2; exit 1; }
    sleep 0.1
done
token() { "$service" --database-url "$database" token "$1@acme.example" 1; }
"$venv/bin/python" examples/service/tests/client.py "$dir/output" "RE=$(token re)" "AN=$(token an)" || {
    grep -v INFO "$dir/log" >&2
    exit 1
}
# Whom it invited is left for a mailer, once: one of the two, since the invitation of the other was revoked.
outbox() { "$service" --database-url "$database" outbox; }
outbox | grep -qxE $'other@new[.]example\t/user/signup[?]token=[0-9a-f]{64}'
[ -z "$(outbox)" ]
kill -INT "$pid"
wait "$pid"
