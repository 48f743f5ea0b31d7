namespace Mesh.Client.Eureka;

/// <summary>One request to the registry, and how its answer is read.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">What follows the registry's address, with the query; begins with <c>apps</c>, <c>vips</c>, ….</param>
/// <param name="Read">Reads the answer, or throws if it is of no use, so that the next server is asked.</param>
internal sealed record EurekaRequest<T>(HttpMethod Method, string Path, Func<HttpResponseMessage, CancellationToken, Task<T>> Read)
{
    public byte[]? Body { get; init; }

    /// <summary>The longest time over all servers; null for the configured time per server.</summary>
    public TimeSpan? Budget { get; init; }
}
