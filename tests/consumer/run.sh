#!/usr/bin/env bash
# What a new user does, outside the repository: packs the packages, makes a new web application and a new worker that reference them, runs both with a
# registry, and checks that each reaches http://catalog/ through it. Then the same registry as a tool. Ends with 1 if anything is not as it should be.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
version=0.1.0-consumer.$(date +%s)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
unset ASPNETCORE_URLS URLS MSBuildSDKsPath
processes=()

finish() {
    local status=$?
    local process
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || true
    done
    for process in "${processes[@]}"; do
        wait "$process" 2>/dev/null || true
    done
    if [ "$status" -ne 0 ]; then
        echo "FAILED (exit code $status). The last lines of what ran:"
        tail -n 25 "$work"/*.log 2>/dev/null || true
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
    echo "not ok - $1"
    exit 1
}

ok() { echo "ok - $1"; }

# quietly NAME COMMAND...: the output is shown only if it fails.
quietly() {
    local name=$1
    shift
    "$@" > "$work/$name.log" 2>&1 || fail "$name: $*"
}

# waits for TEXT to appear in LOG, at most 30 s.
await() {
    local log=$1 text=$2 turn
    for turn in $(seq 150); do
        if grep -qE "$text" "$work/$log.log" 2>/dev/null; then
            return 0
        fi
        sleep 0.2
    done
    fail "'$text' did not appear in the output of $log within 30 s"
}

# start LOG PROJECT ARGUMENTS...: runs the program in its own folder, as a service would.
start() {
    local log=$1 project=$2
    shift 2
    (cd "$work/$project" && exec dotnet "bin/Debug/net10.0/$project.dll" "$@") > "$work/$log.log" 2>&1 &
    processes+=($!)
}

address() { sed -n 's/.*Now listening on: \(http[^ ]*\).*/\1/p' "$work/$1.log" | head -1; }

# Only the packages get the version made up here: what is built already need not be built again.
cat > "$work/pack.slnf" <<EOF
{ "solution": { "path": "$repository/Mesh.Client.sln", "projects": [ "src/Mesh.Client/Mesh.Client.csproj", "src/Mesh.Registry/Mesh.Registry.csproj", "src/Mesh.Registry.Server/Mesh.Registry.Server.csproj" ] } }
EOF
quietly pack dotnet pack "$work/pack.slnf" -c Release -o "$work/feed" -p:PackageVersion="$version" -p:RunAnalyzers=false
ok "packed $(cd "$work/feed" && echo *.nupkg)"

# The local folder beside the usual sources. What was fetched before is used, but nothing is added to it.
cat > "$work/nuget.config" <<EOF
<configuration>
  <config>
    <add key="globalPackagesFolder" value="packages" />
  </config>
  <packageSources>
    <add key="mesh-local" value="feed" />
  </packageSources>
  <fallbackPackageFolders>
    $([ -d "${NUGET_PACKAGES:-$HOME/.nuget/packages}" ] && echo "<add key=\"cache\" value=\"${NUGET_PACKAGES:-$HOME/.nuget/packages}\" />")
  </fallbackPackageFolders>
</configuration>
EOF
unset NUGET_PACKAGES
cd "$work"
quietly new-registry dotnet new web -o Registry --no-restore
quietly new-web dotnet new web -o Web --no-restore
quietly new-worker dotnet new worker -o Worker --no-restore
quietly add-registry dotnet add Registry package Mesh.Registry --version "$version" --no-restore
quietly add-web dotnet add Web package Mesh.Client --version "$version" --no-restore
quietly add-worker dotnet add Worker package Mesh.Client --version "$version" --no-restore

cat > Registry/Program.cs <<'EOF'
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMeshRegistry();
var app = builder.Build();
app.MapMeshRegistry();
app.Run();
EOF
cat > Web/Program.cs <<'EOF'
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh();
var app = builder.Build();
app.MapGet("/", (HttpRequest request) => $"catalog called as {request.Host} on port {request.HttpContext.Connection.LocalPort}");
app.MapGet("/through", (IHttpClientFactory clients) => clients.CreateClient().GetStringAsync("http://catalog/"));
app.Run();
EOF
cat > Worker/Program.cs <<'EOF'
using Worker;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddMesh();
builder.Services.AddHostedService<Caller>();
builder.Build().Run();
EOF
rm Worker/Worker.cs
cat > Worker/Caller.cs <<'EOF'
namespace Worker;

public partial class Caller(IHttpClientFactory clients, ILogger<Caller> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        LogAnswer(await clients.CreateClient().GetStringAsync("http://catalog/", stoppingToken));

    // The generators of the framework still work beside the package: those of its dependencies must not take their place.
    [LoggerMessage(1, LogLevel.Information, "The worker got: {Answer}")]
    private partial void LogAnswer(string answer);
}
EOF

# All three at once; the same as dotnet build for each.
cat > all.proj <<'EOF'
<Project>
  <ItemGroup>
    <Application Include="Registry/Registry.csproj;Web/Web.csproj;Worker/Worker.csproj" />
  </ItemGroup>
  <Target Name="Build">
    <MSBuild Projects="@(Application)" Targets="Restore" Properties="MSBuildRestoreSessionId=restore" BuildInParallel="true" />
    <MSBuild Projects="@(Application)" Targets="Build" BuildInParallel="true" />
  </Target>
</Project>
EOF
quietly build dotnet msbuild all.proj -m -v:m
if grep -E "warning .*/(Registry|Web)\.csproj" "$work/build.log"; then
    fail "the build of a web application has warnings"
fi
ok "built a registry, a web application and a worker outside the repository"
grep -oE "warning .*" build.log | sort -u || true

start registry Registry --urls http://127.0.0.1:0
await registry "Now listening on"
registry=$(address registry)
ok "the registry runs at $registry"

for project in Web Worker; do
    cat > "$project/appsettings.json" <<EOF
{
  "Mesh": {
    "Discovery": { "Eureka": { "ServiceUrls": [ "$registry/eureka/" ] } }
  }
}
EOF
done

start catalog Web --urls http://127.0.0.1:0 --Mesh:Service:Name=catalog
await catalog "Now listening on"
catalog=$(address catalog)
for turn in $(seq 100); do
    listed=$(curl -s -m 5 -H "Accept: application/json" "$registry/eureka/apps/CATALOG" || true)
    case $listed in *'"status":"UP"'*) break ;; esac
    [ "$turn" -lt 100 ] || fail "the registry does not list catalog as UP"
    sleep 0.2
