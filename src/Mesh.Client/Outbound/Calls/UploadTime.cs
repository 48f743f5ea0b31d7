using System.Net.Http.Json;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The time of a call whose request body is large or of unknown length: it bounds the silence after
/// the last progress, not the whole way.</summary>
internal static class UploadTime
{
    /// <param name="call">The call.</param>
    /// <param name="upload">Its body in this attempt.</param>
    /// <param name="cancellation">The attempt's time.</param>
    /// <param name="span">How long that is.</param>
    public static void Follow(Call call, Upload upload, AttemptCancellation cancellation, TimeSpan span)
    {
        cancellation.Watch(upload);
        upload.Follow(cancellation, call.AttemptHasRest ? call.PolicyTime : span, call.PolicyTime, call.FixedDeadline);

        // JSON of an object is at hand as a whole, only its length is not known: its endpoint may count from the beginning.
        call.DeadlineMoves = upload.IsFollowed && !(upload.Content is JsonContent && call.BodyReplayable);
    }

    /// <summary>Takes the progress of an attempt that has ended over into the call's deadline.</summary>
    public static void Extend(Call call, Upload? upload)
    {
        if (upload is { IsFollowed: true, MovedAt: var movedAt } && movedAt > MeshTime.LongAgo)
        {
            call.Extend(movedAt);
        }
    }
}
