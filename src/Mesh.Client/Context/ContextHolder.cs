namespace Mesh.Client.Context;

/// <summary>Holds the context of a request until it ends. Whoever has captured the execution context has captured this, not what it holds.</summary>
internal sealed class ContextHolder
{
    private static readonly AsyncLocal<ContextHolder?> Slot = new();

    private readonly ContextHolder? _parent;
    private CallContext? _context;

    private ContextHolder(CallContext context, ContextHolder? parent)
    {
        _context = context;
        _parent = parent;
    }

    /// <summary>The context of this flow of control; null outside of requests, and after the one it belonged to has ended.</summary>
    public static CallContext? Current => Slot.Value?.Live;

    /// <summary>Read by flows that may outlive the request: volatile, so that they see its end.</summary>
    private CallContext? Live => _parent is null || _parent.Live is not null ? Volatile.Read(ref _context) : null;

    /// <summary>Begins a context that owes nothing to what was there before.</summary>
    public static ContextHolder Enter(CallContext context) => Slot.Value = new ContextHolder(context, parent: null);

    /// <summary>Begins a context inside the present one: it ends with it at the latest.</summary>
    /// <param name="context">The context.</param>
    /// <param name="previous">To go back to.</param>
    public static ContextHolder EnterInside(CallContext context, out ContextHolder? previous)
    {
        previous = Slot.Value;
        return Slot.Value = new ContextHolder(context, previous is { Live: not null } ? previous : null);
    }

    /// <summary>Ends it for all who still hold it.</summary>
    public void End() => Volatile.Write(ref _context, null);

    /// <summary>Ends it and goes back, if this flow is still in it.</summary>
    public void Leave(ContextHolder? previous)
    {
        End();
        if (ReferenceEquals(Slot.Value, this))
        {
            Slot.Value = previous;
        }
    }
}
