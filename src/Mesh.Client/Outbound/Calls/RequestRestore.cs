using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Takes off a request what an attempt has put on it, so that a retry, the handlers above and the user see it as it was.</summary>
internal static class RequestRestore
{
    /// <summary>Does not throw: the attempt is completed after it.</summary>
    /// <remarks>Each step by itself: whatever the request's owner does with it meanwhile, disposal included, must
    /// not keep the others from their turn.</remarks>
    public static void Run(
        HttpRequestMessage request,
        in AttemptBody body,
        in SessionCookies cookies,
        BearerToken? token,
        in ContextHeaders headers,
        in RequestTarget target,
        in TraceFields trace)
    {
        try
        {
            body.Restore();
        }
        catch (Exception)
        {
            // Changed or disposed of while it was sent: there is nothing to restore.
        }

        try
        {
            cookies.Restore();
        }
        catch (Exception)
        {
            // As above.
        }

        if (token is not null)
        {
            try
            {
                request.Headers.Remove(AuthorizationSyntax.Header);
            }
            catch (Exception)
            {
                // As above.
            }
        }

        try
        {
            headers.Restore();
        }
        catch (Exception)
        {
            // As above.
        }

        try
        {
            target.Restore();
        }
        catch (Exception)
        {
            // As above.
        }

        try
        {
            trace.Restore();
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
