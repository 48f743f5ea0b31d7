using Microsoft.Extensions.Logging;

namespace Mesh.Registry;

/// <summary>The registered instances. Reading takes the current snapshot without a lock; changing takes a short one.</summary>
internal sealed partial class RegistryStore(RegistrySettings settings, TimeProvider time, ILogger<RegistryStore> logger)
{
    // Guards the replacement of the snapshot, the change log, the counters and the renewal of leases:
    // a heartbeat must not be answered with success for an instance that is being evicted.
    private readonly Lock _gate = new();
    private readonly ChangeLog _changes = new(settings.DeltaRetention, settings.MaxChanges, time);
    private volatile RegistrySnapshot _snapshot = RegistrySnapshot.Empty;
    private RegistryCounters _counters;
    private bool _fullReported;

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

    public RegistryView Read()
    {
        lock (_gate)
        {
            return new RegistryView(_snapshot, _changes.Read(), _changes.IsComplete);
        }
    }

    /// <summary>Adds or replaces an instance.</summary>
    /// <returns>False when the registry is full and the instance is new.</returns>
    public bool Register(RegisteredInstance claimed)
    {
        lock (_gate)
        {
            var current = _snapshot.Find(claimed.Key);
            if (current is null && _snapshot.Count >= settings.MaxInstances)
            {
                ReportFull(claimed);
                return false;
            }

            // The client's own clock orders its registrations: a late retry must not undo a newer one. It still proves life.
            var newest = current is not null && current.LastDirtyAt > claimed.LastDirtyAt ? current : claimed;
            var overridden = current?.Override ?? claimed.Override;
            var status = StatusRules.Resolve(newest.Status, overridden, current?.Status);
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
                LogRegistered(logger, claimed.App, claimed.Id, status.ToWire());
            }

            return true;
        }
    }

    /// <summary>Renews a lease.</summary>
    /// <returns>False when the client must register again: the instance or its state is unknown, or the client has a newer registration than we.</returns>
    public bool Heartbeat(InstanceKey key, long? lastDirty)
    {
        lock (_gate)
        {
            if (_snapshot.Find(key) is not { } current || current.Status == InstanceStatus.Unknown)
            {
                return false;
            }

            current.Lease.Renew();
            return lastDirty is not { } dirty || dirty <= current.LastDirtyAt;
        }
    }

    /// <summary>Sets the status that wins over what the instance says.</summary>
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

    /// <summary>Removes the status that was set, and puts another in its place until the instance speaks again.</summary>
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

    /// <summary>Removes an instance that says goodbye.</summary>
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
            LogCancelled(logger, key.App, key.Id);
            return true;
        }
    }

    /// <summary>Removes the instances whose lease ran out.</summary>
    public void EvictExpired()
    {
        lock (_gate)
        {
            foreach (var instances in _snapshot.Apps.Values)
            {
                foreach (var instance in instances.Values)
                {
                    if (instance.Lease.IsExpired)
                    {
                        Remove(instance);
                        _counters = _counters with { Evicted = _counters.Evicted + 1 };
                        LogEvicted(logger, instance.App, instance.Id, instance.Lease.DurationSeconds);
                    }
                }
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
        _changes.Record(instance with { EvictedAt = now, LastUpdatedAt = now, LastChange = ChangeKind.Deleted });
        _fullReported = false;
    }

    private void ReportFull(RegisteredInstance refused)
    {
        if (!_fullReported)
        {
            // Once until there is room again: clients retry every few seconds.
            _fullReported = true;
            LogFull(logger, refused.App, refused.Id, settings.MaxInstances);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
