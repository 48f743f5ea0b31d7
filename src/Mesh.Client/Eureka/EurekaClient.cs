using System.Globalization;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>The operations of the Eureka v2 protocol, one method each.</summary>
internal sealed class EurekaClient : IDisposable
{
    /// <summary>Servers accept 8 KiB for the first line and all headers together; anything longer is sent as a body.</summary>
    private const int MaxPathLength = 4000;

    private readonly ModelInForce _model;
    private readonly EurekaTransport _transport;

    public EurekaClient(ModelInForce model, [OwnClock] TimeProvider time, IHostResolver resolver, ConnectionRace race)
        : this(model, time, EurekaConnections.Create(model, resolver, race))
    {
    }

    internal EurekaClient(ModelInForce model, TimeProvider time, HttpMessageHandler handler)
    {
        _model = model;
        _transport = new EurekaTransport(model, time, handler);
    }

    private EurekaOptions Options => _model.Current.Options.Discovery.Eureka;

    public Task<EurekaApplications> GetAllAsync(CancellationToken cancellationToken) => GetAllAsync(memory: null, cancellationToken);

    /// <summary>The complete registry, or the configured part of it.</summary>
    /// <param name="memory">Values of earlier answers to reuse, not shared with another reader; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<EurekaApplications> GetAllAsync(ReaderMemory? memory, CancellationToken cancellationToken)
    {
        var selection = EurekaSelection.From(Options);
        return selection.IsAll
            ? await _transport.SendAsync(List("apps", memory), cancellationToken).ConfigureAwait(false)
            : await selection.GetAsync(this, memory, cancellationToken).ConfigureAwait(false);
    }

    public Task<EurekaApplications?> GetDeltaAsync(CancellationToken cancellationToken) => GetDeltaAsync(memory: null, cancellationToken);

    /// <summary>The changes of the last minutes; null where the server does not offer them, or they are not wanted.</summary>
    /// <param name="memory">Values of earlier answers to reuse, not shared with another reader; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<EurekaApplications?> GetDeltaAsync(ReaderMemory? memory, CancellationToken cancellationToken) =>
        // A delta and its checksum cover the whole registry: with a part of it the checksum could not be verified.
        Options.Delta == false || !EurekaSelection.From(Options).IsAll
            ? Task.FromResult<EurekaApplications?>(null)
            : _transport.SendAsync(
                new EurekaRequest<EurekaApplications?>(
                    HttpMethod.Get, "apps/delta", (response, token) => EurekaAnswers.DeltaAsync(response, memory, token)),
                cancellationToken);

    /// <summary>The instances that have one of these VIP addresses, for plain HTTP or for TLS; an empty result is no error.</summary>
    /// <param name="vips">Separated by commas.</param>
    /// <param name="secure">Whether these are the VIP addresses for TLS.</param>
    /// <param name="memory">What was read before; null for nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<EurekaApplications> GetVipsAsync(string vips, bool secure, ReaderMemory? memory, CancellationToken cancellationToken) =>
        _transport.SendAsync(List($"{(secure ? "svips" : "vips")}/{Escape(vips)}", memory), cancellationToken);

    /// <summary>The instances of one application; null if there is none.</summary>
    public Task<EurekaApplications?> GetAppAsync(string app, ReaderMemory? memory, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            new EurekaRequest<EurekaApplications?>(
                HttpMethod.Get, PathOf(app), (response, token) => EurekaAnswers.ApplicationAsync(response, memory, token)),
            cancellationToken);

    /// <summary>One instance as the registry shows it; null if the registry does not know it.</summary>
    public Task<EurekaInstance?> GetInstanceAsync(string app, string id, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            new EurekaRequest<EurekaInstance?>(HttpMethod.Get, PathOf(app, id), EurekaAnswers.InstanceAsync), cancellationToken);

