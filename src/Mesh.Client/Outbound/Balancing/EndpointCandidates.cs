using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client;

/// <summary>The endpoints that an attempt may go to.</summary>
public readonly ref struct EndpointCandidates
{
    internal EndpointCandidates(ReadOnlySpan<Endpoint> endpoints, MeshTime now, HttpRequestMessage? request = null)
    {
        Endpoints = endpoints;
        Now = now;
        Request = request;
    }

    /// <summary>The number of candidates: one or more.</summary>
    public int Count => Endpoints.Length;

    /// <summary>The request to send, for policies that use a header or the path. Do not change it. Its address is that of the
    /// service.</summary>
    public HttpRequestMessage? Request { get; }

    internal ReadOnlySpan<Endpoint> Endpoints { get; }

    /// <summary>When the choice is made.</summary>
    internal MeshTime Now { get; }

    /// <summary>One candidate.</summary>
    /// <param name="index">From 0 up to, not including, <see cref="Count"/>.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    public EndpointCandidate this[int index] => new(Endpoints[index]);
}
