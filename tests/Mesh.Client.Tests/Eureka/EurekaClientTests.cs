using System.IO.Compression;
using System.Net;
using System.Text;
using Mesh.Client.Discovery;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;

namespace Mesh.Client.Tests.Eureka;

public sealed class EurekaClientTests : IDisposable
{
    private readonly StepTimeProvider _time = new();
    private readonly ScriptedRegistry _wire = new();
    private EurekaClient? _client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client?.Dispose();

    [Theory]
    [InlineData("http://registry:8761/eureka/", "http://registry:8761/eureka/apps")]
    [InlineData("http://registry:8761/eureka", "http://registry:8761/eureka/apps")]
    [InlineData("http://registry:8761", "http://registry:8761/apps")]
    [InlineData("https://registry/eureka/v2/", "https://registry/eureka/v2/apps")]
    public async Task GetAll_asks_for_JSON_below_the_address(string url, string asked)
    {
        _wire.Answer = _ => ScriptedRegistry.Json(Captures.Text("apps-three"));

        var applications = await Create(url).GetAllAsync(Token);

        var request = await _wire.NextAsync();
        Assert.Equal(asked, request.Uri.ToString());
        Assert.Equal("application/json", request.Accept);
        Assert.Null(request.Authorization);
        Assert.Equal(3, applications.Instances.Count);
    }

    [Theory]
    [InlineData("http://registry:8761", 404, null, "http://registry:8761/apps: answered 404 (most registries are found under a path: "
        + "http://registry:8761/eureka/)")]
    [InlineData("http://registry:8761/other/", 404, null, "http://registry:8761/other/apps: answered 404")]
    [InlineData(
        "http://registry:8761/eureka/", 302, "https://me:secret@registry/eureka/apps?token=x",
        "http://registry:8761/eureka/apps: answered 302, a redirect to https://registry/eureka/apps; none is followed, since it could "
        + "carry the credentials elsewhere: set the address that it leads to")]
    [InlineData(
        "http://registry:8761/eureka/", 308, "/login?next=x",
        "http://registry:8761/eureka/apps: answered 308, a redirect to /login; none is followed, since it could carry the credentials "
        + "elsewhere: set the address that it leads to")]
    public async Task Error_says_what_was_asked_and_what_to_change(string url, int status, string? location, string message)
    {
        _wire.Answer = _ =>
        {
            var response = ScriptedRegistry.Status((HttpStatusCode)status);
            response.Headers.Location = location is null ? null : new Uri(location, UriKind.RelativeOrAbsolute);
            return response;
        };

        Assert.Equal(message, (await Assert.ThrowsAsync<EurekaException>(() => Create(url).GetAllAsync(Token))).Message);
    }

    [Fact]
    public async Task GetAll_user_info_becomes_basic_authentication_and_is_in_no_message()
    {
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.Unauthorized);

        var failure = await Assert.ThrowsAsync<EurekaException>(
            () => Create("http://me:p%40ss%3Aword@registry:8761/eureka/").GetAllAsync(Token));

        var request = await _wire.NextAsync();
        Assert.Equal("Basic", request.Authorization!.Scheme);
        Assert.Equal("me:p@ss:word", Encoding.UTF8.GetString(Convert.FromBase64String(request.Authorization.Parameter!)));
        Assert.Empty(request.Uri.UserInfo);
        Assert.Equal(
            "http://registry:8761/eureka/apps: answered 401 (it refuses the user and password of its address)", failure.Message);
        Assert.DoesNotContain("p@ss", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("%40ss", failure.ToString(), StringComparison.Ordinal);

        failure = await Assert.ThrowsAsync<EurekaException>(() => Create("http://registry:8761/eureka/").GetAllAsync(Token));
        Assert.Equal(
            "http://registry:8761/eureka/apps: answered 401 (user and password belong in the address: http://user:password@…)",
            failure.Message);
    }

