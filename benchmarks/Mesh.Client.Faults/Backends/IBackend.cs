namespace Mesh.Client.Faults.Backends;

/// <summary>One instance of the service.</summary>
internal interface IBackend : IAsyncDisposable
{
    string Address { get; }

    /// <summary>How many POST requests arrived.</summary>
    int Posts { get; }

    Task StartAsync();

    /// <summary>Stops listening and closes every connection, as the end of the process does.</summary>
    Task StopAsync();

    /// <summary>How many requests arrived.</summary>
    Task<int> CountRequestsAsync();
}
