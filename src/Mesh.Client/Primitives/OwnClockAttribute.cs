using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Primitives;

/// <summary>Asks for the clock of the mesh, which is the system's whatever clock the application has: a fake one of its tests, which only
/// they move, would let a start or a call wait without end.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class OwnClockAttribute() : FromKeyedServicesAttribute(Name)
{
    /// <summary>The key of its service.</summary>
    public const string Name = "Mesh.Client";
}
