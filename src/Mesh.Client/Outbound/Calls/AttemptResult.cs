using System.Runtime.ExceptionServices;
using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The end of an attempt: an answer or an exception, as a value. It is thrown once, at the edge.</summary>
internal readonly struct AttemptResult
{
    public AttemptResult(HttpResponseMessage response, CallOutcome outcome)
    {
        Response = response;
        Outcome = outcome;
    }

    public AttemptResult(Exception exception, CallOutcome outcome, bool mayBeSentAgain = false)
    {
        Exception = exception;
        Outcome = outcome;
        MayBeSentAgain = mayBeSentAgain;
    }

    public HttpResponseMessage? Response { get; }

    public Exception? Exception { get; }

    public CallOutcome Outcome { get; }

    /// <summary>Whether the server reported that it did not process the request, or does not speak its version of HTTP, and the body can
    /// still be sent: as safe to repeat as after a refused connection, whatever the method.</summary>
    public bool MayBeSentAgain { get; }

    /// <summary>Whether the endpoint has <see cref="Refusal">refused</see> the request, other than by a status of 400 and above.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>Whether the time of the attempt ran out while this process did not run: that is no failure of the endpoint.</summary>
    public bool IsOwnStall { get; init; }

    /// <summary>Whether the connection accepted no more of the request's body (see <see cref="Refusal.MayBe"/>): the endpoint may have
    /// refused the request, and its answer is lost.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>The outcome that counts for the service, and for the endpoint unless it is compared with its peers. A refusal without an
    /// answer may be the mistake of one client: it must not cut off the others.</summary>
    public CallOutcome Charged => IsOwnStall || IsCutOff || (IsRefusal && Response is null) ? CallOutcome.LocalError : Outcome;

    public HttpResponseMessage GetOrThrow()
    {
        if (Response is null)
        {
            ExceptionDispatchInfo.Throw(Exception!);
        }

        return Response;
    }
}
