using System.Globalization;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>The instances of one service, and the endpoints that were published for them. The cost of a change is proportional to its size,
/// plus one copy of the list.</summary>
internal sealed class PublishedService(string name)
{
    private readonly List<EurekaInstance> _come = [];
    private readonly List<EurekaInstance> _gone = [];
    private EurekaInstance[] _members = [];
    private bool _hasDoubles;
    private bool _published;

    // The number of instances in each status but UP. Most services never have one.
    private int[]? _idle;
    private int _unusable;
    private Dictionary<string, int>? _down;
    private bool _downChanged;
    private string? _problem;
    private string? _reason;

    public string Name => name;

    /// <summary>Sorted by instance id, each address once.</summary>
    public EndpointDescription[] Endpoints { get; private set; } = [];

    /// <summary>The ids of its instances that are DOWN, as of the last <see cref="TakeLeaving"/>; null for none.</summary>
    public IReadOnlySet<string>? Leaving { get; private set; }

    /// <summary>Whether any instance has come or gone since the last <see cref="Update"/>.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Whether it is in the queue of services that may make room for another name.</summary>
    public bool AwaitsEviction { get; set; }

    /// <summary>Whether the registry lists an application of this name without instances.</summary>
    public bool IsEmptyApplication { get; set; }

    /// <summary>Whether the registry lists it, in any state, or its instances are retained.</summary>
    public bool IsListed =>
        _members.Length > 0 || _unusable > 0 || IsEmptyApplication || (_idle is not null && Array.Exists(_idle, static count => count > 0));

    public void Add(EurekaInstance instance) => _come.Add(instance);

    public void Remove(EurekaInstance instance) => _gone.Add(instance);

    public void CountIdle(EurekaInstance instance, int change)
    {
        (_idle ??= new int[EurekaHash.Statuses])[(int)instance.Status] += change;
        if (instance.Status == RegistrationStatus.Down)
        {
            // Counted: what has come is told before what has gone, and two applications may use one id.
            _down ??= new Dictionary<string, int>(StringComparer.Ordinal);
            _downChanged = true;
            if ((_down[instance.Id] = _down.GetValueOrDefault(instance.Id) + change) == 0)
            {
                _down.Remove(instance.Id);
            }
        }
    }

    /// <param name="change">1 or -1.</param>
    /// <param name="problem">The fault of an instance that has come.</param>
    public void CountUnusable(int change, string? problem)
    {
        _unusable += change;
        _problem = problem ?? _problem;
    }

    /// <summary>Why it has no endpoint, if this has changed.</summary>
    /// <param name="reason">Null if it has an endpoint.</param>
    public bool TakeReason(out string? reason)
    {
        reason = Endpoints.Length > 0 ? null : Reason();
        var news = reason != _reason;
        _reason = reason;
        return news;
    }

    /// <summary>Whether <see cref="Leaving"/> has changed.</summary>
    public bool TakeLeaving()
    {
        var news = _downChanged;
        if (news)
        {
            _downChanged = false;
            var leaving = _down is { Count: > 0 } ? new HashSet<string>(_down.Keys, StringComparer.Ordinal) : null;
            news = leaving is null ? Leaving is not null : Leaving is null || !leaving.SetEquals(Leaving);
            Leaving = leaving;
        }

        return news;
    }

    /// <summary>Nothing is listed.</summary>
    public void Clear()
    {
        ClearBelieved();
        _downChanged |= _down is { Count: > 0 };
        _down = null;
        _idle = null;
        IsEmptyApplication = false;
    }

    /// <summary>No instance is up.</summary>
    public void ClearBelieved()
    {
        _unusable = 0;
        _come.Clear();
        _gone.Clear();
        _members = [];
        _hasDoubles = false;
    }

