using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Adds the tried endpoints to an exception of the transport.</summary>
internal static class TriedEndpointsText
{
    /// <summary>The result for the caller: an exception of the transport lists the tried endpoints in its message and data, one of the mesh
    /// in its data. Otherwise they are unchanged.</summary>
    public static AttemptResult Explained(Call call)
    {
        var last = call.Last;
        var exception = last.Exception!;

        // An exception of the application's own body, and one for its own cancellation, are returned unchanged.
        if (call.Failures is not { } failures
            || last.Outcome is CallOutcome.LocalError or CallOutcome.Canceled
            || exception.Data.Contains(FailedAttempts.Key))
        {
            return last;
        }

        // Derived types come from other code, which may use more than the message.
        if (exception.GetType() == typeof(HttpRequestException))
        {
            var original = (HttpRequestException)exception;
            exception = new HttpRequestException(
                original.HttpRequestError, Message(call, original, failures), original.InnerException ?? original, original.StatusCode);
        }

        exception.Data[FailedAttempts.Key] = new FailedAttempts(call.Service.Name, failures);
        return new AttemptResult(exception, last.Outcome);
    }

    private static string Message(Call call, HttpRequestException exception, FailedAttempt[] failures)
    {
        var message = exception.Message;
        var tried = call.LastEndpoint is { } last ? call.NameOf(last) : null;
        var names = tried is not null && message.Contains(tried, StringComparison.Ordinal);
        if (names
            && exception is { HttpRequestError: HttpRequestError.ConnectionError, InnerException: { } inner }
            && message.StartsWith(inner.Message, StringComparison.Ordinal))
        {
            // The runtime adds the address of the request, to which nothing was connected. Only our own transport names the endpoint.
            message = inner.Message.Contains(tried!, StringComparison.Ordinal)
                ? inner.Message
                : $"Endpoint {tried} of service '{call.Service.Name}' cannot be reached: {inner.Message}";
        }

        if (names && failures.Length == 1)
        {
            return message;
        }

        return names
            ? $"{message}. Tried: {string.Join("; ", (IEnumerable<FailedAttempt>)failures)}."
            : $"{message.TrimEnd('.')}. Service '{call.Service.Name}', tried: {string.Join("; ", (IEnumerable<FailedAttempt>)failures)}.";
    }
}
