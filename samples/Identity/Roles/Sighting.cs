using System.Diagnostics;
using System.Security.Claims;
using Mesh.Client;

namespace Identity.Roles;

/// <summary>What a service saw: the user by the token, the rest by the mesh.</summary>
/// <param name="Service">The service.</param>
/// <param name="User">The subject of the validated token.</param>
/// <param name="Caller">The service that called.</param>
/// <param name="Remaining">What was left of the caller's time, in milliseconds.</param>
/// <param name="TraceId">The trace that the request is part of.</param>
internal sealed record Sighting(string Service, string? User, string? Caller, double? Remaining, string? TraceId)
{
    // Stands for what a service does before it calls the next.
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(50);

    /// <summary>Records the present user and caller, and then works for a while.</summary>
    public static async Task<Sighting> TakeAsync(string service, ClaimsPrincipal user, CancellationToken cancellation)
    {
        var sighting = new Sighting(
            service,
            user.Identity?.Name,
            MeshContext.Caller?.Name,
            MeshContext.Remaining?.TotalMilliseconds,
            Activity.Current?.TraceId.ToHexString());
        await Task.Delay(Work, cancellation);
        return sighting;
    }
}
