using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>An empty registry on loopback that takes every registration and remembers what it was told. Its list may hang.</summary>
internal sealed class RecordingRegistry : IAsyncDisposable
{
    private readonly bool _hangs;
    private TestServer _server = null!;

    private RecordingRegistry(bool hangs) => _hangs = hangs;

    public string Url => _server.Url + "/eureka/";

    /// <summary>How often it was asked for the list.</summary>
    public int Fetches;

    /// <summary>The statuses that were registered, and DELETE.</summary>
    public ConcurrentQueue<string> Told { get; } = [];

    /// <summary>The last registration.</summary>
    public JsonNode? Instance { get; private set; }

    /// <summary>Whether nothing is registered any more, or never was.</summary>
    public bool IsEmpty => Told.LastOrDefault() is null or "DELETE";

    public static async Task<RecordingRegistry> StartAsync(bool hangs = false)
    {
        var registry = new RecordingRegistry(hangs);
        registry._server = await TestServer.StartAsync(registry.AnswerAsync);
        return registry;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method))
        {
            Interlocked.Increment(ref Fetches);
            if (_hangs)
            {
                await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                """{"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}""", context.RequestAborted);
        }
        else if (HttpMethods.IsPost(request.Method))
        {
            Instance = (await JsonNode.ParseAsync(request.Body, cancellationToken: context.RequestAborted))!["instance"];
            Told.Enqueue((string)Instance!["status"]!);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else if (HttpMethods.IsDelete(request.Method))
        {
            Told.Enqueue("DELETE");
        }
    }
}
