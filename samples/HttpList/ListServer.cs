using System.Collections.Concurrent;

namespace HttpList;

/// <summary>The registry of this sample: a list in memory.</summary>
internal static class ListServer
{
    public static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var app = builder.Build();
        var services = new ConcurrentDictionary<string, ConcurrentDictionary<string, HttpListEntry>>();
        app.MapGet("/services", () => services.ToDictionary(service => service.Key, service => service.Value.Values));
        app.MapPut("/services/{service}/{id}", (string service, string id, HttpListEntry entry) =>
        {
            services.GetOrAdd(service, static _ => [])[id] = entry;
        });
        app.MapDelete("/services/{service}/{id}", (string service, string id) =>
        {
            services.GetValueOrDefault(service)?.TryRemove(id, out _);
        });
        await app.StartAsync();
        return app;
    }
}
