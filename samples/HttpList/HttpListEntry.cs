using Mesh.Client;

namespace HttpList;

/// <summary>One instance in the list.</summary>
internal sealed record HttpListEntry(string Id, Uri Address, InstanceStatus Status, IReadOnlyDictionary<string, string> Metadata);
