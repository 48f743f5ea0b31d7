namespace Mesh.Client.Security;

/// <summary>A setting that lowers security.</summary>
/// <param name="Key">Its key below section <c>Mesh</c>.</param>
/// <param name="Service">The service it concerns; null for the whole application.</param>
internal readonly record struct LoweredSetting(string Key, string? Service);