    /// <summary>Applies the instances that have come and gone.</summary>
    /// <returns>Whether <see cref="Endpoints"/> has changed.</returns>
    public bool Update()
    {
        var gone = new HashSet<EurekaInstance>(_gone, ReferenceEqualityComparer.Instance);
        _come.Sort(ByKey);
        _hasDoubles |= MeetsAnother(gone);
        _members = Merge(gone);
        _come.Clear();
        _gone.Clear();
        IsTouched = false;

        var endpoints = _hasDoubles ? WithoutDoubles() : Array.ConvertAll(_members, static member => member.Endpoint!);
        if (_published && endpoints.AsSpan().SequenceEqual(Endpoints, EndpointComparer.Instance))
        {
            return false;
        }

        _published = true;
        Endpoints = endpoints;
        return true;
    }

    private string Reason()
    {
        List<(int Count, string What)> parts = [];
        for (var status = 0; status < _idle?.Length; status++)
        {
            if (_idle[status] > 0)
            {
                parts.Add((_idle[status], EurekaStatusNames.NameOf((RegistrationStatus)status)));
            }
        }

        if (_unusable > 0)
        {
            parts.Add((_unusable, $"unusable ({_problem})"));
        }

        return parts switch
        {
            [] => IsEmptyApplication
                ? "the registry lists it without an instance"
                : "it is known, but no instance is up: the registry lists none any more",
            [(1, var what)] => $"its only instance is {what}",
            [(var count, var what)] => string.Create(CultureInfo.InvariantCulture, $"its {count} instances are {what}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"of its {parts.Sum(static part => part.Count)} instances ")
                + string.Join(
                    ", ",
                    parts.Select(static part => string.Create(CultureInfo.InvariantCulture,
                        $"{part.Count} {(part.Count == 1 ? "is" : "are")} {part.What}"))),
        };
    }

    /// <summary>By id; equal ids of several applications by application.</summary>
    private static int ByKey(EurekaInstance x, EurekaInstance y) =>
        x.IdBytes.SequenceCompareTo(y.IdBytes) is not 0 and var order ? order : string.CompareOrdinal(x.Names.App, y.Names.App);

    private EurekaInstance[] Merge(HashSet<EurekaInstance> gone)
    {
        var merged = new EurekaInstance[_members.Length + _come.Count];
        var length = 0;
        var next = 0;
        foreach (var member in _members)
        {
            if (gone.Count > 0 && gone.Contains(member))
            {
                continue;
            }

            while (next < _come.Count && ByKey(_come[next], member) < 0)
            {
                merged[length++] = _come[next++];
            }

            merged[length++] = member;
        }

        while (next < _come.Count)
        {
            merged[length++] = _come[next++];
        }

        return length == merged.Length ? merged : merged[..length];
    }

    /// <summary>Whether any instance that has come may have the address of another one. Equal hashes by chance only cost time.</summary>
    private bool MeetsAnother(HashSet<EurekaInstance> gone)
    {
        if (_come.Count == 0)
        {
            return false;
        }

        var addresses = new HashSet<int>();
        foreach (var instance in _come)
        {
            if (!addresses.Add(instance.Endpoint!.AddressHash))
            {
                return true;
            }
        }

        foreach (var member in _members)
        {
            if (addresses.Contains(member.Endpoint!.AddressHash) && !gone.Contains(member))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An instance that came back under a new id is listed twice until its old lease ends; it must not get twice the calls. The
    /// later registration counts.</summary>
    private EndpointDescription[] WithoutDoubles()
    {
        var byTime = Array.ConvertAll(_members, static member => member.Endpoint!);
        var order = Enumerable.Range(0, byTime.Length).ToArray();
        Array.Sort(order, (a, b) => byTime[b].Registered.CompareTo(byTime[a].Registered) is not 0 and var later ? later : a.CompareTo(b));
        var taken = new HashSet<EndpointDescription>(AddressComparer.Instance);
        var kept = new bool[byTime.Length];
        foreach (var i in order)
        {
            kept[i] = taken.Add(byTime[i]);
        }

        _hasDoubles = taken.Count < byTime.Length;
        return [.. byTime.Where((_, i) => kept[i])];
    }
}
