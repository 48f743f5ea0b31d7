using System.Runtime.ExceptionServices;

namespace Mesh.Client.Calls;

/// <summary>How an attempt ended: an answer or an exception, as a value. It is thrown once, at the edge.</summary>
internal readonly struct AttemptResult
{
    public AttemptResult(HttpResponseMessage response, CallOutcome outcome)
    {
        Response = response;
        Outcome = outcome;
    }

    public AttemptResult(Exception exception, CallOutcome outcome)
    {
        Exception = exception;
        Outcome = outcome;
    }

    public HttpResponseMessage? Response { get; }

    public Exception? Exception { get; }

    public CallOutcome Outcome { get; }

    public HttpResponseMessage GetOrThrow()
    {
        if (Response is null)
        {
            ExceptionDispatchInfo.Throw(Exception!);
        }

        return Response;
    }
}
