using System.Text.Json.Nodes;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A registry on loopback that lists what a test says. It offers no changes, so that each answer is the whole list.</summary>
internal sealed class ScriptedRegistry : IAsyncDisposable
{
    private JsonObject[] _instances;
    private TestServer _server = null!;

    private ScriptedRegistry(JsonObject[] instances) => _instances = instances;

    public string Url => _server.Url + "/eureka/";

    public int Requests => _server.Requests;

    public static async Task<ScriptedRegistry> StartAsync(params JsonObject[] instances)
    {
        var registry = new ScriptedRegistry(instances);
        registry._server = await TestServer.StartAsync(registry.AnswerAsync);
        return registry;
    }

    public static JsonObject Instance(string id, string host, int port, int? securePort = null, string app = "ORDERS") => new()
    {
        ["instanceId"] = id,
        ["app"] = app,
        ["hostName"] = host,
        ["ipAddr"] = host,
        ["status"] = "UP",
        ["port"] = new JsonObject { ["$"] = port, ["@enabled"] = port > 0 ? "true" : "false" },
        ["securePort"] = new JsonObject { ["$"] = securePort ?? 443, ["@enabled"] = securePort is null ? "false" : "true" },
        ["vipAddress"] = app.ToLowerInvariant(),
    };

    public void List(params JsonObject[] instances) => Volatile.Write(ref _instances, instances);

    /// <summary>Waits until the answer in force was fetched several times over.</summary>
    public async Task FetchedAsync(int times = 3)
    {
        var before = Requests;
        await Patience.UntilAsync(() => Requests >= before + times, "the registry was asked several times");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path.Value!.EndsWith("/delta", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var instances = Volatile.Read(ref _instances);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            new JsonObject
            {
                ["applications"] = new JsonObject
                {
                    ["apps__hashcode"] = instances.Length == 0 ? string.Empty : $"UP_{instances.Length}_",
                    ["application"] = new JsonArray([.. instances.GroupBy(instance => (string)instance["app"]!)
                        .Select(application => new JsonObject
                    {
                        ["name"] = application.Key,
                        ["instance"] = new JsonArray([.. application.Select(instance => instance.DeepClone())]),
                    })]),
                },
            }.ToJsonString(),
            context.RequestAborted);
    }
}
