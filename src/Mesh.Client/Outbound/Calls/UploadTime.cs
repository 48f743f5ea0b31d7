using System.Net.Http.Json;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The time limit of a call with a request body that is large or of unknown length: it bounds the silence after the last progress,
/// not the whole transfer.</summary>
internal static class UploadTime
{
    /// <param name="call">The call.</param>
    /// <param name="upload">Its body in this attempt.</param>
    /// <param name="cancellation">The attempt's cancellation.</param>
    /// <param name="span">The time limit, microseconds.</param>
    public static void Follow(Call call, Upload upload, AttemptCancellation cancellation, TimeSpan span)
    {
        cancellation.Watch(upload);
        upload.Follow(cancellation, call.AttemptHasRest ? call.PolicyTime : span, call.PolicyTime, call.FixedDeadline);

        // JSON of an object is available as a whole, only its length is unknown: its endpoint may count from the beginning.
        call.DeadlineMoves = upload.IsFollowed && !(upload.Content is JsonContent && call.BodyReplayable);
    }

    /// <summary>Carries the progress of an ended attempt over into the call's deadline.</summary>
    public static void Extend(Call call, Upload? upload)
    {
        if (upload is { IsFollowed: true, MovedAt: var movedAt } && movedAt > MeshTime.LongAgo)
        {
            call.Extend(movedAt);
        }
    }
}
