namespace Mesh.Client.Options;

/// <summary>What a header or a query parameter must be. Just one of these is set. A text alone is a short form of
/// <see cref="Exact"/>.</summary>
public sealed class TextMatchOptions
{
    /// <summary>The value itself; case matters.</summary>
    /// <value>Default none.</value>
    public string? Exact { get; set; }

    /// <summary>How the value begins; case matters.</summary>
    /// <value>Default none.</value>
    public string? Prefix { get; set; }

    /// <summary>A regular expression of .NET that all of the value matches, without look-around, back references and atomic
    /// groups.</summary>
    /// <value>Default none. At most 200 characters; its counts in braces, multiplied, at most 1,000.</value>
    public string? Regex { get; set; }

    /// <summary>True: it must be there, whatever its value. False: it must not be there.</summary>
    /// <value>Default none.</value>
    public bool? Present { get; set; }

    /// <summary>A match for a value.</summary>
    /// <param name="exact">See <see cref="Exact"/>.</param>
    public static implicit operator TextMatchOptions(string exact) => FromString(exact);

    /// <summary>A match for a value.</summary>
    /// <param name="exact">See <see cref="Exact"/>.</param>
    public static TextMatchOptions FromString(string exact) => new() { Exact = exact };
}
