using System.Diagnostics;

namespace Mesh.Client.Telemetry;

/// <summary>The mesh's tags on the span of an attempt, beside the runtime's own.</summary>
/// <param name="Service">The service.</param>
/// <param name="Endpoint">Host and port of the endpoint.</param>
/// <param name="Reason">Why this attempt was made.</param>
/// <param name="ResendCount">0 for the first attempt.</param>
internal sealed record AttemptTags(string Service, string Endpoint, string Reason, int ResendCount)
{
    /// <summary>Whether the runtime has taken them.</summary>
    public bool IsApplied { get; private set; }

    public void ApplyTo(Activity activity)
    {
        IsApplied = true;
        activity.SetTag(MeshTags.Service, Service);
        activity.SetTag(MeshTags.Endpoint, Endpoint);
        activity.SetTag(MeshTags.AttemptReason, Reason);
        if (ResendCount > 0)
        {
            activity.SetTag(MeshTags.ResendCount, ResendCount);
        }
    }
}
