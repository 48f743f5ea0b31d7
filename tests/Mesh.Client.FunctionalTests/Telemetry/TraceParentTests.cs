using System.Diagnostics;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>Every attempt and every redirect is sent with the span of its own request, so that the
/// server's span hangs below the right one.</summary>
[Collection(nameof(TracingTests))]
public sealed class TraceParentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mesh", true)]
    [InlineData("mesh", false)]
    [InlineData("own", true)]
    [InlineData("own", false)]
    public async Task Retries_and_redirects_carry_their_own_span(string kind, bool listens)
    {
        List<string?> seen = [];
        await using var server = await TestServer.StartAsync(context =>
        {
            lock (seen)
            {
                seen.Add($"{context.Request.Headers.TraceParent} {context.Request.Headers.TraceState}");
                context.Response.StatusCode = seen.Count switch { 1 => 503, 2 => 502, 3 when kind == "mesh" => 302, _ => 200 };
                context.Response.Headers.Location = "/elsewhere";
            }

            return Task.CompletedTask;
        });
        List<string> spans = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => listens && source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => spans.Add(span.Id!),
        };
        ActivitySource.AddActivityListener(listener);
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services =>
            {
                if (kind == "own")
                {
                    services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(
                        () => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });
                }
            });
        using var root = new Activity("user") { TraceStateString = "vendor=1" }.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop/");

        using var response = await application.Client("user").SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(kind == "mesh" ? 4 : 3, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.All(seen, parent => Assert.Contains(root.TraceId.ToString(), parent, StringComparison.Ordinal));
        Assert.All(seen, parent => Assert.EndsWith(" vendor=1", parent, StringComparison.Ordinal));
        if (listens)
        {
            Assert.Equal(spans, seen.Select(parent => parent!.Split(' ')[0]));
        }

        Assert.Empty(request.Headers);
    }

    [Fact]
    public async Task Fields_that_the_user_has_written_stay_at_every_attempt()
    {
        const string Mine = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        List<string?> seen = [];
        await using var server = await TestServer.StartAsync(context =>
        {
            seen.Add(context.Request.Headers.TraceParent);
            context.Response.StatusCode = seen.Count < 3 ? 503 : 200;
            return Task.CompletedTask;
        });
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));
        using var root = new Activity("user") { TraceStateString = "vendor=1" }.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop/")
        {
            Headers = { { "traceparent", Mine }, { "x-mine", "1" } },
        };

        using var response = await application.Client().SendAsync(request, Token);

        Assert.Equal([Mine, Mine, Mine], seen);
        Assert.Equal(["traceparent", "x-mine"], request.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
    }
}
