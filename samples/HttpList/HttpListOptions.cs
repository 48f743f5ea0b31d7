namespace HttpList;

/// <summary>Section <c>Mesh:Discovery:HttpList</c>.</summary>
internal sealed class HttpListOptions
{
    /// <summary>Where the list is, such as <c>http://localhost:8500/</c>. Default: none, and the list is not used.</summary>
    public Uri? Url { get; set; }

    /// <summary>The time between two readings, and between two renewals of the own entry. Default 30 s.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether this application enters itself. Default true.</summary>
    public bool Register { get; set; } = true;
}
