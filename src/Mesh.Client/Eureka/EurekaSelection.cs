using Mesh.Client.Eureka.Wire;
using Mesh.Client.Options;

namespace Mesh.Client.Eureka;

/// <summary>Which part of the registry is fetched, for applications that call few services of a large one.</summary>
internal sealed record EurekaSelection(string Vips, IReadOnlyList<string> Apps)
{
    public bool IsAll => Vips.Length == 0 && Apps.Count == 0;

    public static EurekaSelection From(EurekaOptions options) => new(
        string.Join(
            ',',
            options.Vips.SelectMany(static vip => vip.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))),
        [.. options.Apps]);

    /// <summary>The whole selection, as one answer. If one request fails, all of it fails, so that no instance appears to be
    /// missing.</summary>
    public async Task<EurekaApplications> GetAsync(EurekaClient client, ReaderMemory? memory, CancellationToken cancellationToken)
    {
        List<EurekaInstance> instances = [];
        if (Vips.Length > 0)
        {
            // A service with TLS only is listed by its VIP addresses for TLS.
            instances.AddRange((await client.GetVipsAsync(Vips, secure: false, memory, cancellationToken).ConfigureAwait(false)).Instances);
            instances.AddRange((await client.GetVipsAsync(Vips, secure: true, memory, cancellationToken).ConfigureAwait(false)).Instances);
        }

        foreach (var app in Apps)
        {
            if (await client.GetAppAsync(app, memory, cancellationToken).ConfigureAwait(false) is { } found)
            {
                instances.AddRange(found.Instances);
            }
        }

        return new EurekaApplications(Hash: null, [.. instances.DistinctBy(static instance => instance.Key)]);
    }
}
