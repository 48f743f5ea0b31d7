namespace Mesh.Client.Discovery;

/// <summary>An update that was refused, while nothing better has come for the same subject.</summary>
/// <param name="Source">Who said it.</param>
/// <param name="Service">About which service; null for all services.</param>
/// <param name="Reasons">Every mistake.</param>
internal sealed record Refusal(string Source, string? Service, IReadOnlyList<string> Reasons)
{
    public string Subject => Service is null ? "all services" : $"service '{Service}'";
}
