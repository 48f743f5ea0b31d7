namespace Mesh.Client.Eureka;

/// <summary>Whether the next fetch asks for changes or for everything.</summary>
/// <remarks>Used by the loop of <see cref="EurekaSource"/> only, which does one thing at a time.</remarks>
internal sealed class DeltaPlan
{
    /// <summary>After this many fetches in a row where only the full list could be read, deltas are suspended for a while: each try costs
    /// one request more.</summary>
    private const int FailuresBeforeRest = 3;

    /// <summary>The number of full fetches before deltas are requested again; the same after a server said that it offers none.</summary>
    private const int Rest = 20;

    /// <summary>How long a Netflix server reports a change. After a longer gap a client may have missed one.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(3);

    private int _resting;
    private int _failures;

    // Whether a delta was requested in vain, and nothing could be read since.
    private bool _open;

    // Whether the suspension of deltas was reported.
    private bool _givenUp;

    /// <summary>Whether this fetch requests a delta; one of the methods below then reports the outcome.</summary>
    /// <param name="age">The time since the last successful fetch began; null unless one has failed since.</param>
    public bool Asks(TimeSpan? age)
    {
        if (_resting > 0)
        {
            _resting--;
            return false;
        }

        if (age >= Retention)
        {
            return false;
        }

        _open = true;
        return true;
    }

    /// <summary>The changes could be read.</summary>
    public void Succeeded()
    {
        _open = false;
        _failures = 0;
        _givenUp = false;
    }

    /// <summary>The server has no changes to offer.</summary>
    public void Refused()
    {
        _open = false;
        _resting = Rest;
    }

    /// <summary>Everything could be read.</summary>
    /// <returns>Whether deltas are suspended from now on, and this was not reported before.</returns>
    public bool ReadInFull()
    {
        // A registry that is down gives neither; that proves nothing about deltas.
        if (!_open)
        {
            return false;
        }

        _open = false;
        if (++_failures < FailuresBeforeRest)
        {
            return false;
        }

        _resting = Rest;
        var isNews = !_givenUp;
        _givenUp = true;
        return isNews;
    }
}
