namespace Mesh.Client.Discovery;

/// <summary>The endpoints of a service at one moment, immutable. A pick reads one of these and nothing else that changes.</summary>
internal sealed class EndpointSet
{
    public static readonly EndpointSet Empty = new([], [], [], [], panic: false, nextTrial: long.MaxValue);

    private EndpointSet? _secure;

    public EndpointSet(Endpoint[] all, Endpoint[] usable, Endpoint[] ejected, Endpoint[] draining, bool panic, long nextTrial)
    {
        All = all;
        Usable = usable;
        Ejected = ejected;
        Draining = draining;
        Panic = panic;
        NextTrial = nextTrial;
    }

    public Endpoint[] All { get; }

    /// <summary>Those a call may go to: neither ejected nor draining; in panic, all that are not draining; with nobody else left, those that are draining.</summary>
    public Endpoint[] Usable { get; }

    /// <summary>Left out because they failed. None of them is draining: an endpoint that leaves is not tried again.</summary>
    public Endpoint[] Ejected { get; }

    /// <summary>About to leave, as they said themselves.</summary>
    public Endpoint[] Draining { get; }

    /// <summary>So many are ejected that ejections are ignored.</summary>
    public bool Panic { get; }

    /// <summary>When the first ejected endpoint may be tried again, microseconds; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextTrial { get; }

    /// <summary>The part that may serve an <c>https</c> request: a source may raise the scheme, never lower it.</summary>
    public EndpointSet Secure
    {
        get
        {
            // Made at most a few times per set by racing readers, all with equal content.
            return Volatile.Read(ref _secure) ?? Derive();

            EndpointSet Derive()
            {
                var secure = Array.TrueForAll(All, e => e.IsSecure) ? this : Part();
                Volatile.Write(ref _secure, secure);
                return secure;
            }

            EndpointSet Part()
            {
                var all = Array.FindAll(All, e => e.IsSecure);
                var usable = Array.FindAll(Usable, e => e.IsSecure);

                // The only ones that could serve the request are never all left out.
                var panic = usable.Length == 0 && all.Length > 0;
                if (panic)
                {
                    usable = Array.FindAll(all, e => !e.IsDraining) is { Length: > 0 } staying ? staying : all;
                }

                return new EndpointSet(all, usable, Array.FindAll(Ejected, e => e.IsSecure), Array.FindAll(Draining, e => e.IsSecure), Panic || panic, NextTrial);
            }
        }
    }
}
