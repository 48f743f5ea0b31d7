using System.Collections.Concurrent;
using HttpList;

// A list, two instances of the service 'hello' that enter themselves, and a caller that reads the list. One instance stops while it is
// called: no call may fail.
await using var list = await ListServer.StartAsync();
var url = list.Urls.Single();
await using var first = await HelloAsync(url);
await using var second = await HelloAsync(url);
await using var caller = Application(url, "caller");
await caller.StartAsync();
var client = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

var answers = new ConcurrentDictionary<string, int>();
await CallAsync(TimeSpan.FromSeconds(1.5));
Say("Both instances serve");
var both = answers.Count == 2;

answers.Clear();
await Task.WhenAll(first.StopAsync(), CallAsync(TimeSpan.FromSeconds(3)));
answers.Clear();
await CallAsync(TimeSpan.FromSeconds(0.5));
Say($"{first.Urls.Single()} has stopped");
var ok = both && answers.Count == 1 && !answers.ContainsKey(first.Urls.Single());
Console.WriteLine(ok ? "ok: an own source and an own registrar, and no call has failed" : "FAILED");
return ok ? 0 : 1;

async Task CallAsync(TimeSpan time)
{
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
    var until = DateTime.UtcNow + time;
    while (DateTime.UtcNow < until && await timer.WaitForNextTickAsync())
    {
        // A call that fails ends the sample.
        answers.AddOrUpdate(await client.GetStringAsync(new Uri("http://hello/")), 1, static (_, count) => count + 1);
    }
}

void Say(string what)
{
    Console.WriteLine($"{what}:");
    foreach (var (instance, count) in answers)
    {
        Console.WriteLine($"  {instance} has answered {count} calls");
    }
}

static async Task<WebApplication> HelloAsync(string list)
{
    var app = Application(list, "hello");
    app.MapGet("/", () => app.Urls.Single());
    await app.StartAsync();
    return app;
}

static WebApplication Application(string list, string service)
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.WebHost.UseUrls("http://127.0.0.1:0");
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
    builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Mesh:Service:Name"] = service,
        ["Mesh:Discovery:HttpList:Url"] = list,
        ["Mesh:Discovery:HttpList:Register"] = (service == "hello").ToString(),
        ["Mesh:Lifecycle:DrainDelay"] = "00:00:01",
        ["Mesh:Defaults:LoadBalancing:Policy"] = "RoundRobin",
    });
    builder.Services.AddMesh().AddHttpList();
    return builder.Build();
}
