using Mesh.Client.Options;

namespace Mesh.Client;

/// <summary>What a source says about one service. What it leaves out it says nothing about.</summary>
/// <param name="service">The service name; case does not matter.</param>
public sealed class ServiceUpdate(string service) : MeshUpdate
{
    /// <summary>The service name.</summary>
    public string Service => service;

    /// <summary>All endpoints that may be called.</summary>
    /// <value>Default null: the source does not know. Empty: there is none.</value>
    public IReadOnlyList<EndpointDescription>? Endpoints { get; init; }

    /// <summary>The ids of instances that the source lists as about to leave, and so not among <see cref="Endpoints"/> any more.</summary>
    /// <value>Default null: none.</value>
    /// <remarks>Such an endpoint that has said itself that it leaves is kept as the last resort: it is called only where no other one is
    /// left, until it refuses a connection or two minutes have passed. Do not list instances that an operator has taken out, or that are
    /// not ready.</remarks>
    public IReadOnlySet<string>? Leaving { get; init; }

    /// <summary>Settings of the service, as under <c>Mesh:Services</c>, without endpoints.</summary>
    /// <value>Default null: none. What protects (TLS, credentials, context) can only be made stricter than the application has it.</value>
    public ServiceOptions? Settings { get; init; }

    /// <summary>Why there is no endpoint, for messages, such as <c>its 2 instances are STARTING</c>.</summary>
    /// <value>Default null: nothing to say. Beyond 500 characters it is cut.</value>
    public string? Absence { get; init; }

    /// <summary>Whether the source lists the service although it has no endpoint of use. Health then reports it also if nobody has called
    /// it of late.</summary>
    /// <value>Default false.</value>
    public bool IsListed { get; init; }
}
