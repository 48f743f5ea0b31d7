using System.Net;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A response that is disposed of while its body is read: what was read is never taken for the whole.</summary>
public sealed class DisposedResponseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Ways => new MatrixTheoryData<string, bool>(["read", "copy", "string"], [true, false]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Read_stream_that_ends_by_the_disposal_fails(string way, bool knownLength)
    {
        using var mesh = Fleet.Of(1);
        var stream = new EndingStream();
        mesh.All((request, _) =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new StreamContent(stream) };
            response.Content.Headers.ContentLength = knownLength ? 100_000 : null;
            return Task.FromResult(response);
        });
        var response = await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);
        var reading = way switch
        {
            "read" => ReadAllAsync(response),
            "copy" => response.Content.CopyToAsync(Stream.Null, Token),
            _ => response.Content.ReadAsStringAsync(Token),
        };
        await stream.Waiting;

        response.Dispose();

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => reading);
        var cause = exception is HttpRequestException ? exception.InnerException : exception;
        Assert.Contains("was disposed of before the end", Assert.IsType<IOException>(cause).Message, StringComparison.Ordinal);
        Assert.Equal(0, mesh.InFlight());
        Assert.False(mesh.Catalog().Endpoints.Current.All[0].Health.HasFailures);
    }

    [Fact]
    public async Task Read_after_the_end_says_again_that_it_is_the_end()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Body(new StreamContent(new ForwardOnlyStream([1, 2, 3]))));
        using var response = await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await response.Content.ReadAsStreamAsync(Token);

        Assert.Equal(3, await body.ReadAtLeastAsync(new byte[10], 10, throwOnEndOfStream: false, Token));
        Assert.Equal(0, await body.ReadAsync(new byte[10], Token));
    }

    private static async Task ReadAllAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStreamAsync(Token);
        while (await body.ReadAsync(new byte[100], Token) > 0)
        {
        }
    }

    /// <summary>Has ten bytes, and ends with its disposal.</summary>
    private sealed class EndingStream : MemoryStream
    {
        private readonly TaskCompletionSource _waiting = new();
        private readonly TaskCompletionSource<int> _ended = new();
        private bool _read;

        public Task Waiting => _waiting.Task;

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_read)
            {
                _read = true;
                return new ValueTask<int>(10);
            }

            _waiting.TrySetResult();
            return new ValueTask<int>(_ended.Task);
        }

        protected override void Dispose(bool disposing)
        {
            _ended.TrySetResult(0);
            base.Dispose(disposing);
        }
    }
}
