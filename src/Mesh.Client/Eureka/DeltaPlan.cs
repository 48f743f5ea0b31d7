namespace Mesh.Client.Eureka;

/// <summary>Whether the next fetch asks for changes or for everything.</summary>
/// <remarks>Used by the loop of <see cref="EurekaSource"/> only, which does one thing at a time.</remarks>
internal sealed class DeltaPlan
{
    /// <summary>So many times in a row everything could be read and changes could not, before they are left alone for a while: each time
    /// costs a request more.</summary>
    private const int FailuresBeforeRest = 3;

    /// <summary>Then this many full fetches go by before changes are asked for again; as many after a server said that it has
    /// none.</summary>
    private const int Rest = 20;

    /// <summary>For so long a server of Netflix's tells of a change. Who has read nothing for longer may have missed one.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(3);

    private int _resting;
    private int _failures;

    // Whether changes were asked for without avail, and nothing could be read since.
    private bool _open;

    // Whether it was said that changes are left alone.
    private bool _givenUp;

    /// <summary>Whether this fetch asks for changes; the outcome is then told by one of the methods below.</summary>
    /// <param name="age">Since when the last fetch that succeeded was begun; null unless one has failed since.</param>
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
    /// <returns>Whether that is the news that changes are left alone from here on.</returns>
    public bool ReadInFull()
    {
        // A registry that is down gives neither: that says nothing about changes.
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
