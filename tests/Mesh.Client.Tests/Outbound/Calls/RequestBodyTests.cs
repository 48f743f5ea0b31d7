using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What can be sent again is told without leaving a trace on it.</summary>
public sealed class RequestBodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Again =>
        ["null", "text", "object", "array", "list", "dictionary", "set", "immutable", "queue", "node", "record"];

    public static TheoryData<string> Once => ["async", "channel", "consuming", "iterator", "query"];

    [Theory]
    [MemberData(nameof(Again))]
    public void CanReplay_json_of_what_stays(string kind) => Assert.True(RequestBody.CanReplay(JsonContent.Create(Value(kind))));

    [Theory]
    [MemberData(nameof(Once))]
    public void CanReplay_json_of_a_sequence_that_may_be_gone(string kind)
    {
        Assert.False(RequestBody.CanReplay(JsonContent.Create(Value(kind))));
        Assert.False(
            RequestBody.CanReplay(
                new MultipartFormDataContent { { new StringContent("a"), "a" }, { JsonContent.Create(Value(kind)), "rows" } }));
    }

    /// <summary>What a class writes that derives from one of .NET's may be there only once.</summary>
    [Fact]
    public void CanReplay_content_of_a_class_of_the_users_is_sent_once()
    {
        Assert.True(RequestBody.CanReplay(new ByteArrayContent([])));
        Assert.True(RequestBody.CanReplay(new StringContent("a")));
        Assert.True(RequestBody.CanReplay(new StreamContent(new MemoryStream())));
        Assert.True(RequestBody.CanReplay(new MultipartContent { new StringContent("a") }));
        Assert.False(RequestBody.CanReplay(new Rows()));
        Assert.False(RequestBody.CanReplay(new Progress()));
        Assert.False(RequestBody.CanReplay(new MultipartContent { new Rows() }));
    }

    /// <summary>A proxy passes on what it has received: the connection gives that once.</summary>
    [Fact]
    public void CanReplay_content_of_an_answer_is_sent_once()
    {
        using var answer = new HttpResponseMessage();

        Assert.False(RequestBody.CanReplay(answer.Content));
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("Application/GRPC+proto", true)]
    [InlineData("application/grpc; charset=utf-8", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpc-web+proto", false)]
    [InlineData("application/grpc-web-text", false)]
    [InlineData("application/json", false)]
    public void IsType_gRPC_is_not_gRPC_Web(string type, bool expected) => Assert.Equal(expected, GrpcRequest.IsType(type));

    [Theory]
    [InlineData("PUT", false)]
    [InlineData("POST", true)]
    public async Task Send_sequence_that_can_be_read_once_is_sent_once(string method, bool key)
    {
        using var mesh = Fleet.Of(3);
        var bodies = new List<string>();
        mesh.All(async (request, token) =>
        {
            bodies.Add(await request.Content!.ReadAsStringAsync(token));
            return new HttpResponseMessage(System.Net.HttpStatusCode.ServiceUnavailable);
        });
        var queue = Channel.CreateUnbounded<int>();
        queue.Writer.TryWrite(1);
        queue.Writer.Complete();
        using var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url)
        {
            Content = JsonContent.Create(queue.Reader.ReadAllAsync(Token)),
        };
        if (key)
        {
            request.Headers.Add("Idempotency-Key", "1");
        }

        using var response = await mesh.Client.SendAsync(request, Token);

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(["[1]"], bodies);
    }

    [Theory]
    [InlineData("async", true, 3)]
    [InlineData("sync", true, 3)]
    [InlineData("buffered", true, 3)]
    [InlineData("async", false, 1)]
    [InlineData("buffered", false, 3)]
    public async Task Send_content_that_a_handler_has_read_stays_usable(string how, bool seekable, int expected)
    {
        foreach (var inParts in new[] { false, true })
        {
            using var mesh = Fleet.Of(3);
            var bodies = new List<string>();
            mesh.All(async (request, token) =>
            {
                var copy = new MemoryStream();
                await request.Content!.CopyToAsync(copy, token);
                bodies.Add(System.Text.Encoding.UTF8.GetString(copy.ToArray()));
                return new HttpResponseMessage(System.Net.HttpStatusCode.BadGateway);
            });
            var part = new StreamContent(seekable ? new MemoryStream("rows"u8.ToArray()) : new ForwardOnlyStream("rows"u8.ToArray()));
            HttpContent content = inParts ? new MultipartContent("mixed", "b") { part } : part;
            switch (how)
            {
                case "async":
                    _ = await part.ReadAsStreamAsync(Token);
                    break;
                case "sync":
                    _ = part.ReadAsStream(Token);
                    break;
                default:
                    await part.LoadIntoBufferAsync(Token);
                    break;
            }

            (await mesh.Advance(mesh.Client.PutAsync(Fleet.Url, content, Token))).Dispose();

            Assert.Equal(expected, bodies.Count);
            Assert.All(bodies, body => Assert.Contains("rows", body, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task CanReplay_leaves_a_stream_content_as_it_is()
    {
        var unread = new StreamContent(new MemoryStream("rows"u8.ToArray()));
        Assert.True(RequestBody.CanReplay(unread));
        await unread.LoadIntoBufferAsync(Token);
        Assert.Equal(4, (await unread.ReadAsStreamAsync(Token)).Length);

        var stated = new StreamContent(new MemoryStream("rows"u8.ToArray()));
        stated.Headers.ContentLength = 4;
        Assert.True(RequestBody.CanReplay(stated));
        Assert.Equal("rows", await new StreamReader(stated.ReadAsStream(Token)).ReadToEndAsync(Token));

        var forward = new StreamContent(new ForwardOnlyStream("rows"u8.ToArray()));
        forward.Headers.ContentLength = 4;
        Assert.False(RequestBody.CanReplay(forward));
        Assert.Equal(4, forward.Headers.ContentLength);
        Assert.Equal("rows", await forward.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Send_content_that_is_disposed_already_fails_as_without_the_mesh_and_is_counted()
    {
        using var mesh = Fleet.Of(3);
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, token);
            return new HttpResponseMessage(System.Net.HttpStatusCode.OK);
        });
        var content = new StreamContent(new MemoryStream("rows"u8.ToArray()));
        content.Dispose();

        await Assert.ThrowsAnyAsync<Exception>(() => mesh.Client.PutAsync(Fleet.Url, content, Token));

        Assert.Equal(0, mesh.InFlight());
        Assert.DoesNotContain(mesh.Catalog().Endpoints.Current.All, e => e.Health.HasFailures);
    }

    private static object? Value(string kind) => kind switch
    {
        "null" => null,
        "text" => "abc",
        "object" => new { Id = 1 },
        "array" => new[] { 1 },
        "list" => new List<int> { 1 },
        "dictionary" => new Dictionary<string, int> { ["a"] = 1 },
        "set" => new HashSet<int> { 1 },
        "immutable" => ImmutableArray.Create(1),
        "queue" => new ConcurrentQueue<int>([1]),
        "node" => new JsonArray(1),
        "record" => new KeyValuePair<string, int>("a", 1),
        "async" => AsyncNumbers(),
        "channel" => Channel.CreateUnbounded<int>().Reader.ReadAllAsync(),
        "consuming" => new BlockingCollection<int>().GetConsumingEnumerable(),
        "iterator" => Numbers(),
        "query" => new List<int> { 1 }.Where(n => n > 0),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static IEnumerable<int> Numbers()
    {
        yield return 1;
    }

    private static async IAsyncEnumerable<int> AsyncNumbers()
    {
        await Task.Yield();
        yield return 1;
    }

    private sealed class Rows() : ByteArrayContent([]);

    private sealed class Progress() : StreamContent(new MemoryStream());
}
