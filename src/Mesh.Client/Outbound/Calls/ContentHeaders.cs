namespace Mesh.Client.Outbound.Calls;

/// <summary>Copies the headers of one content to another that replaces it.</summary>
internal static class ContentHeaders
{
    public static void Copy(HttpContent from, HttpContent to)
    {
        foreach (var header in from.Headers.NonValidated)
        {
            // They come from the transport, which has parsed them: copied as they are.
#pragma warning disable RS0030
            if (header.Value.Count == 1)
            {
                to.Headers.TryAddWithoutValidation(header.Key, header.Value.ToString());
            }
            else
            {
                to.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
#pragma warning restore RS0030
        }
    }
}
