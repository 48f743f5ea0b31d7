using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Mesh.Client.FunctionalTests.Recipes;

/// <summary>A server whose <c>Mesh:Enabled</c> is false.</summary>
public sealed class SwitchedOffServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_is_as_without_the_mesh_and_the_registry_hears_nothing()
    {
        await using var registry = await RecordingRegistry.StartAsync();
        var logs = new FakeLogCollector();
        var server = await MeshServer.StartAsync(
            "shop",
            static app =>
                app.Run(static context =>
                    context.Response.WriteAsync($"{context.Request.Headers["mesh-deadline"]} {MeshContext.Remaining is null}")),
            settings: Settings.Registry(registry.Url).With("Enabled", "false"),
            services: services => services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(logs))));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url);
        request.Headers.Add("mesh-deadline", "5000");
        request.Headers.Add("mesh-caller", "somebody");

        using var response = await http.SendAsync(request, Token);

        Assert.Equal("5000 True", await response.Content.ReadAsStringAsync(Token));
        Assert.DoesNotContain(response.Headers, static header => header.Key.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(new HostOptions().ShutdownTimeout, server.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        await server.DisposeAsync();
        Assert.Empty(registry.Told);
        Assert.Equal(0, registry.Fetches);
        Assert.Equal(
            [106],
            logs.GetSnapshot().Where(static record => record.Category!.StartsWith("Mesh.", StringComparison.Ordinal))
                .Select(static record => record.Id.Id));
    }

    [Fact]
    public async Task Reload_that_switches_off_counts_for_the_next_request()
    {
        var settings = new EditableConfiguration(new Settings());
        await using var server = await MeshServer.StartAsync(
            "shop",
            static app => app.Run(static context => context.Response.WriteAsync($"{MeshContext.Remaining is null}")),
            services: services => services.AddSingleton<IConfiguration>(settings.Root));
        Assert.Equal("False", await AskAsync(server));

        settings.Save(new Settings().With("Enabled", "false"));

        await Patience.UntilAsync(async () => await AskAsync(server) == "True", "requests pass through");
    }

    private static async Task<string> AskAsync(MeshServer server)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url);
        request.Headers.Add("mesh-deadline", "5000");
        using var response = await http.SendAsync(request, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }
}
