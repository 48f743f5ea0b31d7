using System.Collections.Concurrent;
using System.Globalization;

namespace Mesh.Registry;

/// <summary>
/// All answers about one state of the registry, each written when it is first asked for. A thousand clients that poll
/// the same state cost one serialisation.
/// </summary>
internal sealed class ListingSet
{
    // Full answers carry no version of their own in the protocol, selections none at all.
    private const string FullVersion = "1";
    private const string SelectionVersion = "-1";

    private readonly RegistryView _view;
    private readonly ListingWriter _writer;
    private readonly Lazy<Payload> _full;
    private readonly Lazy<Payload>? _delta;

    // Keyed by what is registered only, so that asking for names at random cannot fill it.
    private readonly ConcurrentDictionary<string, Lazy<Payload>> _apps = new(StringComparer.Ordinal);

    public ListingSet(RegistryView view, ListingWriter writer, Func<long> nextDeltaVersion)
    {
        _view = view;
        _writer = writer;
        _full = new Lazy<Payload>(() => new Payload(writer.WriteApplications(All(), FullVersion, ListingWriter.Hash(All()))));
        _delta = view.ChangesAreComplete
            ? new Lazy<Payload>(() => new Payload(writer.WriteApplications(
                view.Changes, nextDeltaVersion().ToString(CultureInfo.InvariantCulture), ListingWriter.Hash(All()))))
            : null;
    }

    public RegistrySnapshot Snapshot => _view.Snapshot;

    public Payload Full => _full.Value;

    /// <summary>Gets the changes, or null when some of them were lost and only a full fetch is safe.</summary>
    public Payload? Delta => _delta?.Value;

    public Payload? Application(string app) => !_view.Snapshot.Apps.TryGetValue(app, out var instances)
        ? null
        : _apps.GetOrAdd(app, _ => new Lazy<Payload>(() => new Payload(_writer.WriteApplication(instances.Values)))).Value;

    /// <summary>The instances that carry a virtual address; an address that nobody carries gives an empty list.</summary>
    public Payload Selection(string address, bool secure)
    {
        var selected = All().Where(instance => Carries(secure ? instance.SecureVipAddress : instance.VipAddress, address)).ToArray();
        return new Payload(_writer.WriteApplications(selected, SelectionVersion, ListingWriter.Hash(selected)));
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
