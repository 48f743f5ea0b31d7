using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A registry made of one function. Tests read the requests in the order they came.</summary>
internal sealed class ScriptedRegistry : HttpMessageHandler
{
    private readonly Channel<RecordedRequest> _requests = Channel.CreateUnbounded<RecordedRequest>();

    public Func<RecordedRequest, CancellationToken, Task<HttpResponseMessage>> AnswerAsync { get; set; } =
        (_, _) => Task.FromResult(Status(HttpStatusCode.OK));

    public Func<RecordedRequest, HttpResponseMessage> Answer
    {
        set => AnswerAsync = (request, _) => Task.FromResult(value(request));
    }

    /// <summary>Answers looks at a single instance. They come beside every registration and are not among the recorded requests.</summary>
    public Func<RecordedRequest, HttpResponseMessage> Look { get; set; } = _ => Status(HttpStatusCode.NotFound);

    public static HttpResponseMessage Status(HttpStatusCode code) => new(code) { Content = new ByteArrayContent([]) };

    public static HttpResponseMessage Json(string json) =>
        new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public Task<RecordedRequest> NextAsync() =>
        Patience.For(_requests.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask(), "a request");

    /// <summary>The requests that came and were not read yet.</summary>
    public IReadOnlyList<RecordedRequest> Rest()
    {
        List<RecordedRequest> rest = [];
        while (_requests.Reader.TryRead(out var request))
        {
            rest.Add(request);
        }

        return rest;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var recorded = new RecordedRequest(
            request.Method.Method,
            request.RequestUri!,
            request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken),
            request.Headers.Authorization,
            request.Headers.Accept.ToString());
        if (recorded is { Method: "GET" }
            && recorded.Uri.AbsolutePath.Split("/apps/") is [_, var app]
            && app.Contains('/', StringComparison.Ordinal))
        {
            return Look(recorded);
        }

        _requests.Writer.TryWrite(recorded);
        return await AnswerAsync(recorded, cancellationToken);
    }
}
