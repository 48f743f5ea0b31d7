using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Services;

/// <summary>The endpoints of a service that sources name, and whose word counts. Only used under the lock of the endpoints.</summary>
internal sealed class SourceLists
{
    private readonly Dictionary<string, SourceList> _lists = new(StringComparer.Ordinal);

    public bool IsEmpty => _lists.Count == 0;

    public IEnumerable<string> Sources => _lists.Keys;

    private MeshSourceRank HighestRank => IsEmpty ? MeshSourceRank.BuiltIn : _lists.Values.Max(static list => list.Rank);

    public bool Has(string source) => _lists.ContainsKey(source);

    public bool TryGet(string source, out SourceList list) => _lists.TryGetValue(source, out list);

    public void Set(string source, SourceList list) => _lists[source] = list;

    public bool Remove(string source) => _lists.Remove(source);

    /// <summary>Whether the endpoints of the model count, and not these.</summary>
    public bool AreOutranked(ServiceModel model) => model.Endpoints.Length > 0 && HighestRank <= model.EndpointsRank;

    /// <summary>Who names those that count.</summary>
    public string[] Deciding(ServiceModel model) => AreOutranked(model) ? ["configuration"] : [.. Highest().Select(static list => list.Key)];

    /// <summary>Who says that there is no endpoint, although a source that counts less names some; empty for nobody.</summary>
    public string[] Overruling(ServiceModel model) =>
        _lists.Count > 1 && !AreOutranked(model) && Endpoints().Length == 0 && _lists.Values.Any(static list => list.Endpoints.Count > 0)
            ? Deciding(model)
            : [];

    /// <summary>What those of the highest rank name: one list as a whole, or those of several sources together.</summary>
    public EndpointDescription[] Endpoints() => _lists.Count == 1 && _lists.Values.First().Endpoints is EndpointDescription[] only
        ? only
        : [.. Highest().SelectMany(static list => list.Value.Endpoints)];

    /// <summary>Whether any of them lists an instance as leaving.</summary>
    public bool ListAsLeaving(string id)
    {
        foreach (var list in _lists.Values)
        {
            if (list.Leaving?.Contains(id) == true)
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<KeyValuePair<string, SourceList>> Highest()
    {
        var highest = HighestRank;
        return _lists.Where(list => list.Value.Rank == highest);
    }
}
