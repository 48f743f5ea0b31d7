#!/usr/bin/env bash
# Clients that others wrote, against our registry as a process of its own. Ends with 1 if anything is not as it should be.
set -euo pipefail
cd "$(dirname "$0")"
server=../../src/Mesh.Registry.Server
work=$(mktemp -d)
process=

finish() {
    local status=$?
    if [ -n "$process" ]; then
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    fi
    if [ "$status" -ne 0 ]; then
        tail -n 25 "$work"/*.log 2>/dev/null || true
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    echo "skipped: Node.js and npm are needed. The recorded exchanges of these clients are replayed in Mesh.Registry.Tests."
    exit 0
fi

cp package.json eureka-js-client.js "$work"
(cd "$work" && npm install --no-audit --no-fund --loglevel=error > npm.log 2>&1)
[ -f "$server/bin/Debug/net10.0/Mesh.Registry.Server.dll" ] || dotnet build "$server" -v q > "$work/build.log" 2>&1
dotnet "$server/bin/Debug/net10.0/Mesh.Registry.Server.dll" --port 0 --fast > "$work/registry.log" 2>&1 &
process=$!
for _ in $(seq 150); do
    port=$(sed -n 's/.*The registry runs. Service URL for clients: http:\/\/[^:]*:\([0-9]*\).*/\1/p' "$work/registry.log")
    [ -z "$port" ] || break
    sleep 0.2
done
[ -n "$port" ] || { echo "not ok - the registry did not start within 30 s"; exit 1; }
for client in eureka-js-client @rocketsoftware/eureka-js-client; do
    node "$work/eureka-js-client.js" "$port" "$client"
done
echo "All checks passed in $SECONDS s."
