#!/usr/bin/env bash
# Clients that others wrote, against our registry as a process of its own. Ends with 1 if anything is not as it should be.
set -euo pipefail
cd "$(dirname "$0")"
. ../registry-server.sh

if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    echo "skipped: Node.js and npm are needed. The recorded exchanges of these clients are replayed in Mesh.Registry.Tests."
    exit 0
fi

cp package.json ./*.js "$work"
(cd "$work" && npm install --no-audit --no-fund --loglevel=error > npm.log 2>&1)
start_registry
for client in eureka-js-client @rocketsoftware/eureka-js-client; do
    node "$work/eureka-js-client.js" "$port" "$client"
done
node "$work/eureka-nodejs-client.js" "$port" eureka-nodejs-client
echo "All checks passed in $SECONDS s."
