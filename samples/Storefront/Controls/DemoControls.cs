using Microsoft.Extensions.Configuration;

namespace Storefront.Controls;

/// <summary>What makes an ordinary service an actor of the demo: counters, a fault switch, and an end when the demo ends.</summary>
internal static class DemoControls
{
    /// <summary>The path below which the demo reaches an instance directly; it is never called through the mesh.</summary>
    public const string AdminPath = "/admin";

    public static DemoSettings AddDemoControls(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection(DemoSettings.SectionName).Get<DemoSettings>() ?? new DemoSettings();
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<FaultSwitch>();
        builder.Services.AddSingleton<InstanceCounters>();
        builder.Services.AddHostedService<ParentWatch>();
        return settings;
    }

    public static void UseDemoControls(this WebApplication app)
    {
        app.UseMiddleware<DemoMiddleware>();
        app.MapGet(AdminPath + "/stats", (InstanceCounters counters) => counters.Read());
        app.MapPost(AdminPath + "/fault", (FaultMode mode, FaultSwitch faults) =>
        {
            faults.Mode = mode;
            return Results.NoContent();
        });
    }
}
