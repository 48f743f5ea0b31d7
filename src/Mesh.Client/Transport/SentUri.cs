using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Transport;

/// <summary>A request's URI as it goes out to an endpoint, which knows what it was made from.</summary>
/// <remarks>A handler of the user's that hedges may send one message twice at a time. The second call then finds on it what the first has put there, and must not
/// take that for what its caller asked for.</remarks>
internal sealed class SentUri : Uri
{
    public SentUri(string text, Uri original)
        : base(text) => Original = original;

    public SentUri(string text, Uri original, in UriCreationOptions options)
        : base(text, options) => Original = original;

    public Uri Original { get; }

    /// <summary>What the caller asked for.</summary>
    [return: NotNullIfNotNull(nameof(uri))]
    public static Uri? OriginalOf(Uri? uri) => uri is SentUri sent ? sent.Original : uri;
}
