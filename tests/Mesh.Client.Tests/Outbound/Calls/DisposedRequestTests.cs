using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What the caller does with its request while it is under way keeps no attempt from being completed.</summary>
public sealed class DisposedRequestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, bool> Cases
    {
        get
        {
            var data = new TheoryData<string, string, string, bool>();
            foreach (var method in new[] { "GET", "POST", "PATCH", "PUT" })
            {
                foreach (var body in new[] { "none", "memory", "json", "stream", "custom" })
                {
                    foreach (var end in new[] { "200", "404", "503", "refused", "reset", "body" })
                    {
                        data.Add(method, body, end, false);
                        data.Add(method, body, end, true);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Send_request_disposed_meanwhile_is_completed_and_leaves_nothing_on_it(
        string method, string body, string end, bool rewritten)
    {
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] =
                new ServiceOptions { Endpoints = { rewritten ? "http://10.0.0.1/base" : "http://10.0.0.1" } });
        mesh.Network.On(Fleet.At(1), async (request, token) =>
        {
            request.Dispose();
            await Task.Yield();
            return await Answers.Named(end)(request, token);
        });
        var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url) { Content = Content(body) };
        request.Headers.Add("X-Mine", "1");

        HttpResponseMessage? response = null;
        var exception = await Record.ExceptionAsync(
            async () => response = await mesh.Advance(new HttpMessageInvoker(mesh.Handler, false).SendAsync(request, Token)));

        Assert.Equal(0, mesh.InFlight());
        Assert.Equal("X-Mine", Assert.Single(request.Headers).Key);
        Assert.IsNotType<ObjectDisposedException>(exception);
        if (end is "200" or "404" or "503")
        {
            Assert.Equal(end, ((int)response!.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task Send_posts_without_body_disposed_meanwhile_leave_no_endpoint_busy()
    {
        using var mesh = Fleet.Of(2, s => s.LoadBalancing.Policy = LoadBalancingPolicies.LeastRequest);
        mesh.All(async (request, _) =>
        {
            await Task.Yield();
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        for (var i = 0; i < 20; i++)
        {
            (await Start()).Dispose();
        }

        Assert.Equal(0, mesh.InFlight());

        Task<HttpResponseMessage> Start()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
            return mesh.Client.SendAsync(request, Token);
        }
    }

    [Fact]
    public async Task Send_own_primary_with_host_set_and_the_request_disposed_is_completed()
    {
        using var primary = new RecordingHandler(async (request, _) =>
        {
            request.Dispose();
            await Task.Yield();
            throw Answers.Broken();
        });
        using var mesh = Fleet.Of(1, primary: primary);

        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token));

        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_redirect_of_a_request_disposed_meanwhile_is_the_answer()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((request, token) =>
        {
            request.Dispose();
            return Answers.Redirect(HttpStatusCode.Found, "/elsewhere")(request, token);
        });

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>The request carries a content of ours then; the user means the own one.</summary>
    [Theory]
    [InlineData("custom")]
    [InlineData("stream")]
    public async Task Send_request_disposed_meanwhile_disposes_of_the_users_content(string body)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((request, token) =>
        {
            request.Dispose();
            return Answers.Status(HttpStatusCode.OK)(request, token);
        });
        var stream = new MemoryStream([1]);
        var tracked = new TrackedContent("x");
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url)
        {
            Content = body == "custom" ? tracked : new StreamContent(stream),
        };
        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);

        using var response = await invoker.SendAsync(request, Token);

        Assert.True(body == "custom" ? tracked.Disposed : !stream.CanRead);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_same_response_for_all_calls_can_be_read_after_the_last()
    {
        using var one = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("busy") };
        using var primary = new RecordingHandler((_, _) => Task.FromResult(one));
        using var mesh = Fleet.Of(3, primary: primary);

        var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal(3, primary.Received.Count);
        Assert.Equal("busy", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(0, mesh.InFlight());
    }

    private static HttpContent? Content(string kind) => kind switch
    {
        "none" => null,
        "memory" => new StringContent("x"),
        "json" => System.Net.Http.Json.JsonContent.Create(1),
        "stream" => new StreamContent(new MemoryStream([1])),
        _ => new Writing(_ => Task.CompletedTask),
    };
}
