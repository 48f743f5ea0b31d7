namespace Mesh.Client.Benchmarks;

/// <summary>One thing that is measured, in a process of its own.</summary>
/// <param name="Stack">The name of the subject; at first these were stacks of layers only, and other programs read it by this name.</param>
/// <param name="Transport">Whether the stub below it, or the application of a server, completes at once or yields.</param>
/// <param name="Uri">Whether all calls share one <see cref="System.Uri"/> or each makes its own.</param>
internal sealed record BenchmarkCase(string Stack, string Transport, string Uri)
{
    public const string Sync = "sync";
    public const string Yield = "yield";
    public const string Repeated = "repeated";
    public const string Fresh = "fresh";

    public override string ToString() => $"{Stack} {Transport} {Uri}";
}
