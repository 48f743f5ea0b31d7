using System.Collections.Immutable;

namespace Mesh.Client.Registration;

/// <summary>The registration that the registry should have, at one moment.</summary>
/// <param name="Status">The status that is registered.</param>
/// <param name="TakenOut">Whether the application has set itself out of service, over this status.</param>
/// <param name="Metadata">All entries.</param>
internal sealed record WantedRegistration(RegistrationStatus Status, bool TakenOut, ImmutableSortedDictionary<string, string> Metadata)
{
    public RegistrationStatus Effective => TakenOut ? RegistrationStatus.OutOfService : Status;

    /// <summary>Whether entries were removed: the protocol can add and replace them, but not remove.</summary>
    public bool Lacks(WantedRegistration before) =>
        !ReferenceEquals(Metadata, before.Metadata) && before.Metadata.Keys.Any(key => !Metadata.ContainsKey(key));

    /// <summary>The entries that are new or different.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Added(WantedRegistration before) =>
        ReferenceEquals(Metadata, before.Metadata)
            ? []
            : [.. Metadata.Where(entry => !before.Metadata.TryGetValue(entry.Key, out var old) || old != entry.Value)];
}
