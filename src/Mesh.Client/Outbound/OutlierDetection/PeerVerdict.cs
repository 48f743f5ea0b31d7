namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>What a refusal, such as a 404, says about the endpoint that gave it.</summary>
internal enum PeerVerdict
{
    /// <summary>Not enough data.</summary>
    Unknown,

    /// <summary>The others refuse as much: it is the caller's mistake, or the right answer.</summary>
    Alike,

    /// <summary>It refuses again and again, and the others have not answered yet.</summary>
    Doubtful,

    /// <summary>It refuses far more than the others.</summary>
    Far,
}
