using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>
/// The instances that the registry lists, and those that are accepted. Pure: time is an argument.
/// </summary>
/// <remarks>
/// An instance leaves at once when the registry says so: listed with another status than UP, or DELETED in a delta. An instance that was UP
/// and is merely missing from a full answer is retained for the grace period, because a restarted registry looks like that: first empty,
/// then filling up registration by registration. A dead instance among the retained costs a retry; accepting an empty list would cost every
/// call. For the same reason an answer is suspected if it removes more than half of many instances, with too few replacements: these are
/// retained for the grace period, or until their service has as many instances as before. The work for a delta is proportional to its size,
/// except while instances begin to be retained, and while some are suspected.
/// </remarks>
internal sealed class EurekaRegistry : IKnownInstances
{
    private readonly RetainedInstances _kept = new();
    private readonly MassDeletion _deletion = new();
    private InstanceSet _listed = new(0);
    private AcceptedChanges _changes = new();

    /// <summary>Whether instances are called by their IP address.</summary>
    public bool PreferIPAddress { get; set; }

    /// <summary>How many instances are accepted although the registry no longer lists them.</summary>
    public int VanishedCount => _kept.Count - _kept.SuspectedCount;

    /// <summary>How many instances are accepted although the registry reports them as gone, because it reported too many at once.</summary>
    public int DoubtedCount => _kept.SuspectedCount;

    /// <summary>How many instances may be called.</summary>
    public int BelievedCount => _listed.UpCount + _kept.Count;

    public EurekaInstance? Find(string app, ReadOnlySpan<byte> id) => _listed.Find(app, id);

    /// <summary>How the accepted instances have changed since the last call.</summary>
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

    /// <summary>Takes the first full answer of another registry. For every service that it lists, its instances count. The other services
    /// keep the instances of the previous registry: they may still have to register with the new one.</summary>
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

    /// <summary>Takes a delta. False: the result does not match the registry's own count, and a full answer is needed.</summary>
    public bool Apply(EurekaApplications delta, TimeSpan now, TimeSpan grace)
    {
        if (_listed.Count + delta.Instances.Count > RegistryLimits.Instances)
        {
            // Changes must not add up to more than a full answer may have.
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
            // Only at the end: a delta may first report an instance as gone and then list it, or its replacement, as up.
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

    /// <summary>The instances that are up and that a delta removes, each once.</summary>
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

    /// <summary>Retains the suspected ones of the leaving instances. Called after the answer is in the list.</summary>
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

    /// <summary>An instance that is listed again, under its id or at its address under another id, is no longer missing. A suspected one
    /// may be listed with any status but UP: that listing is what is suspected. If another application is UP at its address, calls would
    /// reach that one, and it is forgotten.</summary>
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

    /// <summary>Forgets retained instances after the grace period, and the suspected ones of services that have as many instances as
    /// before. Called with good answers only: while no registry answers, nothing is forgotten.</summary>
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
