using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>
/// What the registry lists, and which instances are believed. Pure: time comes in as an argument.
/// </summary>
/// <remarks>
/// An instance leaves at once when the registry says so: listed with another status than UP, or DELETED in a delta. An instance that was UP
/// and is merely missing from a full answer is kept for the grace period, because that is what a restarted registry looks like: first
/// empty, then filling up one registration after the other. A dead one among those kept costs a retry; believing an empty list would cost
/// every call. For the same reason a registry that takes more than half of many instances away in one answer, with too few in their place,
/// is doubted: these are kept for the grace period, too, or until their service has as many as before. The work of a delta is in
/// proportion to it, except while instances begin to be kept, and while some are doubted.
/// </remarks>
internal sealed class EurekaRegistry : IKnownInstances
{
    private readonly RetainedInstances _kept = new();
    private readonly MassDeletion _deletion = new();
    private InstanceSet _listed = new(0);
    private AcceptedChanges _changes = new();

    /// <summary>Whether instances are called by their IP address.</summary>
    public bool PreferIPAddress { get; set; }

    /// <summary>How many instances are believed although the registry no longer lists them.</summary>
    public int VanishedCount => _kept.Count - _kept.SuspectedCount;

    /// <summary>How many instances are believed although the registry says that they are gone,
    /// because it said so of too many at once.</summary>
    public int DoubtedCount => _kept.SuspectedCount;

    /// <summary>How many instances may be called.</summary>
    public int BelievedCount => _listed.UpCount + _kept.Count;

    public EurekaInstance? Find(string app, ReadOnlySpan<byte> id) => _listed.Find(app, id);

    /// <summary>How the believed instances have changed since the last call.</summary>
    public AcceptedChanges TakeChanges()
    {
        var changes = _changes;
        _changes = new AcceptedChanges();
        return changes;
    }

    /// <summary>Takes a full answer.</summary>
    public void Replace(EurekaApplications full, TimeSpan now, TimeSpan grace)
    {
        var before = _listed;
        var listed = new InstanceSet(full.Instances.Count);
        foreach (var instance in full.Instances)
        {
            if (!instance.Deleted)
            {
                listed.Put(instance);
            }
        }

        List<EurekaInstance> leaving = [];
        var kept = false;
        foreach (var instance in before)
        {
            var current = listed.Find(instance);
            if (!instance.IsUp)
            {
                if (!ReferenceEquals(current, instance))
                {
                    _changes.RemoveIdle(instance);
                }

                continue;
            }

            if (!ReferenceEquals(current, instance))
            {
                _changes.Remove(instance);
            }

            if (current is null)
            {
                Keep(instance, now + grace, doubted: false);
                kept = true;
            }
            else if (!current.IsUp)
            {
                leaving.Add(instance);
            }
        }

        _listed = listed;
        kept |= MassDeletion.IsPossible(leaving.Count, before.UpCount) && Doubt(leaving, [.. before.Up()], now + grace);
        foreach (var instance in listed)
        {
            if (!ReferenceEquals(before.Find(instance), instance))
            {
                NoteCome(instance);
            }
        }

        _changes.EmptyApplications = full.Empty;
        if (kept || _kept.Count > 0)
        {
            ForgetListed();
        }

        Expire(now);
    }

    /// <summary>Takes the first full answer of another registry: a service that it lists has the instances that it lists. Those of the
    /// registry before are kept for the others, which may still have to register.</summary>
    public void ReplaceRegistry(EurekaApplications full, TimeSpan now, TimeSpan grace)
    {
        Replace(full, now, grace);
        if (_kept.Count == 0)
        {
            return;
        }

        var listed = _listed.Up().SelectMany(UpCounts.ServicesOf).ToHashSet(StringComparer.Ordinal);
        foreach (var kept in _kept.All.Where(kept => UpCounts.ServicesOf(kept.Instance).Any(listed.Contains)).ToArray())
        {
            Forget(kept);
        }

        Expire(now);
    }

