namespace Mesh.Client.Outbound.Calls;

/// <summary>A response with complete headers and a broken body: the endpoint's failure, whatever the runtime calls it.</summary>
internal sealed class BrokenBodyException(
    HttpRequestError error, string message, Exception? cause) : HttpRequestException(error, message, cause);
