namespace Mesh.Client.Outbound.Endpoints;

/// <summary>What load balancing policies keep about one endpoint: a value for each policy. Nearly always there is one policy.</summary>
internal sealed class BalancerState(object balancer, object? value, BalancerState? next)
{
    private object? _value = value;

    private object? Value
    {
        get => Volatile.Read(ref _value);
        set => Volatile.Write(ref _value, value);
    }

    public static object? Get(BalancerState? first, object balancer) => Find(first, balancer)?.Value;

    /// <summary>Of two policies that race to add their first value, each finds its own.</summary>
    public static void Set(ref BalancerState? first, object balancer, object? value)
    {
        while (true)
        {
            var known = Volatile.Read(ref first);
            if (Find(known, balancer) is { } state)
            {
                state.Value = value;
                return;
            }

            if (Interlocked.CompareExchange(ref first, new BalancerState(balancer, value, known), known) == known)
            {
                return;
            }
        }
    }

    /// <summary>Drops the value of a policy that is no longer used.</summary>
    public static void Remove(ref BalancerState? first, object balancer)
    {
        while (true)
        {
            var known = Volatile.Read(ref first);
            if (Find(known, balancer) is null || Interlocked.CompareExchange(ref first, Without(known, balancer), known) == known)
            {
                return;
            }
        }
    }

    private static BalancerState? Find(BalancerState? first, object balancer)
    {
        for (var state = first; state is not null; state = state.Next)
        {
            if (ReferenceEquals(state.Balancer, balancer))
            {
                return state;
            }
        }

        return null;
    }

    private static BalancerState? Without(BalancerState? first, object balancer) =>
        first is null ? null
        : ReferenceEquals(first.Balancer, balancer) ? first.Next
        : new BalancerState(first.Balancer, first.Value, Without(first.Next, balancer));

    private object Balancer { get; } = balancer;

    private BalancerState? Next { get; } = next;
}
