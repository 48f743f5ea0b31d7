using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>Which instances have come and gone since the last look. Accepted instances (which may be called) are kept apart from those that
/// are only listed; the names of both are services. An instance that comes and goes in between is in neither.</summary>
internal sealed class AcceptedChanges
{
    private readonly Dictionary<EurekaInstance, int> _net = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<EurekaInstance, int> _idle = new(ReferenceEqualityComparer.Instance);

    public IEnumerable<EurekaInstance> Come => Of(_net, 1);

    public IEnumerable<EurekaInstance> Gone => Of(_net, -1);

    /// <summary>Listed with another status than UP.</summary>
    public IEnumerable<EurekaInstance> IdleCome => Of(_idle, 1);

    public IEnumerable<EurekaInstance> IdleGone => Of(_idle, -1);

    /// <summary>The applications that are listed without an instance, in upper case; null while nothing new is known of them.</summary>
    public IReadOnlyList<string>? EmptyApplications { get; set; }

    public void Add(EurekaInstance instance) => Count(_net, instance, 1);

    public void Remove(EurekaInstance instance) => Count(_net, instance, -1);

    public void AddIdle(EurekaInstance instance) => Count(_idle, instance, 1);

    public void RemoveIdle(EurekaInstance instance) => Count(_idle, instance, -1);

    private static IEnumerable<EurekaInstance> Of(Dictionary<EurekaInstance, int> net, int sign) =>
        net.Where(change => change.Value * sign > 0).Select(static change => change.Key);

    private static void Count(Dictionary<EurekaInstance, int> all, EurekaInstance instance, int change)
    {
        var net = all.GetValueOrDefault(instance) + change;
        if (net == 0)
        {
            all.Remove(instance);
        }
        else
        {
            all[instance] = net;
        }
    }
}
