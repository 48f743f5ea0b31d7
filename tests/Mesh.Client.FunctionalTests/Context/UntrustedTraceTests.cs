using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>T39: a stranger chooses neither our trace ids nor what we record.</summary>
public sealed class UntrustedTraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("10.0.0.0/8", null, true, HttpProtocols.Http1)]
    [InlineData("10.0.0.0/8", null, true, HttpProtocols.Http2)]
    [InlineData("10.0.0.0/8", "Continue", false, HttpProtocols.Http1)]
    [InlineData("127.0.0.0/8", null, false, HttpProtocols.Http1)]
    [InlineData("127.0.0.0/8", "Link", false, HttpProtocols.Http2)]
    [InlineData(null, "Link", true, HttpProtocols.Http1)]
    [InlineData(null, null, false, HttpProtocols.Http1)]
    public async Task Trace_of_a_stranger_is_linked_and_not_continued(string? trusted, string? traces, bool linked, HttpProtocols protocols)
    {
        foreach (var instrumented in new[] { false, true })
        {
            var inside = new ConcurrentQueue<string>();
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => !instrumented && source.Name == "Microsoft.AspNetCore",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            };
            ActivitySource.AddActivityListener(listener);
            await using var backend = await TestServer.StartAsync(context =>
            {
                inside.Enqueue(context.Request.Headers.TraceParent.ToString());
                return Task.CompletedTask;
            });
            string? seen = null;
            Activity? span = null;
            var settings = Settings.Service("backend", backend.Url);
            if (trusted is not null)
            {
                settings.With("Inbound:TrustedNetworks:0", trusted);
            }

            if (traces is not null)
            {
                settings.With("Inbound:UntrustedTraceContext", traces);
            }

            await using var server = await MeshServer.StartAsync(
                "orders",
                application => application.Run(async context =>
                {
                    span = Activity.Current;
                    seen = $"{context.Request.Headers.TraceParent}{context.Request.Headers.TraceState}";
                    using var answer = await context.RequestServices.GetRequiredService<IHttpClientFactory>()
                        .CreateClient()
                        .GetAsync(new Uri("http://backend/"), context.RequestAborted);
                }),
                development: false,
                settings,

                // The instrumentation reads the headers by itself, and would make the stranger's span the parent again.
                services =>
                {
                    if (instrumented)
                    {
                        services.AddOpenTelemetry().WithTracing(
                            tracing => tracing.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation());
                    }
                },
                protocols);

            // Over one connection, which must not remember.
            using var http = Stranger();
            for (var i = 0; i < 3; i++)
            {
                inside.Clear();
                using var request = new HttpRequestMessage(HttpMethod.Get, server.Url)
                {
                    Version = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                };
                request.Headers.Add("traceparent", $"00-{Trace}-{Span}-01");
                request.Headers.Add("tracestate", "vendor=1");

                using var response = await SendAsync(http, request);

                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(linked ? string.Empty : $"00-{Trace}-{Span}-01vendor=1", seen);
                Assert.Equal(!linked, Assert.Single(inside).Contains(Trace, StringComparison.Ordinal));
                Assert.NotNull(span);
                Assert.Equal(!linked, span.TraceId.ToHexString() == Trace);
                Assert.Equal(linked ? null : "vendor=1", span.TraceStateString);
                Assert.Equal(linked ? [Span] : [], span.Links.Select(link => link.Context.SpanId.ToHexString()));
                Assert.All(
                    span.Links,
                    link => Assert.Equal((Trace, "vendor=1", true),
                        (link.Context.TraceId.ToHexString(), link.Context.TraceState, link.Context.IsRemote)));
            }
        }
    }

    [Theory]
    [InlineData("10.0.0.0/8", 0)]
    [InlineData("127.0.0.0/8", 20)]
    public async Task Flag_of_a_stranger_does_not_decide_what_is_recorded(string trusted, int recorded)
    {
        var ended = new ConcurrentQueue<Activity>();
        await using var server = await MeshServer.StartAsync(
            "orders",
            application => application.Run(context => context.Response.WriteAsync("ok", context.RequestAborted)),
            development: false,
            new Settings().With("Inbound:TrustedNetworks:0", trusted),
            services => services.AddOpenTelemetry().WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation()
                .SetSampler(new ParentBasedSampler(new AlwaysOffSampler()))
                .AddProcessor(new Tap(ended))));
        using var http = Stranger();
        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, server.Url);
            request.Headers.Add("traceparent", $"00-{Trace}-{Span}-01");
            using var response = await SendAsync(http, request);
        }

        await Patience.UntilAsync(() => ended.Count(IsRecorded) >= recorded, "the spans have ended");
        Assert.Equal(recorded, ended.Count(IsRecorded));

        // The provider of a test hears of the servers of other tests, too.
        bool IsRecorded(Activity activity) => activity.Recorded && Equals(activity.GetTagItem("server.port"), new Uri(server.Url).Port);
    }

    [Fact]
    public async Task Accessor_of_the_application_goes_on_to_work()
    {
        string? seen = null;
        await using var server = await MeshServer.StartAsync(
            "orders",
            application => application.Run(context =>
            {
                var accessor = context.RequestServices.GetRequiredService<IHttpContextAccessor>();
                seen = $"{accessor.GetType().Name} {ReferenceEquals(accessor.HttpContext, context)}";
                return Task.CompletedTask;
            }),
            development: false,
            new Settings().With("Inbound:UntrustedTraceContext", "Link"),
            services => services.AddHttpContextAccessor());
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri(server.Url), Token);

        Assert.Equal($"{nameof(HttpContextAccessor)} True", seen);
    }

    /// <summary>Says of its trace what the test wants, though this process is traced.</summary>
    private static HttpClient Stranger() => new(new SocketsHttpHandler { ActivityHeadersPropagator = null });

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        return await http.SendAsync(request, Token);
    }

    private sealed class Tap(ConcurrentQueue<Activity> ended) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => ended.Enqueue(data);
    }
}
