#!/usr/bin/env bash
# The page of the registry in a real browser. Ends with 1 if anything is not as it should be.
set -euo pipefail
pictures=${1:+$(realpath "$1")}
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

browser=$(command -v chromium || true)
if [ -z "$browser" ] && command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
    echo "Chromium is installed"
    (apt-get update && apt-get install -y --no-install-recommends chromium) > "$work/chromium.log" 2>&1 || true
    browser=$(command -v chromium || true)
fi
if [ -z "$browser" ] || ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    echo "skipped: Node.js, npm and Chromium are needed. The text of the page is tested in Mesh.Registry.Tests."
    exit 0
fi

cp package.json page.js "$work"
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
node "$work/page.js" "$port" "$browser" "$pictures"
echo "All checks passed in $SECONDS s."
