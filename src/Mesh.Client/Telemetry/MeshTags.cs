namespace Mesh.Client.Telemetry;

/// <summary>All tag names.</summary>
internal static class MeshTags
{
    public const string Service = "mesh.service";
    public const string Route = "mesh.route";
    public const string Endpoint = "mesh.endpoint";
    public const string Outcome = "mesh.outcome";
    public const string AttemptReason = "mesh.attempt.reason";
    public const string Reason = "reason";
    public const string State = "state";
    public const string Result = "result";
    public const string TokenReason = "mesh.token.reason";
    public const string Source = "mesh.source";
    public const string Setting = "mesh.setting";
    public const string ResendCount = "http.request.resend_count";
    public const string Method = "http.request.method";
    public const string StatusCode = "http.response.status_code";
    public const string RpcStatus = "rpc.response.status_code";
    public const string ErrorType = "error.type";
}
