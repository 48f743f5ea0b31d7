using Mesh.Client.Model;
using Mesh.Client.Outbound.Resilience;

namespace Mesh.Client.Outbound.Services;

/// <summary>Where a route sends calls: all that an attempt, and the body that follows it, needs of service and route.</summary>
/// <param name="Owner">The service that owns the endpoints.</param>
/// <param name="Subset">The part of its endpoints.</param>
/// <param name="Policy">How the calls of the route are made.</param>
/// <param name="Learned">The time that the route's answers take.</param>
internal sealed record Target(ServiceEndpoints Owner, Subset Subset, CallPolicy Policy, LearnedTimeout Learned);