    /// <summary>Creates or replaces a registration.</summary>
    public Task RegisterAsync(
        InstanceRegistration registration, RegistrationStatus status, long dirty, TimeSpan? budget, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            new EurekaRequest<bool>(HttpMethod.Post, PathOf(registration.App), EurekaAnswers.AcceptedAsync)
            {
                Body = RegistrationWriter.Write(registration, status, dirty),
                Budget = budget,
            },
            cancellationToken);

    /// <summary>Renews a registration. False: the registry does not have it, in this version or at all.</summary>
    public Task<bool> HeartbeatAsync(
        InstanceRegistration registration, RegistrationStatus status, long dirty, CancellationToken cancellationToken) =>
        PutAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{PathOf(registration)}?status={EurekaStatusNames.NameOf(status)}&lastDirtyTimestamp={dirty}"),
            EurekaAnswers.AcceptedOrUnknownAsync,
            cancellationToken);

    /// <summary>Adds to the metadata of a registration, or replaces entries. False: only a new registration can do it.</summary>
    public Task<bool> AddMetadataAsync(
        InstanceRegistration registration, IEnumerable<KeyValuePair<string, string>> entries, CancellationToken cancellationToken)
    {
        var query = entries.Select(static entry => $"{Uri.EscapeDataString(entry.Key)}={Uri.EscapeDataString(entry.Value)}");
        var path = $"{PathOf(registration)}/metadata?{string.Join('&', query)}";
        return path.Length > MaxPathLength ? Task.FromResult(false)
            : PutAsync(path, EurekaAnswers.AcceptedOrLackingAsync, cancellationToken);
    }

    /// <summary>Sets a status that overrides every later registration until it is removed. False: only a new registration can do
    /// it.</summary>
    public Task<bool> OverrideStatusAsync(
        InstanceRegistration registration, RegistrationStatus status, CancellationToken cancellationToken) =>
        PutAsync(
            $"{PathOf(registration)}/status?value={EurekaStatusNames.NameOf(status)}",
            EurekaAnswers.AcceptedOrLackingAsync,
            cancellationToken);

    /// <summary>Removes what <see cref="OverrideStatusAsync"/> set. False: only a new registration can do it.</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="status">The status from then on; without it a server assumes UNKNOWN and refuses the next heartbeat.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<bool> RemoveOverrideAsync(
        InstanceRegistration registration, RegistrationStatus status, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            new EurekaRequest<bool>(
                HttpMethod.Delete,
                $"{PathOf(registration)}/status?value={EurekaStatusNames.NameOf(status)}",
                EurekaAnswers.AcceptedOrLackingAsync),
            cancellationToken);

    /// <summary>Removes a registration; one that is gone already is no error.</summary>
    public Task DeleteAsync(InstanceRegistration registration, TimeSpan budget, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            new EurekaRequest<bool>(HttpMethod.Delete, PathOf(registration), EurekaAnswers.AcceptedOrUnknownAsync) { Budget = budget },
            cancellationToken);

    public void Dispose() => _transport.Dispose();

    private static EurekaRequest<EurekaApplications> List(string path, ReaderMemory? memory) =>
        new(HttpMethod.Get, path, (response, token) => EurekaAnswers.ApplicationsAsync(response, memory, token));

    private Task<bool> PutAsync(
        string path, Func<HttpResponseMessage, CancellationToken, Task<bool>> read, CancellationToken cancellationToken) =>
        _transport.SendAsync(new EurekaRequest<bool>(HttpMethod.Put, path, read), cancellationToken);

    private static string PathOf(InstanceRegistration registration) => PathOf(registration.App, registration.InstanceId);

    private static string PathOf(string app) => $"apps/{Escape(app)}";

    private static string PathOf(string app, string id) => $"apps/{Escape(app)}/{Escape(id)}";

    // Colon and comma stay as they are, as with all other clients; all other reserved characters are escaped.
    private static string Escape(string segment) =>
        Uri.EscapeDataString(segment).Replace("%3A", ":", StringComparison.Ordinal).Replace("%2C", ",", StringComparison.Ordinal);
}
