namespace Mesh.Client.Discovery.Eureka;

/// <summary>Whether two descriptions say the same; a record compares its labels by reference.</summary>
internal sealed class EndpointComparer : IEqualityComparer<EndpointDescription>
{
    public static readonly EndpointComparer Instance = new();

    public bool Equals(EndpointDescription? x, EndpointDescription? y) =>
        ReferenceEquals(x, y)
        || (x is not null && y is not null
            && x.Address == y.Address
            && x.SecureAddress == y.SecureAddress
            && x.Origin == y.Origin
            && x.InstanceId == y.InstanceId
            && x.Registered == y.Registered
            && x.TlsName == y.TlsName
            && x.Zone == y.Zone
            && x.SpeaksOwnName == y.SpeaksOwnName
            && x.Labels.Count == y.Labels.Count
            && x.Labels.All(label => y.Labels.TryGetValue(label.Key, out var value) && value == label.Value));

    public int GetHashCode(EndpointDescription obj) => obj.Address.GetHashCode();
}
