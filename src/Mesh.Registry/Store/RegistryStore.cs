using Mesh.Registry.Instances;
using Mesh.Registry.Telemetry;

namespace Mesh.Registry.Store;

/// <summary>The registered instances. Reading takes the current snapshot without a lock; changing takes a short one.</summary>
internal sealed partial class RegistryStore(RegistrySettings settings, TimeProvider time, GuardedLogger<RegistryStore> logger)
{
    // Guards the replacement of the snapshot, the change log, the counters and the renewal of leases:
    // a heartbeat must not be answered with success for an instance that is being evicted.
    private readonly Lock _gate = new();
    private readonly ChangeLog _changes = new(settings.DeltaRetention, settings.MaxChanges, time);
    private readonly RenewalMeter _renewals = new(time);
    private readonly RecentEvents _events = new();
    private readonly Random _chance = new();
    private readonly RegistryNotices _notices = new(settings, logger);
    private volatile RegistrySnapshot _snapshot = RegistrySnapshot.Empty;
    private readonly Ordinals? _ordinals = settings.Ordinals ? new Ordinals(settings.MaxChanges) : null;
    private RegistryCounters _counters;

    public RegistrySnapshot Snapshot => _snapshot;

    public RegistryCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return _counters;
            }
        }
    }

    public RegistryReport Report()
    {
        RegistrySnapshot snapshot;
        RegistryCounters counters;
        int received;
        RegistryEvent[] events;
        lock (_gate)
        {
            (snapshot, counters, received, events) = (_snapshot, _counters, _renewals.LastMinute(), _events.Read());
        }

        // Outside of the lock: it scans every instance, and no heartbeat must wait for a page.
        return new RegistryReport(
            snapshot, counters, LeaseHealth.Of(snapshot, received, settings), Eviction.Expired(snapshot, TimeSpan.Zero).Count, events);
    }

    public RegistryView Read()
    {
        lock (_gate)
        {
            return new RegistryView(_snapshot, _changes.Read(), _changes.IsComplete);
        }
    }

    /// <summary>Adds or replaces an instance.</summary>
    /// <returns>False when the registry is full and the instance is new.</returns>
    public bool Register(RegisteredInstance claimed, bool fromPeer = false)
    {
        lock (_gate)
        {
            var current = _snapshot.Find(claimed.Key);
            if (current is null && _snapshot.Count >= settings.MaxInstances)
            {
                _notices.Full(claimed);
                return false;
            }

            // The client's own clock orders its registrations: a late retry must not undo a newer one. It still proves life.
            var newest = current is not null && current.LastDirtyAt > claimed.LastDirtyAt ? current : claimed;
            newest = _ordinals?.Give(newest, current, fromPeer) ?? newest;
            var overridden = current?.Override ?? newest.Override;
            var status = StatusRules.Resolve(newest.Status, overridden, fromPeer ? null : current?.Status);
            var now = Now();
            var upAt = current?.ServiceUpAt ?? 0;
            Put(newest with
            {
                Status = status,
                Override = overridden,
                Lease = claimed.Lease,
                RegisteredAt = now,
                ServiceUpAt = upAt == 0 && status == InstanceStatus.Up ? now : upAt,
                EvictedAt = 0,
                LastUpdatedAt = now,
                LastChange = ChangeKind.Added,
            });
            if (current is null)
            {
                _counters = _counters with { Registered = _counters.Registered + 1 };
                _events.Add(time.GetUtcNow(), claimed.Key, $"registered as {status.ToWire()}{(fromPeer ? ", told by a peer" : "")}");
                LogRegistered(logger, claimed.App, claimed.Id, status.ToWire());
            }
            else if (current.Status != status)
            {
                _events.Add(time.GetUtcNow(), claimed.Key, $"now {status.ToWire()}, was {current.Status.ToWire()}");
                LogChanged(logger, claimed.App, claimed.Id, status.ToWire(), current.Status.ToWire());
            }

            return true;
        }
    }

    /// <summary>Renews a lease.</summary>
    /// <param name="key">The instance.</param>
    /// <param name="lastDirty">The sender's version of the registration.</param>
    /// <param name="fromPeer">Whether another registry passes the heartbeat on.</param>
    /// <param name="overridden">The status that was set at that registry.</param>
    /// <param name="current">The instance registered here.</param>
    public HeartbeatResult Heartbeat(
        InstanceKey key, long? lastDirty, bool fromPeer, InstanceStatus? overridden, out RegisteredInstance? current)
    {
        lock (_gate)
        {
            current = _snapshot.Find(key);
            if (current is null || current.Status == InstanceStatus.Unknown)
            {
                return HeartbeatResult.Unknown;
            }

            current.Lease.Renew();
            _renewals.Count();
            _counters = _counters with { Renewed = _counters.Renewed + 1 };
            if (lastDirty is not { } dirty || dirty == current.LastDirtyAt)
            {
                return HeartbeatResult.Renewed;
            }

            if (dirty < current.LastDirtyAt)
            {
                return fromPeer ? HeartbeatResult.PeerIsOlder : HeartbeatResult.Renewed;
            }

            // The peer registers the newer one next; an operator's status there must not get lost on the way.
            if (fromPeer && overridden is { } wished and not InstanceStatus.Unknown && wished != current.Override)
            {
                Put(current with { Override = wished });
            }

            return HeartbeatResult.Unknown;
        }
    }

    /// <summary>Adds entries to the metadata of an instance; the result counts as a new registration.</summary>
    /// <returns>Null when the instance is unknown, false when the metadata would grow too large.</returns>
    public bool? SetMetadata(InstanceKey key, ReadOnlySpan<KeyValuePair<string, string>> entries)
    {
        lock (_gate)
        {
            if (_snapshot.Find(key) is not { } current)
            {
                return null;
            }

            var merged = Metadata.Merge(current.Metadata, entries);
            if (Metadata.Bytes(merged.Where(static entry =>
                entry.Key != Ordinals.Key)) + Metadata.Bytes(current.DataCenter.Metadata) > settings.MaxMetadataBytes)
            {
                return false;
            }

            var now = Now();
            var next = current with
            {
                Metadata = merged,
                Lease = new Lease(current.Lease.DurationSeconds, time, settings.DoubleLease),
                RegisteredAt = now,
                LastUpdatedAt = now,
                LastChange = ChangeKind.Added,
            };
            Put(_ordinals?.Give(next, current, fromPeer: false) ?? next);
            _events.Add(time.GetUtcNow(), key, "metadata changed by request");
            return true;
        }
    }

    /// <summary>Sets a status that overrides the instance's own.</summary>
    /// <returns>False when the instance is unknown.</returns>
    public bool SetStatus(InstanceKey key, InstanceStatus status, long? lastDirty)
    {
        lock (_gate)
        {
            if (_snapshot.Find(key) is not { } current)
            {
                return false;
            }

            current.Lease.Renew();
            if (current.Status != status)
            {
                PutStatus(current, status, status, lastDirty);
            }

            return true;
        }
    }

    /// <summary>Removes the status that was set; the given one applies until the instance next reports its own.</summary>
    /// <returns>False when the instance is unknown.</returns>
    public bool ClearStatus(InstanceKey key, InstanceStatus status, long? lastDirty)
    {
        lock (_gate)
        {
            if (_snapshot.Find(key) is not { } current)
            {
                return false;
            }

            current.Lease.Renew();
            if (current.Override is not null)
            {
                PutStatus(current, status, overridden: null, lastDirty);
            }

            return true;
        }
    }

    /// <summary>Removes an instance that deregisters.</summary>
    /// <returns>False when the instance is unknown.</returns>
    public bool Cancel(InstanceKey key)
    {
        lock (_gate)
        {
            if (_snapshot.Find(key) is not { } current)
            {
                return false;
            }

            Remove(current);
            _counters = _counters with { Cancelled = _counters.Cancelled + 1 };
            _events.Add(time.GetUtcNow(), key, "said goodbye");
            LogCancelled(logger, key.App, key.Id);
            return true;
        }
    }

    /// <summary>Removes instances with expired leases, unless so many are silent that the fault must be elsewhere.</summary>
    /// <param name="late">The delay of this run: all leases last that much longer.</param>
    public void EvictExpired(TimeSpan late = default)
    {
        lock (_gate)
        {
            var expired = Eviction.Expired(_snapshot, late);
            var leases = LeaseHealth.Of(_snapshot, _renewals.LastMinute(), settings);
            _notices.Protection(leases);
            if (leases.Protected)
            {
                return;
            }

            foreach (var instance in Eviction.Choose(expired, _snapshot.Count, settings.RenewalThreshold, _chance))
            {
                Remove(instance);
                _counters = _counters with { Evicted = _counters.Evicted + 1 };
                _events.Add(time.GetUtcNow(), instance.Key, $"removed: no heartbeat within its lease of {instance.Lease.DurationSeconds} "
                    + "s");
                LogEvicted(logger, instance.App, instance.Id, instance.Lease.DurationSeconds);
            }
        }
    }

    private void PutStatus(RegisteredInstance current, InstanceStatus status, InstanceStatus? overridden, long? lastDirty)
    {
        var now = Now();
        Put(current with
        {
            Status = status,
            Override = overridden,
            ServiceUpAt = current.ServiceUpAt == 0 && status == InstanceStatus.Up ? now : current.ServiceUpAt,
            LastDirtyAt = Math.Max(current.LastDirtyAt, lastDirty ?? 0),
            LastUpdatedAt = now,
            LastChange = ChangeKind.Modified,
        });
        _events.Add(time.GetUtcNow(), current.Key, $"now {status.ToWire()} by request, was {current.Status.ToWire()}");
        LogStatus(logger, current.App, current.Id, status.ToWire());
    }

    private void Put(RegisteredInstance instance)
    {
        _snapshot = _snapshot.With(instance);
        _changes.Record(instance);
    }

    private void Remove(RegisteredInstance instance)
    {
        var now = Now();
        _snapshot = _snapshot.Without(instance.Key);
        _ordinals?.Free(instance);
        _changes.Record(instance with { EvictedAt = now, LastUpdatedAt = now, LastChange = ChangeKind.Deleted });
        _notices.HasRoom();
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
