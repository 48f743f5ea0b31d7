namespace Mesh.Client.Eureka;

/// <summary>Whether a failure in a row is worth a line in the log: the first one is, and then another kind, once a minute.</summary>
/// <remarks>A registry that is restarted with another password first refuses connections. Without a second line that would stay the reason
/// in the log for as long as the outage lasts. Used by one flow at a time.</remarks>
internal sealed class Outage(TimeProvider time)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private string? _said;
    private long _saidAt;

    /// <summary>How many failures there were in a row.</summary>
    public int Failures { get; private set; }

    /// <summary>Counts a failure. True: it is to be logged.</summary>
    public bool Add(Exception failure)
    {
        Failures++;
        var kind = FailureKind.Of(failure);
        if (Failures > 1 && (kind == _said || time.GetElapsedTime(_saidAt) < BetweenLines))
        {
            return false;
        }

        (_said, _saidAt) = (kind, time.GetTimestamp());
        return true;
    }

    /// <summary>Something has succeeded.</summary>
    public void End() => Failures = 0;
}
