namespace Mesh.Client.Eureka;

/// <summary>Whether one of several failures in a row is worth a log line: the first is, and later another kind, at most once a
/// minute.</summary>
/// <remarks>A registry that is restarted with another password first refuses connections. Without a second line, the log would name that
/// reason for the whole outage. Used by one flow at a time.</remarks>
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

    /// <summary>A request succeeded.</summary>
    public void End() => Failures = 0;
}
