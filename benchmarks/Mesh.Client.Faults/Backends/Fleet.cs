namespace Mesh.Client.Faults.Backends;

/// <summary>All instances of the service that one contender talks to.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly string? _folder;

    private Fleet(IReadOnlyList<IBackend> instances, string? folder)
    {
        Instances = instances;
        _folder = folder;
    }

    public IReadOnlyList<IBackend> Instances { get; }

    public int Posts => Instances.Sum(i => i.Posts);

    /// <param name="behaviours">One instance for each.</param>
    /// <param name="processes">Whether each gets a process of its own; otherwise they are servers of this one.</param>
    public static async Task<Fleet> StartAsync(IEnumerable<BackendBehaviour> behaviours, bool processes = false)
    {
        var folder = processes ? Directory.CreateTempSubdirectory("faults-").FullName : null;
        var fleet = new Fleet(
            [.. behaviours.Select((b, i) => folder is null ? (IBackend)new Backend(b, LoopbackPort.Take())
                : new BackendProcess(b, i + 1, folder))],
            folder);
        try
        {
            foreach (var instance in fleet.Instances)
            {
                await instance.StartAsync();
            }

            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many requests each instance got.</summary>
    public Task<int[]> CountRequestsAsync() => Task.WhenAll(Instances.Select(i => i.CountRequestsAsync()));

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Instances)
        {
            await instance.DisposeAsync();
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
