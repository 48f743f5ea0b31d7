namespace Mesh.Client.Discovery.Eureka;

/// <summary>Which instances have come to be believed, and which no longer are, since somebody last looked. One that comes and goes in between is in neither.</summary>
internal sealed class BelievedChanges
{
    private readonly Dictionary<EurekaInstance, int> _net = new(ReferenceEqualityComparer.Instance);

    public bool IsEmpty => _net.Count == 0;

    public IEnumerable<EurekaInstance> Come => _net.Where(static change => change.Value > 0).Select(static change => change.Key);

    public IEnumerable<EurekaInstance> Gone => _net.Where(static change => change.Value < 0).Select(static change => change.Key);

    public void Add(EurekaInstance instance) => Count(instance, 1);

    public void Remove(EurekaInstance instance) => Count(instance, -1);

    private void Count(EurekaInstance instance, int change)
    {
        var net = _net.GetValueOrDefault(instance) + change;
        if (net == 0)
        {
            _net.Remove(instance);
        }
        else
        {
            _net[instance] = net;
        }
    }
}
