using Mesh.Client;

namespace Identity.Leaks;

/// <summary>All attempts. The first is no leak: it shows that a token which leaves is seen.</summary>
internal static class LeakPlans
{
    private const string Answered = "200";

    public static IReadOnlyList<LeakPlan> All { get; } =
    [
        new("a service that may have the token", LeakPaths.Allowed, Answered) { AtAudit = 1 },
        new("a host outside the mesh", LeakPaths.ExternalHost, Answered) { AtStranger = 1 },
        new("a service that the token is not for", LeakPaths.WrongAudience, Refused(TokenFailure.WrongAudience)),
        new("a service that redirects to another host", LeakPaths.Redirect, "302") { AtAudit = 1 },
        new("plain text, in Production", LeakPaths.PlainText, Refused(TokenFailure.InsecureTransport)) { InProduction = true },
        new("background work after its request", LeakPaths.Background, Refused(TokenFailure.NoUser))
        {
            ResultPath = LeakPaths.BackgroundResult,
        },
    ];

    private static string Refused(TokenFailure reason) => $"{nameof(TokenException)}.{reason}";
}
