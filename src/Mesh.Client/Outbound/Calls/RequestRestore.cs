using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Removes from a request what an attempt has set, so that a retry, the handlers above and the user see the original.</summary>
internal static class RequestRestore
{
    /// <summary>Does not throw: the attempt is completed after it.</summary>
    /// <remarks>Each step is separate: the owner may change or dispose of the request meanwhile, and that must not keep the other steps
    /// from running.</remarks>
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
