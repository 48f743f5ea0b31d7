using System.Diagnostics;
using Identity.Recording;
using Identity.Roles;
using Microsoft.Extensions.Configuration;

namespace Identity.Leaks;

/// <summary>The ways on which a token could get out, tried inside a request of a logged-in user,
/// by an ordinary client of the factory.</summary>
internal static class LeakEndpoints
{
    /// <summary>The key of the configuration with the address of the host outside of the mesh.</summary>
    public const string StrangerKey = "Demo:Stranger";

    /// <summary>A service that no token is for.</summary>
    public const string Vault = "vault";

    public static void AddLeaks(this WebApplicationBuilder builder) => builder.Services.AddSingleton<BackgroundWork>();

    public static void MapLeaks(this WebApplication app)
    {
        var stranger = app.Configuration.GetValue<Uri>(StrangerKey);
        var leaks = app.MapGroup("").RequireAuthorization();

        Map(LeakPaths.Allowed, $"http://{Role.Audit}{LeakPaths.Allowed}");
        Map(LeakPaths.WrongAudience, $"http://{Vault}{LeakPaths.WrongAudience}");
        Map(
            LeakPaths.Redirect,
            $"http://{Role.Audit}{LeakPaths.Redirect}?{RecorderService.RedirectKey}={stranger}{LeakPaths.Redirect[1..]}");
        Map(LeakPaths.PlainText, $"http://{Role.Audit}{LeakPaths.PlainText}");
        leaks.MapGet(LeakPaths.ExternalHost, (HttpClient http, CancellationToken cancellation) =>
        {
            // Without the mesh, .NET would send this to any host.
            Activity.Current?.AddBaggage("user", "alice");
            return CallResult.OfAsync(() => http.GetAsync(new Uri(stranger!, LeakPaths.ExternalHost), cancellation));
        });
        leaks.MapGet(LeakPaths.Background, (HttpContext context, IHttpClientFactory clients, BackgroundWork work) =>
        {
            work.Start(
                context,
                () => clients.CreateClient().GetAsync(new Uri($"http://{Role.Audit}{LeakPaths.Background}"), CancellationToken.None));
            return Results.Accepted(LeakPaths.BackgroundResult, "started");
        });
        leaks.MapGet(
            LeakPaths.BackgroundResult, (BackgroundWork work, CancellationToken cancellation) => work.Result.WaitAsync(cancellation));

        void Map(string path, string target) => leaks.MapGet(path, (HttpClient http, CancellationToken cancellation) =>
            CallResult.OfAsync(() => http.GetAsync(new Uri(target), cancellation)));
    }
}
