using Mesh.Client;

namespace Snippets;

// snippet: endpoint-source
/// <summary>Reads lines such as <c>catalog http://10.0.0.11:8080 http://10.0.0.12:8080</c> from a file.</summary>
internal sealed class HostsFile(TimeProvider time) : IEndpointSource
{
    public string Name => "hosts-file";

    public async Task RunAsync(IEndpointSink sink, CancellationToken stoppingToken)
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
        services.AddSingleton<IEndpointSource, HostsFile>();
        // end
    }
}
