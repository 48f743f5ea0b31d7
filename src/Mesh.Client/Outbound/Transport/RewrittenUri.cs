using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Outbound.Transport;

/// <summary>A request's URI as it goes out to an endpoint, which knows what it was made from: it is remembered for the next request that
/// asks for the same.</summary>
internal sealed class RewrittenUri : Uri
{
    private readonly bool _marked;

    /// <param name="text">The URI.</param>
    /// <param name="original">What the caller asked for.</param>
    /// <param name="marked">Whether <see cref="OriginalOf"/> recognizes it.</param>
    /// <param name="options">How the text is read.</param>
    public RewrittenUri(string text, Uri original, bool marked, in UriCreationOptions options = default)
        : base(text, options)
    {
        Original = original;
        _marked = marked;
    }

    /// <summary>What the caller asked for.</summary>
    public Uri Original { get; }

    /// <summary>What the caller asked for, where a request is under way on connections of our own.</summary>
    /// <remarks>A handler of the user's that hedges may send one message twice at a time. The second call then finds on it what the first
    /// has put there, and must not take that for what its caller asked for. Handlers of the user's get none that is marked: what they send
    /// on through the mesh is a request of their own.</remarks>
    [return: NotNullIfNotNull(nameof(uri))]
    public static Uri? OriginalOf(Uri? uri) => uri is RewrittenUri { _marked: true } sent ? sent.Original : uri;
}
