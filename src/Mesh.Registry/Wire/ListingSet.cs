using System.Collections.Concurrent;
using System.Globalization;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;

namespace Mesh.Registry.Wire;

/// <summary>
/// All answers about one state of the registry, each written on first request. A thousand clients that poll the same state cost one
/// serialisation.
/// </summary>
internal sealed class ListingSet
{
    // Fixed by the protocol: a full answer has no version of its own, a selection none at all.
    private const string FullVersion = "1";
    private const string SelectionVersion = "-1";

    private readonly RegistryView _view;
    private readonly ListingWriter _writer;
    private readonly Lazy<string> _hash;
    private readonly Payloads? _delta;

    // Only registered names are keys, so that requests for random names cannot fill it.
    private readonly ConcurrentDictionary<string, Payloads> _apps = new(StringComparer.Ordinal);

    public ListingSet(RegistryView view, ListingWriter writer, Func<long> nextDeltaVersion)
    {
        _view = view;
        _writer = writer;
        _hash = new Lazy<string>(() => ListingWriter.Hash(All()));
        Full = new Payloads(form => writer.WriteApplications(form, All(), FullVersion, _hash.Value));
        _delta = view.ChangesAreComplete
            ? new Payloads(
                form => writer.WriteApplications(form, view.Changes, nextDeltaVersion().ToString(CultureInfo.InvariantCulture),
                    _hash.Value))
            : null;
    }

    public RegistrySnapshot Snapshot => _view.Snapshot;

    public Payloads Full { get; }

    /// <summary>Gets the changes, or null when some of them were lost and only a full fetch is safe.</summary>
    public Payloads? Delta => _delta;

    public Payloads? Application(string app)
    {
        if (!_view.Snapshot.Apps.TryGetValue(app, out var instances))
        {
            return null;
        }

        return _apps.GetOrAdd(app, name => new Payloads(form => _writer.WriteApplication(form, name, instances.Values)));
    }

    /// <summary>The instances that carry a virtual address; an unknown address gives an empty list.</summary>
    public Payload Selection(WireForm form, string address, bool secure)
    {
        var selected = All().Where(instance => Carries(secure ? instance.SecureVipAddress : instance.VipAddress, address)).ToArray();
        return new Payload(_writer.WriteApplications(form, selected, SelectionVersion, ListingWriter.Hash(selected)));
    }

    private static bool Carries(string? addresses, string wanted)
    {
        foreach (var part in addresses.AsSpan().Split(','))
        {
            if (addresses.AsSpan(part).Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<RegisteredInstance> All() => _view.Snapshot.Apps.Values.SelectMany(static instances => instances.Values);
}
