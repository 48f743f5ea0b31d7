using Mesh.Registry.Instances;

namespace Mesh.Registry.Replication;

/// <summary>
/// The message that a peer still needs about one instance: its existence, and after that a status that was set. It does not contain the
/// instance: that is looked up when the message is written, so that the peer gets the newest state.
/// </summary>
internal readonly record struct PendingChange(ReplicationAction? Existence, ReplicationAction? StatusAction, InstanceStatus Status)
{
    /// <summary>Gets a message that must precede a registration, through which the peer would keep a status that was set there.</summary>
    public (ReplicationAction Action, InstanceStatus Status)? Before { get; init; }

    public static PendingChange Of(ReplicationAction action, InstanceStatus status) =>
        action is ReplicationAction.StatusUpdate or ReplicationAction.DeleteStatusOverride
            ? new PendingChange(null, action, status)
            : new PendingChange(action, null, default);

    /// <summary>Combines a message that was not sent yet with a newer one.</summary>
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

        // Any message about an instance renews its lease, so a heartbeat adds nothing.
        var existence = Existence == ReplicationAction.Heartbeat && newer.StatusAction is not null ? null : Existence;
        return newer.StatusAction is { } action ? new PendingChange(existence, action, newer.Status) { Before = Before } : this;
    }
}
