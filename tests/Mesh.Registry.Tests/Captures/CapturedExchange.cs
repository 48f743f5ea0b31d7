using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Registry.Tests.Captures;

/// <summary>One request to a real server and its answer, byte for byte as they were recorded.</summary>
internal sealed class CapturedExchange
{
    private CapturedExchange(
        string name, string method, string target,
            List<KeyValuePair<string, string>> headers, byte[] body, int status, Dictionary<string, string> answerHeaders, string answer)
    {
        Name = name;
        Method = method;
        Target = target;
        Headers = headers;
        Body = body;
        Status = status;
        AnswerHeaders = answerHeaders;
        Answer = answer;
    }

    public string Name { get; }

    public string Method { get; }

    public string Target { get; }

    public List<KeyValuePair<string, string>> Headers { get; }

    public byte[] Body { get; }

    public int Status { get; }

    public Dictionary<string, string> AnswerHeaders { get; }

    public string Answer { get; }

    public string? ContentType => AnswerHeaders.GetValueOrDefault("Content-Type");

    /// <summary>Loads a folder in the order in which it was recorded.</summary>
    public static CapturedExchange[] Load(string folder) =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Captures", folder), "*.request.http")
            .Select(Read)
            .OrderBy(static exchange => int.Parse(exchange.Name.AsSpan(0, exchange.Name.IndexOf('-', StringComparison.Ordinal)),
                provider: null))];

    /// <summary>The same exchange with a server in another layout.</summary>
    public CapturedExchange Under(string layout) =>
        new(Name, Method, layout + Target["/eureka/".Length..], Headers, Body, Status, AnswerHeaders, Answer);

    public HttpRequestMessage ToRequest()
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), Target);
        if (Body.Length > 0 || Headers.Any(static header => header.Key == "content-type"))
        {
            request.Content = new ByteArrayContent(Body);
        }

        foreach (var (key, value) in Headers)
        {
            switch (key)
            {
                case "content-type":
                    request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
                    break;
                case "content-encoding":
                    request.Content!.Headers.ContentEncoding.Add(value);
                    break;
                case "transfer-encoding":
                    request.Headers.TransferEncodingChunked = true;
                    break;
                case "host" or "connection" or "content-length" or "user-agent":
                    break;
                default:
                    request.Headers.Add(key, value);
                    break;
            }
        }

        return request;
    }

    private static CapturedExchange Read(string file)
    {
        var (requestHead, body) = Split(File.ReadAllBytes(file));
        var (answerHead, answer) = Split(File.ReadAllBytes(file.Replace(".request.", ".response.", StringComparison.Ordinal)));
        var start = requestHead[0].Split(' ');
        if (answerHead.Contains("Content-Encoding: gzip"))
        {
            using var gzip = new GZipStream(new MemoryStream(answer), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            gzip.CopyTo(plain);
            answer = plain.ToArray();
        }

        var headers = requestHead.Skip(1)
            .Select(Header)
            .Select(static header => KeyValuePair.Create(header.Key.ToLowerInvariant(), header.Value))
            .ToList();
        var name = Path.GetFileName(file).Replace(".request.http", "", StringComparison.Ordinal);
        return new CapturedExchange(
            name, start[0], start[1], headers, body, int.Parse(answerHead[0].Split(' ')[1], provider: null),
            new Dictionary<string, string>(answerHead.Skip(1).Select(Header), StringComparer.OrdinalIgnoreCase),
                Encoding.UTF8.GetString(answer));
    }

    private static KeyValuePair<string, string> Header(string line)
    {
        var parts = line.Split(": ", 2);
        return KeyValuePair.Create(parts[0], parts[1]);
    }

    private static (string[] Head, byte[] Body) Split(byte[] message)
    {
        var end = message.AsSpan().IndexOf("\r\n\r\n"u8);
        return (Encoding.ASCII.GetString(message, 0, end).Split("\r\n"), message[(end + 4)..]);
    }
}
