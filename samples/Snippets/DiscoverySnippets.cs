using Mesh.Client;
using Mesh.Client.Options;

namespace Snippets;

// snippet: endpoint-source
/// <summary>Reads lines such as <c>catalog http://10.0.0.11:8080 http://10.0.0.12:8080</c> from a file.</summary>
internal sealed class HostsFile(TimeProvider time) : IMeshSource
{
    public string Name => "hosts-file";

    public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5), time);
        do
        {
            try
            {
                foreach (var line in await File.ReadAllLinesAsync("services.txt", stoppingToken))
                {
                    if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var service, .. var addresses])
                    {
                        sink.Publish(service, [.. addresses.Select(a => new EndpointDescription { Address = new Uri(a) })]);
                    }
                }

                sink.Ready();
            }
            catch (Exception exception) when (exception is IOException or UriFormatException)
            {
                // A bad answer changes nothing: what was published last stays in use.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
// end

internal static class DiscoverySnippets
{
    public static void AddSource(IServiceCollection services)
    {
        // snippet: add-source
        services.AddMesh();
        services.AddSingleton<IMeshSource, HostsFile>();
        // end
    }

    public static void State(IServiceProvider provider, TextWriter output)
    {
        // snippet: state
        var state = provider.GetRequiredService<IMeshState>();
        foreach (var endpoint in state.Find("orders")?.Endpoints ?? [])
        {
            output.WriteLine($"{endpoint.Description.Address} {endpoint.Verdict} {endpoint.Reason}");
        }

        foreach (var setting in state.Find("orders")?.Settings ?? [])
        {
            output.WriteLine($"{setting.Key} = {setting.Value} ({setting.Source})");
        }

        // end
    }

    public static void Override(IServiceProvider provider, TextWriter output)
    {
        // snippet: override
        var overrides = provider.GetRequiredService<IMeshOverrides>();
        var result = overrides.Apply(new MeshOverride(
            "orders",
            new ServiceOptions { Timeout = TimeSpan.FromSeconds(30), Retry = { MaxRetries = 0 } },
            expires: DateTimeOffset.UtcNow.AddMinutes(10),
            reason: "INC-4711, Maria: the database is slow"));
        if (!result.IsAccepted)
        {
            output.WriteLine(string.Join(Environment.NewLine, result.Reasons));
        }

        // end
    }
}
