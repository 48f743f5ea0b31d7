using Identity.Roles;

namespace Identity.Leaks;

/// <summary>A way on which a token could get out: how it is tried, and what must come of it.</summary>
/// <param name="Title">What is tried.</param>
/// <param name="Path">The path at the storefront that tries it, and at the recorders.</param>
/// <param name="CallerGets">What the storefront's call must end with.</param>
internal sealed record LeakPlan(string Title, string Path, string CallerGets)
{
    /// <summary>How many requests must arrive at the recorder that may have the token, each with it.</summary>
    public int AtAudit { get; init; }

    /// <summary>How many requests must arrive at the host outside of the mesh, each without anything of the user or the mesh.</summary>
    public int AtStranger { get; init; }

    /// <summary>Whether the storefront that tries it runs in Production.</summary>
    public bool InProduction { get; init; }

    /// <summary>Where the result is to be had, when the answer to <see cref="Path"/> does not wait for it.</summary>
    public string? ResultPath { get; init; }

    public async Task<LeakAttempt> TryAsync(Fleet fleet, Kiosk kiosk, CancellationToken cancellation)
    {
        var storefront = InProduction ? fleet.ProductionStorefront.Address : new Uri($"http://{Role.Storefront}");
        if (ResultPath is not null)
        {
            await kiosk.GetAsync<string>(new Uri(storefront, Path), cancellation);
        }

        var result = await kiosk.GetAsync<CallResult>(new Uri(storefront, ResultPath ?? Path), cancellation);
        return new LeakAttempt(
            this,
            kiosk.Token,
            result,
            await fleet.ReadRecordedAsync(fleet.Audit, Path, cancellation),
            await fleet.ReadRecordedAsync(fleet.Stranger, Path, cancellation));
    }
}