done
ok "the registry lists catalog, which runs at $catalog, as UP"

expected="catalog called as catalog on port ${catalog##*:}"
start shop Web --urls http://127.0.0.1:0 --Mesh:Service:Name=shop
await shop "Now listening on"
answer=$(curl -s -m 30 "$(address shop)/through" || true)
[ "$answer" = "$expected" ] || fail "the web application got '$answer' from http://catalog/ instead of '$expected'"
ok "the web application called http://catalog/: $answer"

start worker Worker
await worker "The worker got: "
grep -q "The worker got: $expected" "$work/worker.log" || fail "the worker got something else than '$expected'"
ok "the worker called http://catalog/: $expected"

# A stop as an operator's leaves nothing behind in the registry.
kill "${processes[1]}"
wait "${processes[1]}" || fail "catalog did not end well"
listed=$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$registry/eureka/apps/CATALOG")
[ "$listed" = 404 ] || fail "the registry still lists catalog after it was stopped (HTTP $listed)"
ok "catalog was stopped and has left the registry"

quietly tool dotnet tool install Mesh.Registry.Server --version "$version" --tool-path "$work/tools"
quietly tool-help "$work/tools/mesh-registry" --help
"$work/tools/mesh-registry" --port 0 --fast > "$work/mesh-registry.log" 2>&1 &
processes+=($!)
await mesh-registry "The registry runs"
registry=$(address mesh-registry)
listed=$(curl -s -m 5 -H "Accept: application/json" "$registry/eureka/apps")
case $listed in *'"application":[]'*) ;; *) fail "the tool answered '$listed' instead of an empty list" ;; esac
kill "${processes[-1]}"
wait "${processes[-1]}" || fail "the tool did not end well"
ok "the tool mesh-registry was installed, ran at $registry and ended when it was told to"
echo "All checks passed in $SECONDS s."
