using Mesh.Client.Model;
using Mesh.Client.Outbound.Resilience;

namespace Mesh.Client.Outbound.Services;

/// <summary>A route of a service, with the model that it was made with: a call reads both at once and keeps them.</summary>
/// <remarks>Immutable itself. A change makes the next one, which keeps what was learned under its name.</remarks>
/// <param name="service">The model of the service.</param>
/// <param name="model">The route.</param>
/// <param name="targets">One or more.</param>
/// <param name="learned">The time that its answers take.</param>
internal sealed class Route(ServiceModel service, RouteModel model, Target[] targets, LearnedTimeout learned)
{
    public ServiceModel Service => service;

    public RouteModel Model => model;

    public CallPolicy Policy => model.Policy;

    public Target[] Targets => targets;

    public LearnedTimeout Learned => learned;
}
