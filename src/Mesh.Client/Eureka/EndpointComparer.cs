namespace Mesh.Client.Eureka;

/// <summary>Whether two descriptions say the same; a record compares its labels by reference.</summary>
internal sealed class EndpointComparer : IEqualityComparer<EndpointDescription>
{
    public static readonly EndpointComparer Instance = new();

    public bool Equals(EndpointDescription? x, EndpointDescription? y) =>
        ReferenceEquals(x, y)
        || (x is not null && y is not null
            && (ReferenceEquals(x.Labels, y.Labels) ? x == y : SameLabels(x.Labels, y.Labels) && x with { Labels = y.Labels } == y));

    public int GetHashCode(EndpointDescription obj) => obj.AddressHash;

    private static bool SameLabels(IReadOnlyDictionary<string, string> x, IReadOnlyDictionary<string, string> y) =>
        x.Count == y.Count && x.All(label => y.TryGetValue(label.Key, out var value) && value == label.Value);
}
