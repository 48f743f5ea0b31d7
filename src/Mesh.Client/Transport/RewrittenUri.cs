namespace Mesh.Client.Transport;

/// <summary>A request's URI as it goes out to an endpoint, which knows what it was made from: it is remembered for the next request that asks for the same.</summary>
internal class RewrittenUri : Uri
{
    public RewrittenUri(string text, Uri original)
        : base(text) => Original = original;

    public RewrittenUri(string text, Uri original, in UriCreationOptions options)
        : base(text, options) => Original = original;

    /// <summary>What the caller asked for.</summary>
    public Uri Original { get; }
}
