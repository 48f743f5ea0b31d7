namespace Mesh.Client.Telemetry;

/// <summary>The values of the tag <c>result</c>.</summary>
internal static class Results
{
    public const string Ok = "ok";
    public const string Error = "error";

    /// <summary>The registry answered that it does not know this application.</summary>
    public const string Forgotten = "forgotten";

    public const string Accepted = "accepted";
    public const string Rejected = "rejected";
}
