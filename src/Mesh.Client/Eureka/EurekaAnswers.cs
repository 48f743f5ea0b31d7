using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka;

/// <summary>Reads the answers of a registry. An answer that is of no use to the operation throws, so that the next server is
/// asked.</summary>
internal static class EurekaAnswers
{
    /// <summary>The list of applications.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="memory">What was read before; null for nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<EurekaApplications> ApplicationsAsync(
        HttpResponseMessage response, ReaderMemory? memory, CancellationToken cancellationToken) =>
        ReadAsync(response, utf8 => EurekaReader.Read(utf8, memory ?? new ReaderMemory()), "application list", cancellationToken);

    /// <summary>One application; null where the registry does not know it.</summary>
    public static async Task<EurekaApplications?> ApplicationAsync(
        HttpResponseMessage response, ReaderMemory? memory, CancellationToken cancellationToken) =>
        response.StatusCode == HttpStatusCode.NotFound
            ? null
            : await ReadAsync(
                response,
                utf8 => EurekaReader.ReadApplication(utf8, memory ?? new ReaderMemory()),
                "application",
                cancellationToken).ConfigureAwait(false);

    /// <summary>One instance; null where the registry does not know it, or does not show single instances.</summary>
    public static async Task<EurekaInstance?> InstanceAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed
            or HttpStatusCode.NotImplemented
            ? null
            : await ReadAsync(
                response,
                static utf8 => EurekaReader.ReadInstance(utf8, new ReaderMemory()),
                "instance",
                cancellationToken).ConfigureAwait(false);

    /// <summary>The changes; null where the server does not offer them.</summary>
    public static async Task<EurekaApplications?> DeltaAsync(
        HttpResponseMessage response, ReaderMemory? memory, CancellationToken cancellationToken) =>
        response.StatusCode
            is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented
            ? null
            : await ApplicationsAsync(response, memory, cancellationToken).ConfigureAwait(false);

    public static async Task<bool> AcceptedAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        !response.IsSuccessStatusCode ? throw await RefusedAsync(response, cancellationToken).ConfigureAwait(false)
        // The page of a proxy or a login, not a registry: nothing was registered. A registry's own answer is empty.
        : response.Content.Headers.ContentType?.MediaType is "text/html" ? throw new EurekaException(
            "its answer is a page (text/html), which no registry has written")
        : true;

    /// <summary>False: the registry does not have the instance, in this version or at all.</summary>
    public static async Task<bool> AcceptedOrUnknownAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.StatusCode != HttpStatusCode.NotFound && await AcceptedAsync(response, cancellationToken).ConfigureAwait(false);

    /// <summary>False: the registry does not have the instance, or the server does not have the operation.</summary>
    public static async Task<bool> AcceptedOrLackingAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        && await AcceptedAsync(response, cancellationToken).ConfigureAwait(false);

    private static async Task<T> ReadAsync<T>(
        HttpResponseMessage response, Func<ReadOnlySequence<byte>, T> read, string what, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw await RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await BoundedBody.ReadAsync(response.Content, read, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException notJson)
        {
            var type = response.Content.Headers.ContentType?.MediaType ?? "no content type";
            throw new EurekaException($"its answer ({type}) is not a Eureka {what} in JSON: {Printable.Of(notJson.Message)}", notJson);
        }
    }

    /// <summary>A refusal in the server's own words: for a bad registration they are the only hint at the mistake.</summary>
    private static async Task<EurekaException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await ReceivedBody.OpenAsync(response.Content, cancellationToken).ConfigureAwait(false);
        await using var received = body.ConfigureAwait(false);
        var start = new byte[200];
        var length = await body.Stream.ReadAtLeastAsync(
            start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var words = Printable.Of(Encoding.UTF8.GetString(start, 0, length));
        var status = (int)response.StatusCode;
        var text = string.Create(CultureInfo.InvariantCulture, $"answered {status}");

        // The page that comes with a redirect says less than its target.
        return response.Headers.Location is { } target && status is >= 300 and < 400
            ? new EurekaException($"{text}, a redirect to {WithoutSecrets(target)}; none is followed, since it could carry the "
                + "credentials elsewhere: set the address that it leads to")
            {
                Status = status,
            }
            : new EurekaException(words.Length > 0 ? $"{text} \"{words}\"" : text)
            {
                Status = status,
                HasWords = words.Length > 0,
            };
    }

    private static string WithoutSecrets(Uri target) =>
        Printable.Of(
            target.IsAbsoluteUri ? target.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
                : target.OriginalString.Split('?', '#')[0]);
}
