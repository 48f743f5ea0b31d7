namespace Mesh.Client.Faults.Backends;

/// <summary>All instances of the service that one contender talks to.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private Fleet(IReadOnlyList<Backend> instances) => Instances = instances;

    public IReadOnlyList<Backend> Instances { get; }

    public int Posts => Instances.Sum(i => i.Posts);

    public static async Task<Fleet> StartAsync(IEnumerable<BackendBehaviour> behaviours)
    {
        var fleet = new Fleet([.. behaviours.Select(b => new Backend(b))]);
        foreach (var instance in fleet.Instances)
        {
            await instance.StartAsync();
        }

        return fleet;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Instances)
        {
            await instance.DisposeAsync();
        }
    }
}
