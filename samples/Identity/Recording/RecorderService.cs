using System.Collections.Concurrent;
using Identity.Controls;
using Microsoft.AspNetCore.Http.Extensions;

namespace Identity.Recording;

/// <summary>The other side of each leak: it takes whatever comes, and tells what it was.</summary>
internal static class RecorderService
{
    /// <summary>Answers with what has arrived so far.</summary>
    public const string RecordedPath = "/recorded";

    /// <summary>In the query: where the answer sends the caller.</summary>
    public const string RedirectKey = "redirect";

    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddDemoControls();

        var app = builder.Build();
        app.UseDemoControls();
        var recorded = new ConcurrentQueue<RecordedRequest>();
        app.MapGet(RecordedPath, () => recorded);
        app.MapFallback(async context =>
        {
            var request = context.Request;
            using var body = new StreamReader(request.Body);
            recorded.Enqueue(new RecordedRequest(
                $"{request.Method} {request.GetEncodedPathAndQuery()}",
                request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
                await body.ReadToEndAsync(context.RequestAborted)));
            if (request.Query[RedirectKey].ToString() is { Length: > 0 } target)
            {
                context.Response.Redirect(target);
            }
        });
        await app.RunAsync();
    }
}
