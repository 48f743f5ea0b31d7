using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Context;

/// <summary>Holds the context of a request until it ends. A captured execution context holds this object, not the context itself.</summary>
internal sealed class ContextHolder
{
    private static readonly AsyncLocal<ContextHolder?> Slot = new();

    private readonly ContextHolder? _parent;
    private CallContext? _context;
    private bool _lifted;
    private bool _deadlineSpent;
    private HttpContext? _request;

    // The last result read from the request's authentication, or the captured user of background work.
    private ReadToken? _user;

    private ContextHolder(CallContext context, ContextHolder? parent, HttpContext? request, BearerToken? user)
    {
        _context = context;
        _parent = parent;
        _request = request;
        _user = user is null ? null : new ReadToken(Result: null, user);
    }

    /// <summary>The context of this flow of control; null outside of requests, and after the request has ended.</summary>
    public static CallContext? Current => Slot.Value?.Live;

    /// <summary>The token of the user; null if there is none, and after the end.</summary>
    /// <remarks>Read on demand: the application has to authenticate first, and may authenticate again by another scheme, as another
    /// user.</remarks>
    public BearerToken? User => Live is null ? null : _request is not null ? ReadUser() : Volatile.Read(ref _user)?.Token ?? _parent?.User;

    /// <summary>The request that is served; null outside of one, and after the end.</summary>
    public HttpContext? Request => Volatile.Read(ref _request);

    /// <summary>The context that the request came with, its deadline included; null after the end.</summary>
    public CallContext? Context => Volatile.Read(ref _context);

    /// <summary>Whether a call of this request was ended by the deadline that came with the request: a failure of the application is then a
    /// consequence.</summary>
    public bool IsDeadlineSpent => Volatile.Read(ref _deadlineSpent);

    /// <summary>Read by flows that may outlive the request: volatile, so that they see its end.</summary>
    private CallContext? Live => _parent is null || _parent.Live is not null ? Own : null;

    private CallContext? Own
    {
        get
        {
            var context = Context;
            if (context is not { HasDeadline: true }
                || !IsLifted
                || context.WithoutRequestDeadline() is var rest && ReferenceEquals(rest, context))
            {
                return context;
            }

            // No exchange if the request has ended meanwhile.
            Interlocked.CompareExchange(ref _context, rest, context);
            return Context;
        }
    }

    private bool IsLifted => Volatile.Read(ref _lifted) || _parent is { IsLifted: true };

    /// <summary>The context of this flow of control, and its holder.</summary>
    public static CallContext? Read(out ContextHolder? holder)
    {
        holder = Slot.Value;
        return holder?.Live;
    }

    /// <summary>Begins a context that is independent of the present one.</summary>
    /// <param name="context">The context.</param>
    /// <param name="request">The request that is served; its user applies.</param>
    /// <param name="user">The user that the work was given.</param>
    public static ContextHolder Enter(CallContext context, HttpContext? request = null, BearerToken? user = null) =>
        Slot.Value = new ContextHolder(context, parent: null, request, user);

    /// <summary>Begins a context inside the present one; it ends with the present one at the latest.</summary>
    /// <param name="context">The context.</param>
    /// <param name="user">Its user; null for the one of the present context.</param>
    /// <param name="previous">The context to return to.</param>
    public static ContextHolder EnterInside(CallContext context, BearerToken? user, out ContextHolder? previous)
    {
        previous = Slot.Value;
        return Slot.Value = new ContextHolder(context, previous is { Live: not null } ? previous : null, request: null, user);
    }

    /// <summary>Removes the deadline: the answer has begun in time, and the rest of it is not limited.</summary>
    public void LiftDeadline() => Volatile.Write(ref _lifted, true);

    /// <summary>Notes that a call was ended by the deadline of the request.</summary>
    public void NoteDeadlineSpent()
    {
        for (var holder = this; holder is not null; holder = holder._parent)
        {
            Volatile.Write(ref holder._deadlineSpent, true);
        }
    }

    /// <summary>Ends the context for every flow that still holds it.</summary>
    public void End()
    {
        Volatile.Write(ref _request, null);
        Volatile.Write(ref _context, null);
        Volatile.Write(ref _user, null);
    }

    /// <summary>Ends the context and returns to the previous one, if this flow is still in it.</summary>
    public void Leave(ContextHolder? previous)
    {
        End();
        if (ReferenceEquals(Slot.Value, this))
        {
            Slot.Value = previous;
        }
    }

    private BearerToken? ReadUser()
    {
        if (Volatile.Read(ref _request) is not { } request)
        {
            return null;
        }

        var known = Volatile.Read(ref _user);
        AuthenticateResult? result;
        string? token;
        try
        {
            result = RequestUser.Authenticated(request);
            token = result is null || ReferenceEquals(result, known?.Result) ? null : RequestUser.AccessToken(result);
        }
        catch (Exception) when (Volatile.Read(ref _request) is null)
        {
            // The request ended while its objects were read, and the server took them back.
            return null;
        }

        // The server reuses the objects of a request for the next one: a read after the end may see another user. The end is announced
        // before the server takes the objects back. If it is still not visible behind the barrier, the values read before belong to this
        // request.
        Interlocked.MemoryBarrier();
        if (result is null || Volatile.Read(ref _request) is null)
        {
            return null;
        }

        if (ReferenceEquals(result, known?.Result))
        {
            return known!.Token;
        }

        // Read once per result; parallel calls read it twice at most.
        var read = new ReadToken(result, token is null ? null : BearerToken.FromJwt(token));
        Volatile.Write(ref _user, read);
        return read.Token;
    }

    /// <summary>A token and the authentication that it came from; null for a token that was given.</summary>
    private sealed record ReadToken(AuthenticateResult? Result, BearerToken? Token);
}
