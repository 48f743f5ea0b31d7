# Read by the scripts beside it: starts our registry as a process of its own, and cleans up after it. Sets work (a directory) and port.
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

start_registry() {
    [ -f "$server/bin/Debug/net10.0/Mesh.Registry.Server.dll" ] || dotnet build "$server" -v q > "$work/build.log" 2>&1
    dotnet "$server/bin/Debug/net10.0/Mesh.Registry.Server.dll" --port 0 --fast > "$work/registry.log" 2>&1 &
    process=$!
    for _ in $(seq 150); do
        port=$(sed -n 's/.*The registry runs. Service URL for clients: http:\/\/[^:]*:\([0-9]*\).*/\1/p' "$work/registry.log")
        [ -z "$port" ] || return 0
        sleep 0.2
    done
    echo "not ok - the registry did not start within 30 s"
    return 1
}
