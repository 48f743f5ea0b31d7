using System.Collections.Immutable;

namespace Mesh.Registry;

/// <summary>Where an instance says it runs. Kept and returned as it came; the registry makes nothing of it.</summary>
internal sealed record DataCenter(string Class, string Name, ImmutableArray<KeyValuePair<string, string>> Metadata);
