using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Transport;

/// <summary>The URI of a request that is under way on connections of our own.</summary>
/// <remarks>A handler of the user's that hedges may send one message twice at a time. The second call then finds on it what the first has put there, and must not
/// take that for what its caller asked for. Handlers of the user's get none: what they send on through the mesh is a request of their own.</remarks>
internal sealed class SentUri : RewrittenUri
{
    public SentUri(string text, Uri original)
        : base(text, original)
    {
    }

    public SentUri(string text, Uri original, in UriCreationOptions options)
        : base(text, original, options)
    {
    }

    [return: NotNullIfNotNull(nameof(uri))]
    public static Uri? OriginalOf(Uri? uri) => uri is SentUri sent ? sent.Original : uri;
}