    /// <summary>Takes a delta. False: what is known now does not match the registry's own count, and a full answer is needed.</summary>
    public bool Apply(EurekaApplications delta, TimeSpan now, TimeSpan grace)
    {
        if (_listed.Count + delta.Instances.Count > RegistryLimits.Instances)
        {
            // Changes must not add up to what a full answer may not have.
            return false;
        }

        var leaving = Leaving(delta);
        EurekaInstance[]? before = MassDeletion.IsPossible(leaving.Count, _listed.UpCount) ? [.. _listed.Up()] : null;
        foreach (var instance in delta.Instances)
        {
            if (instance.Deleted)
            {
                Note(_listed.Remove(instance), null);
                if (_kept.Find(instance) is { Suspected: false } missing)
                {
                    Forget(missing);
                }
            }
            else if (!ReferenceEquals(_listed.Find(instance), instance))
            {
                Note(_listed.Put(instance), instance);
                ForgetFor(instance);
            }
        }

        if (before is not null)
        {
            // Only now: a delta may say first that an instance is gone and then that it is there, or its replacement.
            leaving.RemoveWhere(instance => _listed.Find(instance) is { IsUp: true });
            if (Doubt(leaving, before, now + grace))
            {
                ForgetListed();
            }
        }

        Expire(now);
        return delta.Hash == EurekaHash.Of(_listed.Counts);
    }

    /// <summary>The instances that may be called.</summary>
    public IEnumerable<EurekaInstance> Accepted()
    {
        foreach (var instance in _listed.Up())
        {
            yield return instance;
        }

        foreach (var kept in _kept.All)
        {
            yield return kept.Instance;
        }
    }

    /// <summary>The instances that are listed with another status than UP.</summary>
    public IEnumerable<EurekaInstance> Idle()
    {
        foreach (var instance in _listed)
        {
            if (!instance.IsUp)
            {
                yield return instance;
            }
        }
    }

    /// <summary>Those that are up and that a delta takes away, each once.</summary>
    private HashSet<EurekaInstance> Leaving(EurekaApplications delta)
    {
        var leaving = new HashSet<EurekaInstance>(ReferenceEqualityComparer.Instance);
        foreach (var instance in delta.Instances)
        {
            if ((instance.Deleted || !instance.IsUp) && _listed.Find(instance) is { IsUp: true } known)
            {
                leaving.Add(known);
            }
        }

        return leaving;
    }

    /// <summary>Keeps those of the leaving that are doubted. Called when the answer is in the list.</summary>
    private bool Doubt(IReadOnlyCollection<EurekaInstance> leaving, EurekaInstance[] before, TimeSpan until)
    {
        var doubted = _deletion.Doubt(leaving, before, [.. _listed.Up()]);
        foreach (var instance in doubted)
        {
            Keep(instance, until, doubted: true);
        }

        return doubted.Length > 0;
    }

    private void Note(EurekaInstance? before, EurekaInstance? now)
    {
        if (before is { IsUp: true })
        {
            _changes.Remove(before);
        }
        else if (before is not null)
        {
            _changes.RemoveIdle(before);
        }

        if (now is not null)
        {
            NoteCome(now);
        }
    }

    private void NoteCome(EurekaInstance instance)
    {
        if (instance.IsUp)
        {
            _changes.Add(instance);
        }
        else
        {
            _changes.AddIdle(instance);
        }
    }

    private void Keep(EurekaInstance instance, TimeSpan until, bool doubted)
    {
        if (_kept.Find(instance) is { } before)
        {
            Forget(before);
        }

        _kept.Add(new RetainedInstance(instance, until, doubted));
        _changes.Add(instance);
    }

    private void Forget(RetainedInstance kept)
    {
        _kept.Remove(kept);
        _changes.Remove(kept.Instance);
    }

    /// <summary>An instance that is listed again, under its id or at its address under another id, is no longer missing. A doubted one may
    /// be listed as anything but UP: that is what is doubted. Calls would reach another application that is UP at the address.</summary>
    private void ForgetFor(EurekaInstance listed)
    {
        if (_kept.Count == 0)
        {
            return;
        }

        if (_kept.Find(listed) is { } same && (!same.Suspected || listed.IsUp))
        {
            Forget(same);
        }

        foreach (var kept in _kept.At(listed, PreferIPAddress))
        {
            if (listed.IsUp || (!kept.Suspected && kept.Instance.Names.App == listed.Names.App))
            {
                Forget(kept);
            }
        }
    }

    /// <summary>The same for all that are listed.</summary>
    private void ForgetListed()
    {
        foreach (var instance in _listed)
        {
            ForgetFor(instance);
        }
    }

    /// <summary>Forgets those whose time is over, and the doubted ones of services that have as many instances as before. Called with good
    /// answers only: while no registry answers, nothing is forgotten.</summary>
    private void Expire(TimeSpan now)
    {
        if (_kept.Count > 0)
        {
            foreach (var kept in _kept.All.Where(kept => kept.Until <= now).Union(_deletion.Replaced(_kept.All, _listed.Up())).ToArray())
            {
                Forget(kept);
            }
        }

        if (_kept.SuspectedCount == 0)
        {
            _deletion.End();
        }
    }
}
