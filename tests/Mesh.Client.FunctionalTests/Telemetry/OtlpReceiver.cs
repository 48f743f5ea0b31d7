using System.Collections.Concurrent;
using Google.Protobuf;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>A collector that takes OTLP over HTTP and understands as much of it as the tests ask about.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Item> _items = new();
    private TestServer _server = null!;

    /// <summary>A span, metric or log line.</summary>
    /// <param name="Kind">The signal: <c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
    /// <param name="Service">The resource's <c>service.name</c>.</param>
    /// <param name="Resource">The keys and texts of the resource.</param>
    /// <param name="Scope">The name of the source, meter or category.</param>
    /// <param name="Name">The name of the span or metric, the text of the log line.</param>
    internal sealed record Item(string Kind, string? Service, IReadOnlyDictionary<string, string> Resource, string Scope, string Name);

    public string Url => _server.Url;

    public IReadOnlyCollection<Item> Items => _items;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        receiver._server = await TestServer.StartAsync(receiver.TakeAsync);
        return receiver;
    }

    public IEnumerable<Item> Of(string kind, string scope) => _items.Where(item => item.Kind == kind && item.Scope == scope);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Read(context.Request.Path.Value!["/v1/".Length..], body.ToArray());
        context.Response.ContentType = "application/x-protobuf";
    }

    // All three requests are built alike: 1 resources { 1 resource, 2 scopes { 1 scope { 1 name }, 2 items } }.
    private void Read(string kind, byte[] request)
    {
        foreach (var resources in Messages(request, 1))
        {
            var resource = Attributes(Messages(resources, 1).FirstOrDefault([]));
            foreach (var scopes in Messages(resources, 2))
            {
                var scope = Texts(Messages(scopes, 1).FirstOrDefault([]), 1).FirstOrDefault("");
                foreach (var item in Messages(scopes, 2))
                {
                    var name = kind switch
                    {
                        "traces" => Texts(item, 5).First(),
                        "metrics" => Texts(item, 1).First(),
                        _ => Texts(Messages(item, 5).First(), 1).FirstOrDefault(""),
                    };
                    _items.Enqueue(new Item(kind, resource.GetValueOrDefault("service.name"), resource, scope, name));
                }
            }
        }
    }

    private static Dictionary<string, string> Attributes(byte[] resource) => Messages(resource, 1).ToDictionary(
        attribute => Texts(attribute, 1).First(),
        attribute => Messages(attribute, 2).SelectMany(value => Texts(value, 1)).FirstOrDefault(""));

    private static IEnumerable<string> Texts(byte[] message, int field) =>
        Messages(message, field).Select(System.Text.Encoding.UTF8.GetString);

    /// <summary>The values of a field that has a length: messages and texts.</summary>
    private static IEnumerable<byte[]> Messages(byte[] message, int field)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                yield return input.ReadBytes().ToByteArray();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }
}
