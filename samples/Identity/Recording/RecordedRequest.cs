namespace Identity.Recording;

/// <summary>A request as it arrived, all of it: what must not have left can be looked for everywhere.</summary>
/// <param name="Target">Method, path and query.</param>
/// <param name="Headers">The headers by name.</param>
/// <param name="Body">The body.</param>
internal sealed record RecordedRequest(string Target, Dictionary<string, string> Headers, string Body)
{
    /// <summary>Whether the text is anywhere in the request.</summary>
    public bool Contains(string text) =>
        Target.Contains(text, StringComparison.OrdinalIgnoreCase)
        || Body.Contains(text, StringComparison.OrdinalIgnoreCase)
        || Headers.Any(
            header => header.Key.Contains(text, StringComparison.OrdinalIgnoreCase)
                || header.Value.Contains(text, StringComparison.OrdinalIgnoreCase));
}
