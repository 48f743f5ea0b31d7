using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Client.Tests.Eureka;

/// <summary>One request to a real server and its answer, byte for byte as they were recorded.</summary>
internal sealed class RecordedExchange
{
    private RecordedExchange(
        string id,
        string method,
        string target,
        Dictionary<string, string> headers, byte[] body, int status, Dictionary<string, string> answerHeaders,
        byte[] answer)
    {
        Id = id;
        Method = method;
        Target = target;
        Headers = headers;
        Body = Encoding.UTF8.GetString(body);
        Status = status;
        AnswerHeaders = answerHeaders;
        Answer = answer;
    }

    /// <summary>Set and name.</summary>
    public string Id { get; }

    public string Method { get; }

    public string Target { get; }

    /// <summary>The segments after <c>/eureka/</c>, as they were sent.</summary>
    public string[] Path => Target.Split('?')[0].TrimStart('/').TrimEnd('/').Split('/')[1..];

    public string Query =>
        Target.Contains('?', StringComparison.Ordinal) ? Target[Target.IndexOf('?', StringComparison.Ordinal)..] : string.Empty;

    public Dictionary<string, string> Headers { get; }

    public string Body { get; }

    public int Status { get; }

    public Dictionary<string, string> AnswerHeaders { get; }

    /// <summary>Unpacked.</summary>
    public byte[] Answer { get; }

    public JsonNode AnswerJson => JsonNode.Parse(Answer)!;

    public static string Folder { get; } = System.IO.Path.Combine(Captures.Folder, "Recorded");

    public static IEnumerable<string> Ids() => Directory.GetFiles(Folder, "*.request.http", SearchOption.AllDirectories)
        .Select(static file => System.IO.Path.GetRelativePath(Folder, file).Replace('\\', '/')
            .Replace(".request.http", "", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public static RecordedExchange Load(string id)
    {
        var (start, headers, body) = Read(id + ".request.http");
        var (answerStart, answerHeaders, answer) = Read(id + ".response.http");
        if (answerHeaders.GetValueOrDefault("Content-Encoding") == "gzip")
        {
            using var gzip = new GZipStream(new MemoryStream(answer), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            gzip.CopyTo(plain);
            answer = plain.ToArray();
        }

        return new RecordedExchange(
            id, start.Split(' ')[0], start.Split(' ')[1], headers, body,
                int.Parse(answerStart.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), answerHeaders, answer);
    }

    public HttpResponseMessage ToResponse()
    {
        var response = new HttpResponseMessage((HttpStatusCode)Status) { Content = new ByteArrayContent(Answer) };
        if (AnswerHeaders.GetValueOrDefault("Content-Type") is { } type)
        {
            response.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        }

        return response;
    }

    private static (string Start, Dictionary<string, string> Headers, byte[] Body) Read(string file)
    {
        var message = File.ReadAllBytes(System.IO.Path.Combine(Folder, file));
        var end = message.AsSpan().IndexOf("\r\n\r\n"u8);
        var head = Encoding.ASCII.GetString(message, 0, end).Split("\r\n");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in head.Skip(1))
        {
            var parts = line.Split(": ", 2);
            headers[parts[0]] = parts.Length > 1 ? parts[1] : string.Empty;
        }

        return (head[0], headers, message[(end + 4)..]);
    }
}
