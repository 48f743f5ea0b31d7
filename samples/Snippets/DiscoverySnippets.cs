using Mesh.Client;
using Mesh.Client.Options;
using Microsoft.Extensions.Logging;

namespace Snippets;

// snippet: endpoint-source
/// <summary>Reads lines such as <c>catalog http://10.0.0.11:8080 http://10.0.0.12:8080</c> from a file.</summary>
internal sealed class HostsFile(TimeProvider time, ILogger<HostsFile> logger) : IMeshSource
{
    private HashSet<string> _known = [];

    public string Name => "hosts-file";

    public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5), time);
        do
        {
            try
            {
                Publish(await File.ReadAllLinesAsync("services.txt", stoppingToken), sink);
                sink.Ready();
            }
            catch (IOException exception)
            {
                // No answer changes nothing: what was published last stays in use.
                logger.LogWarning(exception, "services.txt cannot be read");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Publish(string[] lines, IMeshSink sink)
    {
        var named = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var service, .. var addresses])
            {
                continue;
            }

            named.Add(service);
            var urls = Array.ConvertAll(addresses, static text => Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null);
            if (Array.Exists(urls, static url => url is null))
            {
                logger.LogWarning("No address: {Line}. {Service} stays as it was", line, service);
            }
            else
            {
                // What is refused is logged by the mesh.
                sink.Publish(service, [.. urls.Select(static url => new EndpointDescription { Address = url! })]);
            }
        }

        foreach (var gone in _known.Except(named, StringComparer.OrdinalIgnoreCase))
        {
            sink.Withdraw(gone);
        }

        _known = named;
    }
}
// end

// snippet: control-plane
/// <summary>Sets, for all applications that have it, how services are called.</summary>
internal sealed class CallRules : IMeshSource
{
    public string Name => "call-rules";

    /// <summary>Counts more than the configuration of each application.</summary>
    public MeshSourceRank Rank => MeshSourceRank.ControlPlane;

    public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
    {
        sink.Publish(new DefaultsUpdate(new ServiceOptions { Retry = { BudgetRatio = 0.1 } }));
        sink.Publish(new ServiceUpdate("orders")
        {
            Settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(3), OutlierDetection = { ConsecutiveFailures = 3 } },
        });
        sink.Ready();

        // A real one goes on, and publishes again whatever changes.
        await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken);
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
