using Mesh.Registry.Instances;

namespace Mesh.Registry.Replication;

/// <summary>
/// What a peer has still to be told about one instance: its existence, and after that a status that was set. Only what is to be said is
/// kept, not the instance: it is looked up when the message is written, so that the peer hears the newest.
/// </summary>
internal readonly record struct PendingChange(ReplicationAction? Existence, ReplicationAction? StatusAction, InstanceStatus Status)
{
    /// <summary>Gets what a registration must not be told without: the peer keeps a status that was set there through it.</summary>
    public (ReplicationAction Action, InstanceStatus Status)? Before { get; init; }

    public static PendingChange Of(ReplicationAction action, InstanceStatus status) =>
        action is ReplicationAction.StatusUpdate or ReplicationAction.DeleteStatusOverride
            ? new PendingChange(null, action, status)
            : new PendingChange(action, null, default);

    /// <summary>What is to be said when this was not yet said and something newer happened.</summary>
    public PendingChange Then(PendingChange newer)
    {
        if (newer.Existence == ReplicationAction.Cancel)
        {
            return newer;
        }

        if (newer.Existence == ReplicationAction.Register)
        {
            var gone = Existence == ReplicationAction.Cancel || Before?.Action == ReplicationAction.Cancel;
            return newer with { Before = gone ? (ReplicationAction.Cancel, default) : StatusAction is { } set ? (set, Status) : Before };
        }

        // Any message about an instance renews its lease, so that a heartbeat adds nothing to it.
        var existence = Existence == ReplicationAction.Heartbeat && newer.StatusAction is not null ? null : Existence;
        return newer.StatusAction is { } action ? new PendingChange(existence, action, newer.Status) { Before = Before } : this;
    }
}
