using System.Net.Sockets;
using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Calls;

/// <summary>A failed attempt in a few words, for exceptions and for the log.</summary>
internal static class FailureText
{
    public static string Of(in AttemptResult result) =>
        result.Response is { } response ? $"HTTP {(int)response.StatusCode}"
        : result.Outcome == CallOutcome.Timeout ? "no answer"
        : result is { Outcome: CallOutcome.ConnectFailure, Exception: OperationCanceledException } ? "no connection"
        : $"{result.Outcome.Name()} ({Cause(result.Exception!)})";

    /// <summary>The cause, without the address of the endpoint, which the message has already.</summary>
    private static string Cause(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException socket }
            ? new SocketException((int)socket.SocketErrorCode).Message
            : exception.Message;
}
