namespace Mesh.Client.Outbound.Calls;

/// <summary>What an attempt has put on its request. It is removed after the attempt, so that a retry, the handlers above and the user see
/// the original; and from a copy that another call takes meanwhile.</summary>
internal sealed class AttemptEdits : IMessageEdits
{
    public TraceFields Trace;
    public RequestTarget Target;
    public ContextHeaders Headers;
    public AttemptBody Body;
    public BearerToken? Token;
    public SessionCookies Cookies;

    /// <summary>Those of an attempt; made once, and pooled with it.</summary>
    public static AttemptEdits Of(Attempt attempt)
    {
        if (attempt.Edits is AttemptEdits known)
        {
            return known;
        }

        var edits = new AttemptEdits();
        attempt.Edits = edits;
        return edits;
    }

    /// <summary>Nothing is on the request any more.</summary>
    public void Clear()
    {
        Trace = default;
        Target = default;
        Headers = default;
        Body = default;
        Token = null;
        Cookies = default;
    }

    /// <summary>Does not throw: the attempt is completed after it.</summary>
    /// <remarks>Each step is separate: the owner may change or dispose of the request meanwhile, and that must not keep the other steps
    /// from running.</remarks>
    /// <param name="request">The request of the attempt, or a copy of it.</param>
    public void Restore(HttpRequestMessage request)
    {
        try
        {
            Body.Restore(request);
        }
        catch (Exception)
        {
            // Changed or disposed of while it was sent: there is nothing to restore.
        }

        try
        {
            Cookies.Restore(request);
        }
        catch (Exception)
        {
            // As above.
        }

        try
        {
            Token?.RemoveFrom(request.Headers);
        }
        catch (Exception)
        {
            // As above.
        }

        try
        {
            Headers.Restore(request);
        }
        catch (Exception)
        {
            // As above.
        }

        try
        {
            Target.Restore(request);
        }
        catch (Exception)
        {
            // As above.
        }

        try
        {
            Trace.Restore(request);
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
