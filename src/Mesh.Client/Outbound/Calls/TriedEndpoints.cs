using System.Runtime.CompilerServices;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The endpoints that a call has tried, without an array.</summary>
[InlineArray(Capacity)]
internal struct TriedEndpoints
{
    // As many attempts as a policy can allow: ten retries.
    public const int Capacity = 11;

    private Endpoint? _first;
}
