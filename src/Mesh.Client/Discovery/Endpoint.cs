using Mesh.Client.Balancing;
using Mesh.Client.OutlierDetection;
using Mesh.Client.Transport;

namespace Mesh.Client.Discovery;

/// <summary>One address of a service, with all that this process remembers of it. Survives refreshes while its address and scheme stay the same.</summary>
internal sealed class Endpoint
{
    private EndpointDescription _description;
    private long _drainingSince = long.MaxValue;

    public Endpoint(EndpointDescription description, EndpointTransport transport, long now)
    {
        _description = description;
        Transport = transport;
        Load = new EndpointLoad(now);
        Name = description.Address.Host + ":" + description.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Host and port, for messages and tags.</summary>
    public string Name { get; }

    /// <summary>What the source said last. Only the address decides about identity; the rest may change.</summary>
    public EndpointDescription Description
    {
        get => Volatile.Read(ref _description);
        set => Volatile.Write(ref _description, value);
    }

    /// <summary>Whether it has said that it is about to leave.</summary>
    public bool IsDraining => DrainingSince != long.MaxValue;

    /// <summary>When it said so, microseconds; <see cref="long.MaxValue"/> if it has not. Written under the service's lock.</summary>
    public long DrainingSince
    {
        get => Volatile.Read(ref _drainingSince);
        set => Volatile.Write(ref _drainingSince, value);
    }

    public bool IsSecure => Transport.IsSecure;

    public EndpointTransport Transport { get; }

    public EndpointLoad Load { get; }

    public EndpointHealth Health { get; } = new();

    public override string ToString() => Name;
}
