namespace Mesh.Client.Outbound.Calls;

/// <summary>A response whose headers arrived and whose body did not: the endpoint's failure, whatever the runtime calls it.</summary>
internal sealed class BrokenBodyException(
    HttpRequestError error, string message, Exception? cause) : HttpRequestException(error, message, cause);
