using Mesh.Client.TestApplication;
using Microsoft.Extensions.Diagnostics.HealthChecks;

// What a user's Program.cs does, in the three ways there are.
switch (args[0])
{
    case "web":
        var web = WebApplication.CreateBuilder(args[1..]);
        web.Services.AddMesh();
        web.Services.AddHostedService<SlowStart>();
        if (web.Configuration.GetValue<bool>("Ready:Hangs"))
        {
            web.Services.AddHealthChecks().AddAsyncCheck(
                "hangs", static () => new TaskCompletionSource<HealthCheckResult>().Task, ["ready"]);
        }

        var application = web.Build();
        application.MapGet("/", () => "hello");
        application.Run();
        break;

    case "host":
        // The server is registered before the others here, and starts before them.
        Host.CreateDefaultBuilder(args[1..])
            .ConfigureWebHostDefaults(server => server.Configure(app => app.Run(context => context.Response.WriteAsync("hello"))))
            .ConfigureServices(services =>
            {
                services.AddMesh();
                services.AddHostedService<SlowStart>();
            })
            .Build()
            .Run();
        break;

    default:
        var worker = Host.CreateApplicationBuilder(args[1..]);
        worker.Services.AddMesh();
        worker.Services.AddHostedService<SlowStart>();
        worker.Build().Run();
        break;
}
