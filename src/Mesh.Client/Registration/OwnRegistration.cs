using System.Collections.Immutable;
using Mesh.Client.Primitives;

namespace Mesh.Client.Registration;

/// <summary>The wanted registration of this application. Written by the life cycle, the health checks and the application; read by the loop
/// that sends it.</summary>
internal sealed class OwnRegistration : IMeshRegistration
{
    // Guards everything below.
    private readonly Lock _gate = new();
    private readonly ChangeSignal _changed = new();
    private OwnStatus _status = new(RegistrationStatus.Starting, RegistrationStatus.Up, Healthy: true);
    private ImmutableSortedDictionary<string, string> _metadata =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, string?> _changes =
        ImmutableSortedDictionary<string, string?>.Empty.WithComparers(StringComparer.Ordinal);
    private RegistrationStatus _overridden;
    private bool _chosen;

    /// <summary>Completes with the next change. Must be read before <see cref="Wanted"/>.</summary>
    public Task NextChange => _changed.Next;

    public WantedRegistration Wanted
    {
        get
        {
            lock (_gate)
            {
                return new WantedRegistration(_status.Sent, _status.TakenOut, _metadata);
            }
        }
    }

    /// <summary>Whether the life cycle allows UP, so that health checks count.</summary>
    public bool IsUp
    {
        get
        {
            lock (_gate)
            {
                return _status.Life == RegistrationStatus.Up;
            }
        }
    }

    public InstanceStatus Status
    {
        get
        {
            lock (_gate)
            {
                return Public(_status.Effective)!.Value;
            }
        }
    }

    public InstanceStatus? OverriddenBy
    {
        get
        {
            lock (_gate)
            {
                return Public(_overridden);
            }
        }
    }

    public IReadOnlyDictionary<string, string> Metadata
    {
        get
        {
            lock (_gate)
            {
                return _metadata;
            }
        }
    }

    /// <summary>Takes the configured values. Values already set by the application take precedence.</summary>
    /// <param name="metadata">The configured metadata.</param>
    /// <param name="upAtStart">Whether it becomes UP by itself.</param>
    public void Begin(IReadOnlyDictionary<string, string> metadata, bool upAtStart)
    {
        lock (_gate)
        {
            _metadata = Over(metadata);
            if (!_chosen && !upAtStart)
            {
                _status = _status with { Chosen = RegistrationStatus.Starting };
            }
        }
    }

    /// <summary>Takes newly configured metadata. Entries set by the application take precedence.</summary>
    public void Configure(IReadOnlyDictionary<string, string> metadata)
    {
        lock (_gate)
        {
            var next = Over(metadata);
            if (next.Count == _metadata.Count && next.All(entry => _metadata.GetValueOrDefault(entry.Key) == entry.Value))
            {
                // Other settings have changed: there is nothing to send.
                return;
            }

            _metadata = next;
        }

        _changed.Set();
    }

    public void SetLife(RegistrationStatus life) => Change(status => status with { Life = life });

    public void SetHealthy(bool healthy) => Change(status => status with { Healthy = healthy });

    /// <summary>The status that the registry shows in place of the registered one; unknown for none.</summary>
    /// <returns>Whether it has changed.</returns>
    public bool SetOverridden(RegistrationStatus status)
    {
        bool changed;
        lock (_gate)
        {
            if (_overridden == status)
            {
                return false;
            }

            _overridden = status;
            var before = _status.Sent;
            _status = _status with { Lifted = status == RegistrationStatus.Up && _status.Chosen == RegistrationStatus.Starting };
            changed = _status.Sent != before;
        }

        if (changed)
        {
            _changed.Set();
        }

        return true;
    }

    public void SetStatus(InstanceStatus? status)
    {
        var chosen = status switch
        {
            null or InstanceStatus.Up => RegistrationStatus.Up,
            InstanceStatus.Down => RegistrationStatus.Down,
            InstanceStatus.Starting => RegistrationStatus.Starting,
            InstanceStatus.OutOfService => RegistrationStatus.OutOfService,
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "This is no status."),
        };
        Change(own => own with { Chosen = chosen, Lifted = false }, chosenByHand: true);
    }

    public void SetMetadata(string key, string? value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        if (!Printable.IsLine(key) || (value is not null && !Printable.IsLine(value)))
        {
            throw new ArgumentException("Metadata cannot hold control characters, since they may be compared with headers, nor half of a "
                + "surrogate pair.", nameof(key));
        }

        lock (_gate)
        {
            _changes = _changes.SetItem(key, value);
            var metadata = value is null ? _metadata.Remove(key) : _metadata.SetItem(key, value);
            if (ReferenceEquals(metadata, _metadata))
            {
                return;
            }

            _metadata = metadata;
        }

        _changed.Set();
    }

    /// <summary>Called under the gate.</summary>
    private ImmutableSortedDictionary<string, string> Over(IReadOnlyDictionary<string, string> configured)
    {
        var metadata = _metadata.Clear().SetItems(configured);
        foreach (var (key, value) in _changes)
        {
            metadata = value is null ? metadata.Remove(key) : metadata.SetItem(key, value);
        }

        return metadata;
    }

    private void Change(Func<OwnStatus, OwnStatus> change, bool chosenByHand = false)
    {
        lock (_gate)
        {
            _chosen |= chosenByHand;
            _status = change(_status);
        }

        _changed.Set();
    }

    private static InstanceStatus? Public(RegistrationStatus status) => status switch
    {
        RegistrationStatus.Up => InstanceStatus.Up,
        RegistrationStatus.Down => InstanceStatus.Down,
        RegistrationStatus.Starting => InstanceStatus.Starting,
        RegistrationStatus.OutOfService => InstanceStatus.OutOfService,
        _ => null,
    };
}
