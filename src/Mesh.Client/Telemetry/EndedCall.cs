using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Telemetry;

/// <summary>The values of a call for telemetry. They are copies: a gRPC call ends long after the pooled call was returned.</summary>
internal readonly record struct EndedCall
{
    public required string Service { get; init; }

    /// <summary>The route that it took; null for a service without routes of its own.</summary>
    public required string? Route { get; init; }

    public required HttpMethod Method { get; init; }

    public required Uri? Address { get; init; }

    public required string? Endpoint { get; init; }

    public required int Attempts { get; init; }

    /// <summary>Whether no further attempt was allowed, by number or by budget.</summary>
    public required bool NoMoreRetries { get; init; }

    public required MeshTime Start { get; init; }

    public required CallOutcome Outcome { get; init; }

    /// <summary>The HTTP status; null without an answer.</summary>
    public required int? Status { get; init; }

    /// <summary>The gRPC status that the caller sees; null without one, and for other calls.</summary>
    public required int? GrpcStatus { get; init; }

    public required Exception? Exception { get; init; }
}