    /// <summary>A server that has just started has nothing to offer yet, and most say nothing with it.</summary>
    [Fact]
    public async Task GetAll_list_that_is_refused_without_a_word_says_why_that_may_be()
    {
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.Forbidden);
        Assert.Equal(
            "http://registry:8761/eureka/apps: answered 403 (a registry that has started without a copy of its peers refuses its lists "
            + "for a while: PeerSyncWait, 30 s, of Mesh.Registry, 5 min of a Netflix server)",
            (await Assert.ThrowsAsync<EurekaException>(() => Create("http://registry:8761/eureka/").GetAllAsync(Token))).Message);
    }

    [Fact]
    public async Task GetAll_list_that_is_refused_with_words_quotes_them_alone()
    {
        _wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("not from here") };
        Assert.Equal(
            "http://registry:8761/eureka/apps: answered 403 \"not from here\"",
            (await Assert.ThrowsAsync<EurekaException>(() => Create("http://registry:8761/eureka/").GetAllAsync(Token))).Message);
    }

    /// <summary>A change is refused for other reasons.</summary>
    [Fact]
    public async Task Heartbeat_that_is_refused_without_a_word_gets_no_hint_at_a_start()
    {
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.Forbidden);
        Assert.Equal(
            "http://registry:8761/eureka/apps: answered 403",
            (await Assert.ThrowsAsync<EurekaException>(
                () => Create("http://registry:8761/eureka/")
                    .HeartbeatAsync(TestRegistration.Of("a"), RegistrationStatus.Up, 1, Token))).Message);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("500")]
    [InlineData("403")]
    [InlineData("302")]
    [InlineData("html")]
    [InlineData("half")]
    [InlineData("half pair")]
    [InlineData("half pair in a name")]
    [InlineData("no UTF-8")]
    public async Task GetAll_bad_answer_goes_to_the_next_server_and_stays_there(string fault)
    {
        _wire.Answer = request => request.Uri.Host == "second" ? ScriptedRegistry.Json(Captures.Text("apps-three")) : Fault(fault);
        var client = Create("http://first/eureka/", "http://second/eureka/");

        await client.GetAllAsync(Token);
        await client.GetAllAsync(Token);

        Assert.Equal(["first", "second", "second"], _wire.Rest().Select(request => request.Uri.Host));
    }

    [Fact]
    public async Task GetAll_server_that_hangs_is_left_after_the_request_timeout()
    {
        _wire.AnswerAsync = async (request, cancellation) =>
        {
            if (request.Uri.Host == "first")
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
            }

            return ScriptedRegistry.Json(Captures.Text("apps-three"));
        };

        var answer = Create("http://first/eureka/", "http://second/eureka/").GetAllAsync(Token);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(8));

        Assert.Equal(3, (await Patience.For(answer, "the second server's answer")).Instances.Count);
        Assert.Equal(["first", "second"], _wire.Rest().Select(request => request.Uri.Host));
    }

    [Fact]
    public async Task GetAll_body_that_stalls_ends_with_the_request_timeout()
    {
        _wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StreamContent(new EndlessStream(_time, stallAfter: 100)),
        };

        var answer = Create("http://first/eureka/").GetAllAsync(Token);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(8));

        var failure = await Assert.ThrowsAsync<EurekaException>(() => Patience.For(answer, "the timeout"));
        Assert.Equal("http://first/eureka/apps: no answer within 8 s", failure.Message);
    }

    [Fact]
    public async Task GetAll_all_servers_fail_names_each()
    {
        _wire.Answer = request => request.Uri.Host == "first" ? Fault("refused") : Fault("html");

        var failure = await Assert.ThrowsAsync<EurekaException>(
            () => Create("http://first/eureka/", "http://second:8761/eureka/").GetAllAsync(Token));

        Assert.StartsWith("http://first/eureka/apps: Connection refused; http://second:8761/eureka/apps: its answer (text/html) is not a "
            + "Eureka application list", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAll_answer_over_the_bound_is_not_read_beyond_it()
    {
        var stream = new EndlessStream(_time);
        _wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream) };

        var failure = await Assert.ThrowsAsync<EurekaException>(() => Create("http://first/").GetAllAsync(Token));

        Assert.Equal("http://first/apps: its answer has 32 MiB or more; with gzip it may have more, and was not read; "
            + "Mesh:Discovery:Eureka:Apps or Vips asks for a part of it", failure.Message);
        Assert.InRange(stream.Given, RegistryLimits.ReceivedBytes, 2L * RegistryLimits.ReceivedBytes);
    }

    [Fact]
    public async Task GetAll_500_services_of_100_wordy_instances_are_read()
    {
        _wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(Packed(Texts())) { Headers = { ContentEncoding = { "gzip" } } },
        };

        var all = await Create("http://first/").GetAllAsync(Token);

        Assert.Equal(50_000, all.Instances.Count);
        Assert.Equal("service-499-99", all.Instances[^1].Id);

        static IEnumerable<string> Texts()
        {
            // Alike, as the instances of a service are, and not the same.
            var words = string.Concat(Enumerable.Range(0, 275).Select(static word => $"word-{word:000}"));
            yield return """{"applications":{"apps__hashcode":"","application":[""";
            for (var service = 0; service < 500; service++)
            {
                yield return $$"""{{(service == 0 ? "" : ",")}}{"name":"SERVICE-{{service}}","instance":[""";
                for (var member = 0; member < 100; member++)
                {
                    yield return $$"""{{(member == 0 ? "" : ",")}}{"instanceId":"service-{{service}}-{{member}}","hostName":"h","port":{"$":80,"@enabled":"true"},"words":"{{words}}"}""";
                }

                yield return "]}";
            }

            yield return "]}}";
        }

        static byte[] Packed(IEnumerable<string> texts)
        {
            using var packed = new MemoryStream();
            using (var gzip = new StreamWriter(new GZipStream(packed, CompressionLevel.Fastest)))
            {
                foreach (var text in texts)
                {
                    gzip.Write(text);
                }
            }

            return packed.ToArray();
        }
    }

    [Fact]
    public async Task GetAll_announced_length_over_the_bound_reads_nothing()
    {
        var stream = new EndlessStream(_time);
        _wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StreamContent(stream) { Headers = { ContentLength = RegistryLimits.ReceivedBytes } },
        };

        await Assert.ThrowsAsync<EurekaException>(() => Create("http://first/").GetAllAsync(Token));

        Assert.Equal(0, stream.Given);
    }

    [Fact]
    public async Task GetAll_caller_cancels_is_a_cancellation_and_tries_no_further_server()
    {
        using var cancel = new CancellationTokenSource();
        _wire.AnswerAsync = async (_, cancellation) =>
        {
            await cancel.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            return ScriptedRegistry.Status(HttpStatusCode.OK);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Create("http://first/", "http://second/").GetAllAsync(cancel.Token));

        Assert.Single(_wire.Rest());
    }

    [Fact]
    public async Task GetAll_byte_order_mark_is_passed_over()
    {
        _wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Captures.Text("apps-three"))]),
        };

        Assert.Equal(3, (await Create("http://first/eureka/").GetAllAsync(Token)).Instances.Count);
    }

    /// <summary>The page of a proxy or a login, with 200: nobody has taken the registration.</summary>
    [Fact]
    public async Task Register_and_heartbeat_answered_with_a_page_go_to_the_next_server()
    {
        _wire.Answer = request => request.Uri.Host == "second" ? ScriptedRegistry.Status(HttpStatusCode.NoContent) : Fault("html");
        var client = Create("http://first/eureka/", "http://second/eureka/");

        await client.RegisterAsync(TestRegistration.Of(), RegistrationStatus.Up, 1, null, Token);
        await client.HeartbeatAsync(TestRegistration.Of(), RegistrationStatus.Up, 1, Token);
        Assert.Equal(["first", "second", "second"], _wire.Rest().Select(request => request.Uri.Host));

        var failure = await Assert.ThrowsAsync<EurekaException>(
            () => Create("http://first/eureka/").HeartbeatAsync(TestRegistration.Of(), RegistrationStatus.Up, 1, Token));
        Assert.Contains("a page", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.MethodNotAllowed)]
    [InlineData(HttpStatusCode.NotImplemented)]
    public async Task GetDelta_not_offered_is_null(HttpStatusCode code)
    {
        _wire.Answer = _ => ScriptedRegistry.Status(code);

        Assert.Null(await Create("http://first/eureka/").GetDeltaAsync(Token));
        Assert.Equal("GET /eureka/apps/delta", (await _wire.NextAsync()).Line);
    }

    [Theory]
    [InlineData("500", "refused", true)]
    [InlineData("refused", "html", true)]
    [InlineData("half", "refused", true)]
    [InlineData("refused", "refused", false)]
    public async Task Failure_says_whether_any_server_has_answered(string first, string second, bool answered)
    {
        _wire.Answer = request => Fault(request.Uri.Host == "first" ? first : second);

        var failure =
            await Assert.ThrowsAsync<EurekaException>(() => Create("http://first/eureka/", "http://second/eureka/").GetDeltaAsync(Token));

        Assert.Equal(answered, failure.Answered);
    }

    private EurekaClient Create(params string[] urls) => _client = new EurekaClient(TestConfiguration.Of(null, urls), _time, _wire);

    private static HttpResponseMessage Fault(string fault) => fault switch
    {
        "refused" => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"),
        "html" => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html/>", Encoding.UTF8, "text/html") },
        "half pair" => ScriptedRegistry.Json(Captures.Text("apps-three").Replace("zone1", @"\ud800", StringComparison.Ordinal)),
        "half pair in a name" => ScriptedRegistry.Json(
            Captures.Text("apps-three").Replace("\"zone\"", @"""\ud800""", StringComparison.Ordinal)),
        "no UTF-8" => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(
                Encoding.Latin1.GetBytes(Captures.Text("apps-three").Replace("zone1", "é", StringComparison.Ordinal))),
        },
        "half" => ScriptedRegistry.Json(Captures.Text("apps-three")[..1000]),
        _ => ScriptedRegistry.Status((HttpStatusCode)int.Parse(fault, System.Globalization.CultureInfo.InvariantCulture)),
    };
}
