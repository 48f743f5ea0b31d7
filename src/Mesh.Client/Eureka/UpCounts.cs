using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>How many instances of each service are up.</summary>
internal sealed class UpCounts
{
    private readonly Dictionary<string, int> _byService = new(StringComparer.Ordinal);

    /// <param name="up">Instances that are up, each once.</param>
    public UpCounts(IEnumerable<EurekaInstance> up)
    {
        foreach (var service in up.SelectMany(ServicesOf))
        {
            _byService[service] = Of(service) + 1;
        }
    }

    /// <summary>The services of an instance: its application and all its VIP addresses, whichever port calls use.</summary>
    public static string[] ServicesOf(EurekaInstance instance) => instance.Names.All;

    /// <summary>Whether a service of the instance has as many instances as before. One service is enough: an operator may switch between
    /// two applications with one VIP address.</summary>
    public bool Replace(EurekaInstance instance, UpCounts before) =>
        ServicesOf(instance).Any(service => Of(service) >= before.Of(service));

    /// <summary>Takes the larger number for each service.</summary>
    public void Raise(UpCounts others)
    {
        foreach (var (service, count) in others._byService)
        {
            _byService[service] = Math.Max(Of(service), count);
        }
    }

    private int Of(string service) => _byService.GetValueOrDefault(service);
}
