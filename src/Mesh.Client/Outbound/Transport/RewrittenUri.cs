using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Outbound.Transport;

/// <summary>A request's URI as it is sent to an endpoint, together with its original, so that it can be cached for the next request to the
/// same address.</summary>
internal sealed class RewrittenUri : Uri
{
    private readonly bool _marked;

    /// <param name="text">The URI.</param>
    /// <param name="original">The caller's URI.</param>
    /// <param name="marked">Whether <see cref="OriginalOf"/> recognizes it.</param>
    /// <param name="options">How to parse the text.</param>
    public RewrittenUri(string text, Uri original, bool marked, in UriCreationOptions options = default)
        : base(text, options)
    {
        Original = original;
        _marked = marked;
    }

    /// <summary>The caller's URI.</summary>
    public Uri Original { get; }

    /// <summary>The caller's URI of a request that is under way on the mesh's own connections.</summary>
    /// <remarks>A user's handler that hedges may send one message twice at the same time. The second call then finds the address that the
    /// first has set, and must not take it for its caller's. Handlers of the user never get a marked URI: what they send on through the
    /// mesh is a request of their own.</remarks>
    [return: NotNullIfNotNull(nameof(uri))]
    public static Uri? OriginalOf(Uri? uri) => uri is RewrittenUri { _marked: true } sent ? sent.Original : uri;
}
