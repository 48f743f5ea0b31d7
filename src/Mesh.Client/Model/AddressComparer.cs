namespace Mesh.Client.Model;

/// <summary>Compares by address: descriptions with the same address are one endpoint.</summary>
internal sealed class AddressComparer : IEqualityComparer<EndpointDescription>
{
    public static readonly AddressComparer Instance = new();

    public bool Equals(EndpointDescription? x, EndpointDescription? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && x.HasAddressOf(y));

    public int GetHashCode(EndpointDescription obj) => obj.AddressHash;
}
