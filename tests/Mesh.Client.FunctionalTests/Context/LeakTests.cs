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

/// <summary>T39 and the redirect matrix: what is meant for services of the mesh arrives nowhere else.</summary>
public sealed class LeakTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, string, int, string> Redirects
    {
        get
        {
            var rows = new TheoryData<int, string, int, string>();
            foreach (var status in new[] { 301, 302, 303, 307, 308 })
            {
                foreach (var method in new[] { "GET", "POST" })
                {
                    foreach (var version in new[] { 1, 2 })
                    {
                        foreach (var kind in new[]
                        {
                            "mesh",
                            "roaming client handler",
                            "roaming sockets handler",
                            "wrapped roaming handler",
                        })
                        {
                            rows.Add(status, method, version, kind);
                        }
                    }
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task Redirect_to_another_host_takes_no_mesh_header_and_no_baggage_along(
        int status, string method, int version, string kind)
    {
        var protocols = version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        var outside = new ConcurrentQueue<string>();
        var inside = new ConcurrentQueue<string>();
        await using var other = await TestServer.StartAsync(Record(outside), listen => listen.Protocols = protocols);
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                await Record(inside)(context);
                context.Response.StatusCode = status;
                context.Response.Headers.Location = other.NamedUrl + "/elsewhere";
            },
            listen => listen.Protocols = protocols);
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url).With("Context:Baggage:0", "tenant"),
            services =>
            {
                var client = services.AddHttpClient("user").AddHttpMessageHandler(() => new FollowingHandler());
                if (kind != "mesh")
                {
                    client.ConfigurePrimaryHttpMessageHandler(() => kind switch
                    {
                        "roaming client handler" => new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All },
                        "roaming sockets handler" => new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All },
                        _ => new Wrapper { InnerHandler = new Wrapper { InnerHandler = new SocketsHttpHandler() } },
                    });
                }
            });
        using var activity = new Activity("test").AddBaggage("tenant", "acme").AddBaggage("secret", "s").Start();
        using var context = MeshContext.Begin(new MeshContextValues { Labels = new Dictionary<string, string> { ["tenant"] = "acme" } });
        using var request = Request(method, "http://shop/start", version);

        using var response = await application.Client("user").SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(outside, header => header.StartsWith("traceparent", StringComparison.Ordinal));
        Assert.Empty(Leaks(outside));
        if (kind == "mesh")
        {
            Assert.Contains("baggage: tenant=acme", inside);
            Assert.Contains("mesh-label-tenant: acme", inside);
        }
    }

    [Theory]
    [InlineData("mesh", "tenant=acme", 4)]
    [InlineData("own", "tenant=acme", 4)]
    public async Task Baggage_only_listed_keys_reach_a_service_and_none_a_third_party(string kind, string expected, int meshHeaders)
    {
        var outside = new ConcurrentQueue<string>();
        var inside = new ConcurrentQueue<string>();
        await using var other = await TestServer.StartAsync(Record(outside));
        await using var server = await TestServer.StartAsync(Record(inside));
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url).With("Context:Baggage:0", "tenant"),
            services =>
            {
                if (kind == "own")
                {
                    services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() =>
                        new SocketsHttpHandler
                        {
                            AllowAutoRedirect = false,
                            UseProxy = false,
                            AutomaticDecompression = DecompressionMethods.All
                        });
                }
            });
        using var activity = new Activity("test").AddBaggage("tenant", "acme").AddBaggage("secret", "s").Start();
        activity.TraceStateString = "vendor=1";
        using var context = MeshContext.Begin(new MeshContextValues { Labels = new Dictionary<string, string> { ["tenant"] = "acme" } });
        var client = application.Client("user");

        using var fromService = await client.GetAsync(new Uri("http://shop/"), Token);
        if (kind == "mesh")
        {
            using var fromOther = await client.GetAsync(new Uri(other.Url), Token);
            Assert.Empty(Leaks(outside));
            Assert.Contains(outside, header => header.StartsWith("traceparent: ", StringComparison.Ordinal));
        }

        Assert.Equal(
            ["baggage: " + expected],
            inside.Where(header => header.StartsWith("baggage", StringComparison.Ordinal))
                .Select(header => header.Replace(" = ", "=", StringComparison.Ordinal)));
        Assert.Contains("tracestate: vendor=1", inside);
        Assert.Contains(inside, header => header.StartsWith("traceparent: 00-" + activity.TraceId, StringComparison.Ordinal));
        Assert.Equal(meshHeaders, inside.Count(header => header.StartsWith("mesh-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Service_that_is_somebody_elses_gets_no_mesh_header_and_no_baggage(bool own)
    {
        var inside = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(Record(inside));
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url).With("Context:Baggage:0", "tenant").With("Services:shop:SendContext", "false"),
            services =>
            {
                if (own)
                {
                    services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() =>
                        new SocketsHttpHandler
                        {
                            AllowAutoRedirect = false,
                            UseProxy = false,
                            AutomaticDecompression = DecompressionMethods.All
                        });
                }
            });
        using var activity = new Activity("test").AddBaggage("tenant", "acme").Start();
        using var context = MeshContext.Begin(new MeshContextValues { Labels = new Dictionary<string, string> { ["tenant"] = "acme" } });

        using var response = await application.Client("user").GetAsync(new Uri("http://shop/"), Token);

        Assert.Contains(inside, header => header.StartsWith("traceparent: 00-" + activity.TraceId, StringComparison.Ordinal));
        Assert.Empty(Leaks(inside));
    }

    [Fact]
    public async Task Baggage_of_a_stranger_does_not_travel_on()
    {
        var inside = new ConcurrentQueue<string>();
        await using var backend = await TestServer.StartAsync(Record(inside));
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        string? seen = null;
        await using var server = await MeshServer.StartAsync(
            "orders",
            async context =>
            {
                seen = context.Request.Headers["baggage"];
                var clients = context.RequestServices.GetRequiredService<IHttpClientFactory>();
                using var response = await clients.CreateClient().GetAsync(new Uri("http://backend/"), context.RequestAborted);
            },
            development: false,
            Settings.Service("backend", backend.Url).With("Context:Baggage:0", "tenant").With("Context:Baggage:1", "lane"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url);
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("baggage", "tenant=evil,other=1");

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal("other=1", seen);
        Assert.Contains(inside, header => header.StartsWith("traceparent: 00-0af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal));
        Assert.DoesNotContain(inside, header => header.Contains("evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Baggage_of_OpenTelemetry_goes_no_further_than_that_of_dotnet(bool trusted)
    {
        var outside = new ConcurrentQueue<string>();
        var inside = new ConcurrentQueue<string>();
        await using var other = await TestServer.StartAsync(Record(outside));
        await using var backend = await TestServer.StartAsync(Record(inside));
        IReadOnlyDictionary<string, string>? seen = null;
        await using var server = await MeshServer.StartAsync(
            "orders",
            application => application.Run(async context =>
            {
                seen = Baggage.Current.GetBaggage();
                var client = context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient();
                using var fromService = await client.GetAsync(new Uri("http://backend/"), context.RequestAborted);
                using var fromOther = await client.GetAsync(new Uri(other.Url), context.RequestAborted);
            }),
            development: trusted,
            Settings.Service("backend", backend.Url).With("Context:Baggage:0", "tenant"),

            // As ExportTelemetry() does, too. Both instrumentations have a baggage of their own, which they read and write by themselves.
            services => services.AddOpenTelemetry().WithTracing(tracing => tracing.AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url);
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("baggage", "tenant=acme,other=1");

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotNull(seen);
        Assert.Equal("1", seen["other"]);
        Assert.Equal(trusted, seen.ContainsKey("tenant"));
        Assert.Contains(outside, header => header.StartsWith("traceparent", StringComparison.Ordinal));
        Assert.Empty(Leaks(outside));
        Assert.Equal(
            trusted ? ["baggage: tenant=acme"] : [], inside.Where(header => header.StartsWith("baggage", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Leaks(IEnumerable<string> headers) => headers.Where(header =>
        header.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("baggage", StringComparison.OrdinalIgnoreCase)
        || header.Contains("acme", StringComparison.Ordinal));

    private static RequestDelegate Record(ConcurrentQueue<string> headers) => async context =>
    {
        foreach (var header in context.Request.Headers)
        {
            headers.Enqueue($"{header.Key.ToLowerInvariant()}: {header.Value}");
        }

        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
    };

    private static HttpRequestMessage Request(string method, string uri, int version) => new(new HttpMethod(method), uri)
    {
        Version = new Version(version, version == 1 ? 1 : 0),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = method == "POST" ? new StringContent("body") : null,
    };

    private sealed class Wrapper : DelegatingHandler;

    /// <summary>A handler of the user's above the mesh that follows redirects anywhere, with the very same request.</summary>
    private sealed class FollowingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Location is not { } location)
            {
                return response;
            }

            response.Dispose();
            request.RequestUri = location;
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
