namespace Mesh.Client.Outbound.Calls;

/// <summary>A second message that says the same. It shares the content, and does not own it.</summary>
internal static class RequestCopy
{
    public static HttpRequestMessage Of(HttpRequestMessage message)
    {
        var copy = new HttpRequestMessage(message.Method, message.RequestUri)
        {
            Version = message.Version,
            VersionPolicy = message.VersionPolicy,
            Content = message.Content,
        };
        foreach (var (name, values) in message.Headers.NonValidated)
        {
            // As the user has written them: they go where the message would have gone.
#pragma warning disable RS0030
            copy.Headers.TryAddWithoutValidation(name, values);
#pragma warning restore RS0030
        }

        copy.Headers.Protocol = message.Headers.Protocol;
        foreach (var (key, value) in message.Options)
        {
            copy.Options.Set(new HttpRequestOptionsKey<object?>(key), value);
        }

        return copy;
    }
}
