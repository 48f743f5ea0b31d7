namespace Mesh.Client.Model;

/// <summary>A setting that lowers security.</summary>
/// <param name="Key">Its key below section <c>Mesh</c>, with <c>*</c> in place of the service, so that metrics have few values.</param>
/// <param name="Service">The service it concerns; null for the whole application.</param>
internal readonly record struct SecurityDowngrade(string Key, string? Service)
{
    /// <summary>The key as it is configured.</summary>
    public string Path => Service is null ? Key : Key.Replace("*", Service, StringComparison.Ordinal);
}
