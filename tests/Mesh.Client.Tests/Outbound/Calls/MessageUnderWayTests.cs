using System.Net;
using System.Net.Http.Json;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Tests.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A handler above the mesh sends a message again before its first answer: to hedge, or to fail over. Each send is a call of its
/// own, and the message stays the user's.</summary>
public sealed class MessageUnderWayTests : IDisposable
{
    private static readonly Uri Untrusted = new("http://untrusted.example/a");
    private readonly Arrivals _service = new();
    private readonly Arrivals _outside = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _service.EndAll();
        _outside.EndAll();
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Send_again_each_has_headers_and_token_of_its_own(bool ownPrimary, bool firstEndsFirst)
    {
        using var mesh = Start(ownPrimary);
        using var invoker = Invoker(mesh, ownPrimary);
        using var message = Message();
        using var labels = MeshContext.Begin(new MeshContextValues { Labels = new Dictionary<string, string> { ["tenant"] = "acme" } });
        var before = Before.Of(message);

        Task<HttpResponseMessage>[] calls = [invoker.SendAsync(message, Token), invoker.SendAsync(message, Token)];
        Assert.Equal(2, _service.Count);
        Assert.NotEqual(_service[0].Uri.Host + _service[0].Endpoint, _service[1].Uri.Host + _service[1].Endpoint);
        foreach (var i in firstEndsFirst ? [0, 1] : new[] { 1, 0 })
        {
            _service[i].Answer(HttpStatusCode.OK);
            await calls[i].Settle();
        }

        foreach (var call in calls)
        {
            using var response = await call;
            Assert.Same(message, response.RequestMessage ?? message);
        }

        Assert.All(_service.Seen, AssertComplete);
        before.AssertUnchanged(message);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    public async Task Send_again_a_retry_of_either_is_complete(bool ownPrimary, int failing)
    {
        using var mesh = Start(ownPrimary, count: 4);
        using var invoker = Invoker(mesh, ownPrimary);
        using var message = Message();
        var before = Before.Of(message);

        Task<HttpResponseMessage>[] calls = [invoker.SendAsync(message, Token), invoker.SendAsync(message, Token)];
        _service[1 - failing].Answer(HttpStatusCode.OK);
        (await mesh.Advance(calls[1 - failing])).Dispose();
        _service[failing].Answer(HttpStatusCode.ServiceUnavailable);
        await _service.Arrived(3).Settle();
        _service[2].Answer(HttpStatusCode.OK);
        using var response = await mesh.Advance(calls[failing]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.All(_service.Seen, AssertComplete);
        Assert.Equal("2", _service[2].Headers["mesh-attempt"]);
        before.AssertUnchanged(message);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Send_again_to_another_host_carries_nothing_of_the_mesh(bool ownPrimary, bool sync)
    {
        using var mesh = Start(ownPrimary);
        using var invoker = Invoker(mesh, ownPrimary);
        using var message = Message(HttpMethod.Post);
        using var labels = MeshContext.Begin(new MeshContextValues { Labels = new Dictionary<string, string> { ["tenant"] = "acme" } });

        var first = invoker.SendAsync(message, Token);
        Assert.Equal(1, _service.Count);
        message.RequestUri = Untrusted;
        var second = sync ? Task.Run(() => invoker.Send(message, Token)) : invoker.SendAsync(message, Token);
        await _outside.Arrived(1).Settle();
        _outside[0].Answer(HttpStatusCode.OK);
        using var outside = await second;
        _service[0].Answer(HttpStatusCode.OK);
        (await first).Dispose();

        Assert.Equal(Untrusted, _outside[0].Uri);
        Assert.Equal(["x-a", "x-b"], _outside[0].Headers.Keys);
        Assert.Null(_outside[0].Body);
        Assert.Same(message, outside.RequestMessage ?? message);
        Assert.Same(Untrusted, message.RequestUri);
        Assert.Equal(["x-a", "x-b"], message.Headers.Select(header => header.Key));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_again_to_a_service_while_another_host_has_it_leaves_that_request_alone(bool ownPrimary)
    {
        using var mesh = Start(ownPrimary);
        using var invoker = Invoker(mesh, ownPrimary);
        using var message = Message();
        message.RequestUri = Untrusted;

        var first = invoker.SendAsync(message, Token);
        message.RequestUri = new Uri(Fleet.Url + "a?b=c");
        var second = invoker.SendAsync(message, Token);

        // A request that waits for its connection reads the headers only then.
        Assert.Equal(["x-a", "x-b"], _outside[0].Request.Headers.Select(header => header.Key));
        AssertComplete(Assert.Single(_service.Seen));
        _outside[0].Answer(HttpStatusCode.OK);
        _service[0].Answer(HttpStatusCode.OK);
        (await first).Dispose();
        (await second).Dispose();
        Assert.Equal(["x-a", "x-b"], message.Headers.Select(header => header.Key));
    }

    [Fact]
    public async Task Send_again_a_token_goes_only_where_it_may()
    {
        using var mesh = Start(configure: service =>
        {
            service.Credentials.AllowInsecureTransport = false;
            service.Endpoints.Clear();
            service.Endpoints.Add("https://10.0.0.1:443");
            service.Endpoints.Add("http://10.0.0.2:80");
        });
        using var invoker = Invoker(mesh, ownPrimary: false);
        using var message = Message();
        var before = Before.Of(message);
        var calls = new List<Task<HttpResponseMessage>>();
        for (var i = 0; i < 4; i++)
        {
            calls.Add(invoker.SendAsync(message, Token));
        }

        Assert.Equal(2, calls.Count(call => call.IsFaulted && call.Exception!.InnerException is TokenException));
        Assert.Equal(2, _service.Count);
        Assert.All(_service.Seen, arrival => Assert.Equal("10.0.0.1:443", arrival.Endpoint));
        _service.EndAll();
        foreach (var call in calls.Where(call => !call.IsFaulted))
        {
            (await call).Dispose();
        }

        before.AssertUnchanged(message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_again_the_users_own_authorization_wins(bool ownPrimary)
    {
        using var mesh = Start(ownPrimary);
        using var invoker = Invoker(mesh, ownPrimary);
        using var message = Message();
        message.Headers.Add("Authorization", "Basic dTpw");
        var before = Before.Of(message);

        var first = invoker.SendAsync(message, Token);
        var second = invoker.SendAsync(message, Token);
        Assert.Equal(["Basic dTpw", "Basic dTpw"], _service.Seen.Select(arrival => arrival.Headers["Authorization"]));
        _service.EndAll();
        (await first).Dispose();
        (await second).Dispose();

        before.AssertUnchanged(message);
    }

    /// <summary>What a handler above writes on the message between the sends is its own.</summary>
    [Fact]
    public async Task Send_again_what_the_user_has_changed_meanwhile_stays()
    {
        using var mesh = Start();
        using var invoker = Invoker(mesh, ownPrimary: false);
        using var message = Message(HttpMethod.Post);

        var first = invoker.SendAsync(message, Token);
        using var content = new StringContent("b");
        message.RequestUri = Untrusted;
        message.Content = content;
        message.Headers.Authorization = new("Basic", "dTpw");
        message.Headers.Add("x-c", "3");
        var second = invoker.SendAsync(message, Token);
        _service[0].Answer(HttpStatusCode.OK);
        (await first).Dispose();
        _outside[0].Answer(HttpStatusCode.OK);
        (await second).Dispose();

        Assert.Equal(("Basic dTpw", "b"), (_outside[0].Headers["Authorization"], await _outside[0].Text()));
        Assert.Equal(["x-a", "x-b", "Authorization", "x-c"], _outside[0].Headers.Keys);
        Assert.Equal(["x-a", "x-b", "Authorization", "x-c"], message.Headers.Select(header => header.Key));
        Assert.Equal((Untrusted, content), (message.RequestUri, message.Content));
    }

    /// <summary>Headers of the mesh that the user has written are set aside for an attempt; they belong to the message all the
    /// same.</summary>
    [Fact]
    public async Task Send_again_headers_that_the_first_has_set_aside_are_the_users()
    {
        using var mesh = Start();
        using var invoker = Invoker(mesh, ownPrimary: false);
        using var message = Message();
        message.Headers.Add("mesh-caller", "mine");

        var first = invoker.SendAsync(message, Token);
        message.RequestUri = Untrusted;
        var second = invoker.SendAsync(message, Token);
        _service.EndAll();
        _outside.EndAll();
        (await first).Dispose();
        (await second).Dispose();

        Assert.Equal("mine", _outside[0].Headers["mesh-caller"]);
        Assert.NotEqual("mine", _service[0].Headers["mesh-caller"]);
        Assert.Equal("mine", Assert.Single(message.Headers.GetValues("mesh-caller")));
    }

    [Theory]
    [InlineData(false, "memory")]
    [InlineData(false, "large")]
    [InlineData(false, "json")]
    [InlineData(false, "parts")]
    [InlineData(true, "memory")]
    [InlineData(true, "large")]
    [InlineData(true, "json")]
    [InlineData(true, "parts")]
    public async Task Send_again_each_has_the_whole_body(bool ownPrimary, string kind)
    {
        using var mesh = Start(ownPrimary);
        using var invoker = Invoker(mesh, ownPrimary);
        using var message = Message(HttpMethod.Put);
        message.Content = Body(kind);
        var expected = await Body(kind).ReadAsByteArrayAsync(Token);
        var before = Before.Of(message);

        var first = invoker.SendAsync(message, Token);
        var second = invoker.SendAsync(message, Token);
        var bodies = await Task.WhenAll(_service[0].Bytes(), _service[1].Bytes());
        _service.EndAll();
        (await first).Dispose();
        (await second).Dispose();

        Assert.Equal([expected, expected], bodies);
        before.AssertUnchanged(message);
    }

    [Fact]
    public async Task Send_again_a_stream_that_is_being_sent_is_an_error_and_not_half_a_body()
    {
        using var mesh = Start();
        using var invoker = Invoker(mesh, ownPrimary: false);
        using var message = Message(HttpMethod.Put);
        using var stream = new MemoryStream(new byte[1000]);
        message.Content = new StreamContent(stream, bufferSize: 100);
        var before = Before.Of(message);
        var first = invoker.SendAsync(message, Token);
        using var slow = new SlowStream();
        var sending = _service[0].Body!.CopyToAsync(slow, Token);
        await slow.Begun.Settle();

        var second = invoker.SendAsync(message, Token);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => _service[1].Bytes());
        _service[1].Fail(error);
        Assert.Same(error, await Assert.ThrowsAsync<HttpRequestException>(() => second));
        slow.Proceed();
        await sending;
        Assert.Equal(1000, slow.Length);

        // From then on it can be sent again, as without the mesh.
        var third = invoker.SendAsync(message, Token);
        Assert.Equal(1000, (await _service[2].Bytes()).Length);
        _service.EndAll();
        (await first).Dispose();
        (await third).Dispose();
        before.AssertUnchanged(message);
        Assert.Contains("another send of the same message", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, mesh.Failures());
    }

    [Fact]
    public async Task Send_again_a_body_that_can_be_read_once_is_an_error_as_without_the_mesh()
    {
        using var mesh = Start();
        using var invoker = Invoker(mesh, ownPrimary: false);
        using var message = Message(HttpMethod.Put);
        message.Content = new StreamContent(new ForwardOnlyStream(new byte[1000]));
        var before = Before.Of(message);

        var first = invoker.SendAsync(message, Token);
        Assert.Equal(1000, (await _service[0].Bytes()).Length);
        var second = invoker.SendAsync(message, Token);
        _service[1].Fail(await Assert.ThrowsAsync<InvalidOperationException>(() => _service[1].Bytes()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => second);
        _service.EndAll();
        (await first).Dispose();

        before.AssertUnchanged(message);
        Assert.Equal(0, mesh.Failures());
    }

    /// <summary>A primary handler of the user's may send on what it has got through another client.</summary>
    [Theory]
    [InlineData("http://10.0.0.1/a?b=c")]
    [InlineData("http://untrusted.example/a")]
    public async Task Send_from_inside_a_primary_handler_is_a_request_of_its_own(string address)
    {
        using var mesh = Start(count: 1);
        using var inner = Invoker(mesh, ownPrimary: false);
        using var primary = new RecordingHandler((request, token) =>
        {
            request.RequestUri = address.Contains("10.0.0.1", StringComparison.Ordinal) ? request.RequestUri : new Uri(address);
            return inner.SendAsync(request, token);
        });
        using var outer = new HttpMessageInvoker(
            new MeshHandler(mesh.Provider.GetRequiredService<CallPipeline>(), ownPrimary: true) { InnerHandler = primary });
        using var message = Message();

        var call = outer.SendAsync(message, Token);
        var arrival = Assert.Single(_service.Seen.Concat(_outside.Seen));
        Assert.Equal(new Uri(address), arrival.Uri);
        Assert.Same(message, arrival.Request);
        arrival.Answer(HttpStatusCode.OK);
        (await call).Dispose();

        Assert.Equal(["x-a", "x-b"], message.Headers.Select(header => header.Key));
    }

    [Fact]
    public async Task Send_again_a_retry_of_the_first_stays_with_its_address_and_body()
    {
        using var mesh = Start();
        using var invoker = Invoker(mesh, ownPrimary: false);
        using var message = Message(HttpMethod.Put);
        using var body = new StringContent("a");
        using var other = new StringContent("b");
        message.Content = body;

        var first = invoker.SendAsync(message, Token);
        message.RequestUri = Untrusted;
        message.Content = other;
        var second = invoker.SendAsync(message, Token);
        _service[0].Answer(HttpStatusCode.ServiceUnavailable);
        await _service.Arrived(2).Settle();
        Assert.Equal("a", await _service[1].Text());
        Assert.Equal("b", await _outside[0].Text());
        _service.EndAll();
        _outside.EndAll();
        using var response = await first;
        (await second).Dispose();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.All(_service.Seen, AssertComplete);
        Assert.Equal((Untrusted, other), (message.RequestUri, message.Content));
        Assert.Equal(["x-a", "x-b"], message.Headers.Select(header => header.Key));
    }

    /// <summary>Many threads at once, so that sends begin and end in any order.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_at_the_same_time_from_many_threads_leaves_the_message_as_it_was(bool ownPrimary)
    {
        using var mesh = Start(ownPrimary, count: 4, atOnce: true);
        using var invoker = Invoker(mesh, ownPrimary);
        for (var round = 0; round < 1000; round++)
        {
            using var message = Message(HttpMethod.Put);
            message.Content = Body(round % 2 == 0 ? "memory" : "large");
            var before = Before.Of(message);
            using var start = new Barrier(4);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
            {
                start.SignalAndWait(Token);
                using var response = number % 2 == 0 ? invoker.Send(message, Token) : await invoker.SendAsync(message, Token);
            })));

            before.AssertUnchanged(message);
        }

        Assert.Equal(4000, _service.Count);
        Assert.All(_service.Seen, AssertComplete);
    }

    private static HttpRequestMessage Message(HttpMethod? method = null)
    {
        var message = new HttpRequestMessage(method ?? HttpMethod.Get, Fleet.Url + "a?b=c");
        message.Headers.Add("x-a", ["1", "2"]);
        message.Headers.Add("x-b", "3");
        return message;
    }

    private static HttpContent Body(string kind) => kind switch
    {
        "memory" => new ByteArrayContent([1, 2, 3]),
        "large" => new ByteArrayContent(Enumerable.Range(0, 100_000).Select(number => (byte)number).ToArray()),
        "json" => JsonContent.Create(new[] { 1, 2, 3 }),
        _ => new MultipartContent("mixed", "b") { new StringContent("a"), new ByteArrayContent([1]) },
    };

    private static void AssertComplete(Arrival arrival)
    {
        Assert.StartsWith("Bearer ", arrival.Headers["Authorization"], StringComparison.Ordinal);
        Assert.DoesNotContain(",", arrival.Headers["Authorization"], StringComparison.Ordinal);
        Assert.Equal("1, 2", arrival.Headers["x-a"]);
        Assert.DoesNotContain(",", arrival.Headers["mesh-caller"], StringComparison.Ordinal);
        Assert.DoesNotContain(",", arrival.Headers.GetValueOrDefault("mesh-deadline", ""), StringComparison.Ordinal);
        Assert.Equal("/a?b=c", arrival.Uri.PathAndQuery);
    }

    private MeshFixture Start(
        bool ownPrimary = false, int count = 2, bool atOnce = false, Action<ServiceOptions>? configure = null)
    {
        var source = new GivenToken();
        var mesh = Fleet.Of(
            count,
            service =>
            {
                service.Credentials.Mode = CredentialMode.Propagate;
                service.Credentials.AllowInsecureTransport = true;
                configure?.Invoke(service);
            },
            services: services => services.AddSingleton<ITokenSource>(source));
        source.Token = BearerToken.FromJwt(Jwt.Create(mesh.Time.GetUtcNow().AddHours(1), Fleet.Name));
        _service.AtOnce = _outside.AtOnce = atOnce;
        foreach (var endpoint in mesh.Catalog().Endpoints.Current.All)
        {
            mesh.Network.On(endpoint.Name, (request, _) => _service.Arrive(endpoint.Name, request));
        }

        return mesh;
    }

    private HttpMessageInvoker Invoker(MeshFixture mesh, bool ownPrimary)
    {
        var primary = new RecordingHandler((request, _) => request.RequestUri!.Host == Untrusted.Host
            ? _outside.Arrive(request.RequestUri.Authority, request)
            : _service.Arrive(request.RequestUri.Authority, request));
        return new HttpMessageInvoker(
            new MeshHandler(mesh.Provider.GetRequiredService<CallPipeline>(), ownPrimary) { InnerHandler = primary });
    }

    private sealed class GivenToken : ITokenSource
    {
        public BearerToken? Token { get; set; }

        public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken) => new(Token);
    }

    /// <summary>A message as the user made it.</summary>
    private sealed record Before(Uri? Uri, HttpMethod Method, Version Version, HttpContent? Content, string Headers)
    {
        public static Before Of(HttpRequestMessage message) =>
            new(message.RequestUri, message.Method, message.Version, message.Content, message.Headers.ToString());

        public void AssertUnchanged(HttpRequestMessage message)
        {
            Assert.Equal(this, Of(message));
            Assert.Same(Uri, message.RequestUri);
        }
    }

    private sealed class Arrivals
    {
        private readonly Lock _gate = new();
        private readonly List<Arrival> _seen = [];

        public bool AtOnce { get; set; }

        public int Count => Seen.Length;

        public Arrival[] Seen
        {
            get
            {
                lock (_gate)
                {
                    return [.. _seen];
                }
            }
        }

        public Arrival this[int index] => Seen[index];

        public Task<HttpResponseMessage> Arrive(string endpoint, HttpRequestMessage request)
        {
            var arrival = new Arrival(endpoint, request);
            lock (_gate)
            {
                _seen.Add(arrival);
            }

            if (AtOnce)
            {
                arrival.Answer(HttpStatusCode.OK);
            }

            return arrival.Response;
        }

        public async Task Arrived(int count)
        {
            while (Count < count)
            {
                await Task.Yield();
            }
        }

        public void EndAll()
        {
            foreach (var arrival in Seen)
            {
                arrival.Answer(HttpStatusCode.OK);
            }
        }
    }

    /// <summary>A request as it reached its server.</summary>
    private sealed class Arrival(string endpoint, HttpRequestMessage request)
    {
        private readonly TaskCompletionSource<HttpResponseMessage> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Endpoint => endpoint;

        public HttpRequestMessage Request => request;

        public Uri Uri { get; } = request.RequestUri!;

        public OrderedDictionary<string, string> Headers { get; } = HeadersOf(request);

        public HttpContent? Body { get; } = request.Content;

        public Task<HttpResponseMessage> Response => _response.Task;

        public void Answer(HttpStatusCode status) =>
            _response.TrySetResult(new HttpResponseMessage(status) { RequestMessage = request });

        public void Fail(Exception exception) => _response.TrySetException(exception);

        public async Task<byte[]> Bytes()
        {
            using var copy = new MemoryStream();
            await Body!.CopyToAsync(copy, Token);
            return copy.ToArray();
        }

        public async Task<string> Text() => System.Text.Encoding.UTF8.GetString(await Bytes());

        private static OrderedDictionary<string, string> HeadersOf(HttpRequestMessage request)
        {
            var headers = new OrderedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, values) in request.Headers.NonValidated)
            {
                if (name != "Host")
                {
                    headers.Add(name, values.ToString());
                }
            }

            return headers;
        }
    }

    /// <summary>A connection that takes the first part, and the rest when it is told to.</summary>
    private sealed class SlowStream : MemoryStream
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _proceed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void Proceed() => _proceed.TrySetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _begun.TrySetResult();
            await _proceed.Task;
            Write(buffer.Span);
        }
    }
}
