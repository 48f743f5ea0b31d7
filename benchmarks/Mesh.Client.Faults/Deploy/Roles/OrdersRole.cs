using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Samples.Processes;

namespace Mesh.Client.Faults.Deploy.Roles;

/// <summary>An instance of the service: it takes orders, and does not look for duplicates, so that none is hidden.</summary>
internal static class OrdersRole
{
    public const string LedgerKey = "Deploy:Ledger";
    public const string MeshKey = "Deploy:Mesh";

    /// <summary>Long enough that the death of an instance meets requests in the middle.</summary>
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(30);

    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddHostedService<ParentWatch>();
        if (builder.Configuration.GetValue<bool>(MeshKey))
        {
            builder.Services.AddMesh();
        }

        using var ledger = new Ledger(builder.Configuration[LedgerKey] ?? throw new InvalidOperationException($"{LedgerKey} is not set."));
        var app = builder.Build();
        app.MapGet("/orders/{id}", async (string id) =>
        {
            await Task.Delay(Work);
            return id;
        });

        // Taken first, answered later: who dies in between has taken an order that the caller does not know of.
        app.MapPost("/orders", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            ledger.Append(await reader.ReadToEndAsync());
            await Task.Delay(Work);
        });
        app.MapPost("/orders/{id}/confirm", async (string id) =>
        {
            ledger.Append(id);
            await Task.Delay(Work);
        });
        await app.RunAsync();
    }
}
