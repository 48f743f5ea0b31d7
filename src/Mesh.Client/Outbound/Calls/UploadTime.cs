using System.Net.Http.Json;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The time limit of a call with a request body that is large or of unknown length: it bounds the silence after the last progress,
/// not the whole transfer.</summary>
internal static class UploadTime
{
    /// <param name="attempt">The attempt.</param>
    /// <param name="upload">Its body.</param>
    /// <param name="cancellation">The attempt's cancellation.</param>
    /// <param name="span">The time limit, microseconds.</param>
    public static void Follow(Attempt attempt, Upload upload, AttemptCancellation cancellation, TimeSpan span)
    {
        var call = attempt.Call;
        cancellation.Watch(upload);
        upload.Follow(cancellation, attempt.HasRest ? call.PolicyTime : span, call.PolicyTime, call.FixedDeadline);

        // JSON of an object is available as a whole, only its length is unknown: its endpoint may count from the beginning.
        attempt.DeadlineMoves = upload.IsFollowed && !(upload.Content is JsonContent && call.BodyReplayable);
    }

    /// <summary>Carries the progress of an attempt over into the call's deadline.</summary>
    public static void Extend(Attempt attempt)
    {
        if (attempt.Upload is { IsFollowed: true, MovedAt: var movedAt } && movedAt > MeshTime.LongAgo)
        {
            attempt.Call.Extend(movedAt);
        }
    }
}
