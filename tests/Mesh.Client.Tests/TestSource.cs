namespace Mesh.Client.Tests;

/// <summary>A source that says what a test says.</summary>
internal sealed class TestSource(string name = "test", MeshSourceRank rank = MeshSourceRank.Registry) : IMeshSource
{
    private readonly TaskCompletionSource<IMeshSink> _sink = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public MeshSourceRank Rank => rank;

    public MeshSourceStatus Status { get; init; } = MeshSourceStatus.Default;

    /// <summary>Completes when the mesh has started the source.</summary>
    public Task<IMeshSink> Sink => _sink.Task;

    public static EndpointDescription Endpoint(string address) => new() { Address = new Uri(address) };

    public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
    {
        _sink.SetResult(sink);
        await new TaskCompletionSource().Task.WaitAsync(stoppingToken);
    }
}
