using System.IO.Compression;
using System.Text;

namespace Mesh.Registry.Tests.Captures;

/// <summary>Asks again what a real server was asked, and compares the answers: status, content
/// type, coding, allowed methods and body.</summary>
internal sealed class Replay(RegistryServer server)
{
    private readonly List<string> _differences = [];

    /// <summary>Gets what differs, in words that name the exchange.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>Gets or sets what the recorded and the new answer are made comparable with.</summary>
    public Func<CapturedExchange, string, string> Comparable { get; set; } = static (exchange, body) => Canonical(exchange, body);

    public async Task RunAsync(IEnumerable<CapturedExchange> exchanges)
    {
        foreach (var exchange in exchanges)
        {
            using var request = exchange.ToRequest();
            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await ReadAsync(response);

            // Recorded times differ by milliseconds; here the clock stands still unless it is moved.
            server.Time.Advance(TimeSpan.FromMilliseconds(1));
            Compare(
                exchange.Name + " status", exchange.Status.ToString(provider: null), ((int)response.StatusCode).ToString(provider: null));
            Compare(exchange.Name + " content type", exchange.ContentType, response.Content.Headers.ContentType?.ToString());
            Compare(
                exchange.Name + " coding",
                exchange.AnswerHeaders.GetValueOrDefault("Content-Encoding"),
                response.Content.Headers.ContentEncoding.SingleOrDefault());
            Compare(
                exchange.Name + " allowed",
                Methods(exchange.AnswerHeaders.GetValueOrDefault("Allow")),
                Methods(string.Join(',', response.Content.Headers.Allow)));
            Compare(exchange.Name + " body", Comparable(exchange, exchange.Answer), Comparable(exchange, body));
        }
    }

    public static string Canonical(CapturedExchange exchange, string body, params string[] masked)
    {
        if (body.Length == 0 || exchange.Status >= 400 && exchange.Status != 409)
        {
            return body.Trim();
        }

        return body[0] == '<' ? CanonicalXml.Of(body, masked) : CanonicalJson.Of(body, masked);
    }

    // A real server also offers OPTIONS, an answer of its framework that no client asks for.
    private static string? Methods(string? allowed) => string.IsNullOrEmpty(allowed)
        ? null
        : string.Join(
            ',',
            allowed.Split(',').Select(static method => method.Trim()).Where(static method => method != "OPTIONS")
                .Order(StringComparer.Ordinal));

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        if (!response.Content.Headers.ContentEncoding.Contains("gzip"))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        await using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private void Compare(string what, string? expected, string? actual)
    {
        if (expected != actual)
        {
            _differences.Add($"{what}: expected {expected}\n but got {actual}");
        }
    }
}
