using Mesh.Client.Discovery;

namespace Mesh.Client.Outbound.Services;

/// <summary>Why a name may be missing among the services, as a sentence for messages.</summary>
internal static class SourceReport
{
    public static string Describe(IEnumerable<MeshSourceStatus> sources, SourceSignals refresh, TimeProvider time)
    {
        if (refresh.Reading is { } reading)
        {
            return reading.Describe(time);
        }

        MeshSourceStatus[] all = [.. sources];
        return Array.Exists(all, static status => status.ReadsRegistry)
            ? "The registry has given no usable answer yet."
            : string.Join(' ', all.Select(static status => status.Idle).OfType<string>());
    }
}
