using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client;

/// <summary>The endpoints that an attempt may go to.</summary>
public readonly ref struct EndpointCandidates
{
    private readonly ILoadBalancer? _balancer;
    private readonly ReadOnlySpan<EndpointCandidate> _made;

    /// <summary>Creates candidates of your own, to test a policy.</summary>
    /// <param name="candidates">One or more.</param>
    /// <param name="request">The request to send, if the policy reads it.</param>
    public EndpointCandidates(ReadOnlySpan<EndpointCandidate> candidates, HttpRequestMessage? request = null)
    {
        _made = candidates;
        Request = request;
    }

    internal EndpointCandidates(
        ILoadBalancer balancer, ReadOnlySpan<Endpoint> endpoints, MeshTime now, HttpRequestMessage? request = null)
    {
        _balancer = balancer;
        Endpoints = endpoints;
        Now = now;
        Request = request;
    }

    /// <summary>The number of candidates: one or more.</summary>
    public int Count => _balancer is null ? _made.Length : Endpoints.Length;

    /// <summary>The request to send, for policies that use a header or the path. Do not change it. Its address is that of the
    /// service.</summary>
    public HttpRequestMessage? Request { get; }

    internal ReadOnlySpan<Endpoint> Endpoints { get; }

    /// <summary>When the choice is made.</summary>
    internal MeshTime Now { get; }

    /// <summary>One candidate.</summary>
    /// <param name="index">From 0 up to, not including, <see cref="Count"/>.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    public EndpointCandidate this[int index] => _balancer is null ? _made[index] : new(Endpoints[index], _balancer);

    /// <summary>Enumerates the candidates in order.</summary>
    /// <returns>The enumerator, for <c>foreach</c>.</returns>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Enumerates candidates.</summary>
    public ref struct Enumerator
    {
        private readonly EndpointCandidates _candidates;
        private int _index = -1;

        internal Enumerator(EndpointCandidates candidates) => _candidates = candidates;

        /// <summary>The present candidate.</summary>
        public readonly EndpointCandidate Current => _candidates[_index];

        /// <summary>Moves to the next candidate.</summary>
        /// <returns>False at the end.</returns>
        public bool MoveNext() => ++_index < _candidates.Count;
    }
}
