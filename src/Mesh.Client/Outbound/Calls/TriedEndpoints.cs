using System.Runtime.CompilerServices;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The endpoints that a call has tried, stored without an array.</summary>
[InlineArray(Capacity)]
internal struct TriedEndpoints
{
    // The maximum number of attempts: ten retries.
    public const int Capacity = 11;

    private Endpoint? _first;
}
