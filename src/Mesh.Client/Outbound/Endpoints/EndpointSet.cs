using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>The endpoints of a service at one moment, immutable. A pick reads one of these and nothing else that changes.</summary>
internal sealed class EndpointSet
{
    public static readonly EndpointSet Empty = new([], [], [], [], panic: false, nextTrial: MeshTime.Never);

    private EndpointSet? _secure;

    public EndpointSet(Endpoint[] all, Endpoint[] usable, Endpoint[] ejected, Endpoint[] draining, bool panic, MeshTime nextTrial)
    {
        All = all;
        Usable = usable;
        Healthy = usable;
        Groups = usable.Length == 0 ? [] : [new EndpointGroup(usable, 1, [])];
        Judged = all.Length - draining.Length;
        Ejected = ejected;
        Draining = draining;
        Leaving = draining;
        Panic = panic;
        NextTrial = nextTrial;
    }

    public Endpoint[] All { get; }

    /// <summary>Endpoints that a call may go to:</summary>
    /// <remarks>
    /// - the ones in rotation (neither ejected nor draining) that this process uses;
    /// - in panic also ejected ones;
    /// - draining ones if there are no others.
    /// </remarks>
    public Endpoint[] Usable { get; }

    /// <summary>How the calls are shared between them; empty when there are none.</summary>
    public EndpointGroup[] Groups { get; init; }

    /// <summary>All that are neither ejected nor draining, whether this process uses them or not.</summary>
    public Endpoint[] Healthy { get; init; }

    /// <summary>How many of these this process does not use.</summary>
    public int StandbyCount { get; init; }

    /// <summary>How many endpoints ejections are judged by: those that are not draining, or as many of
    /// them as this process can come to use.</summary>
    public int Judged { get; init; }

    /// <summary>Whether they stand on more than one level of priority.</summary>
    public bool HasLevels { get; init; }

    /// <summary>Decides how many are used; null when it is all of them.</summary>
    public SubsetScaler? Growth { get; init; }

    /// <summary>Left out because they failed. None of them is draining: an endpoint that leaves is not tried again.</summary>
    public Endpoint[] Ejected { get; }

    /// <summary>About to leave, as they said themselves.</summary>
    public Endpoint[] Draining { get; }

    /// <summary>Those of the draining ones that still answer: calls go to them where no other is left.</summary>
    public Endpoint[] Leaving { get; init; }

    /// <summary>So many are ejected that ejections are ignored.</summary>
    public bool Panic { get; }

    /// <summary>When the first ejected endpoint may be tried again; <see cref="MeshTime.Never"/> when there is none.</summary>
    public MeshTime NextTrial { get; }

    /// <summary>The part that may serve an <c>https</c> request: a source may raise the scheme, never lower it.</summary>
    public EndpointSet Secure
    {
        get
        {
            // Made at most a few times per set by racing readers, all with equal content.
            return Volatile.Read(ref _secure) ?? Derive();

            EndpointSet Derive()
            {
                var secure = Array.TrueForAll(All, e => e.SpeaksTls) ? this : Part();
                Volatile.Write(ref _secure, secure);
                return secure;
            }

            EndpointSet Part()
            {
                var all = Array.FindAll(All, e => e.SpeaksTls);
                var healthy = Array.FindAll(Healthy, e => e.SpeaksTls);
                var ejected = Array.FindAll(Ejected, e => e.SpeaksTls);
                var draining = Array.FindAll(Draining, e => e.SpeaksTls);
                var leaving = Array.FindAll(Leaving, e => e.SpeaksTls);
                var groups = EndpointGroup.Where(Groups, e => e.SpeaksTls);
                if (groups.Length > 0)
                {
                    return new EndpointSet(all, Array.FindAll(Usable, e => e.SpeaksTls), ejected, draining, Panic, NextTrial)
                    {
                        Healthy = healthy,
                        Leaving = leaving,
                        Groups = groups,
                        Growth = Growth,
                        HasLevels = HasLevels,
                    };
                }

                // The only ones that could serve the request are never all left out.
                Endpoint[] usable = healthy.Length > 0 ? healthy : leaving;
                var panic = usable.Length == 0 && all.Length > 0;
                if (panic)
                {
                    usable = all.Length > draining.Length ? Array.FindAll(all, e => !e.IsDraining) : all;
                }

                return new EndpointSet(all, usable, ejected, draining, Panic || panic, NextTrial)
                {
                    Healthy = healthy,
                    Leaving = leaving,
                    HasLevels = HasLevels,
                };
            }
        }
    }
}
