using System.Globalization;
using System.Net;

namespace Mesh.Client.Tests;

/// <summary>What endpoints do.</summary>
internal static class Answers
{
    /// <summary>Never answers.</summary>
    public static async Task<HttpResponseMessage> Hang(HttpRequestMessage request, CancellationToken token)
    {
        await new TaskCompletionSource().Task.WaitAsync(token);
        throw new InvalidOperationException("Unreachable.");
    }

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Status(HttpStatusCode status) =>
        (request, _) => Task.FromResult(new HttpResponseMessage(status) { RequestMessage = request });

    /// <summary>Answers well, and says that it is about to leave.</summary>
    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Draining() => (request, _) =>
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
        response.Headers.Add("mesh-draining", "1");
        return Task.FromResult(response);
    };

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Throw(Func<Exception> exception) =>
        (_, _) => throw exception();

    public static Task<HttpResponseMessage> Reset(HttpRequestMessage request, CancellationToken token) => throw Broken();

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Body(HttpContent content) =>
        (request, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content });

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Redirect(HttpStatusCode status, string location) =>
        (request, _) =>
    {
        var response = new HttpResponseMessage(status) { RequestMessage = request };
        response.Headers.Location = new Uri(location, UriKind.RelativeOrAbsolute);
        return Task.FromResult(response);
    };

    /// <summary>What a row of a table names: a status, or a way to fail.</summary>
    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Named(string what) =>
        (request, token) => what switch
    {
        "refused" => throw ScriptedNetwork.Refused(),
        "reset" => throw Broken(),
        "body" => throw new InvalidOperationException("The body cannot be read."),
        "timeout" or "canceled" => Hang(request, token),
        _ => Task.FromResult(new HttpResponseMessage((HttpStatusCode)int.Parse(what, CultureInfo.InvariantCulture))),
    };

    public static HttpRequestException Broken() =>
        new(HttpRequestError.ResponseEnded, "The response ended prematurely.", new HttpIOException(HttpRequestError.ResponseEnded));
}
