namespace Mesh.Client.Tests;

/// <summary>A source that says what a test says.</summary>
internal sealed class TestSource(string name = "test") : IEndpointSource
{
    private readonly TaskCompletionSource<IEndpointSink> _sink = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    /// <summary>Completes when the mesh has started the source.</summary>
    public Task<IEndpointSink> Sink => _sink.Task;

    public static EndpointDescription Endpoint(string address) => new() { Address = new Uri(address) };

    public async Task RunAsync(IEndpointSink sink, CancellationToken stoppingToken)
    {
        _sink.SetResult(sink);
        await new TaskCompletionSource().Task.WaitAsync(stoppingToken);
    }
}
