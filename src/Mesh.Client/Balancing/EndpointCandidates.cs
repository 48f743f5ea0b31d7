using Mesh.Client.Discovery;

namespace Mesh.Client;

/// <summary>The endpoints that an attempt may go to.</summary>
public readonly ref struct EndpointCandidates
{
    internal EndpointCandidates(ReadOnlySpan<Endpoint> endpoints, long now, HttpRequestMessage? request = null)
    {
        Endpoints = endpoints;
        Now = now;
        Request = request;
    }

    /// <summary>How many there are: one or more.</summary>
    public int Count => Endpoints.Length;

    /// <summary>What is about to be sent, to be read only: for policies that go by a header or by the path. Its address is that of the service.</summary>
    public HttpRequestMessage? Request { get; }

    internal ReadOnlySpan<Endpoint> Endpoints { get; }

    /// <summary>Microseconds.</summary>
    internal long Now { get; }

    /// <summary>One of them.</summary>
    /// <param name="index">From 0 up to, not including, <see cref="Count"/>.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such place.</exception>
    public EndpointCandidate this[int index] => new(Endpoints[index]);
}
