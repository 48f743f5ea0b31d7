namespace Mesh.Client.Benchmarks.Propagation;

/// <summary>What a request brought along that travels on with the calls it makes.</summary>
[Flags]
internal enum Brought
{
    Nothing = 0,

    /// <summary>A deadline, a label, and a key of baggage that is listed.</summary>
    Context = 1,

    /// <summary>An authenticated user, whose token the service gets.</summary>
    User = 2,
}
