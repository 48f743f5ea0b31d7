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

    /// <summary>How the usable endpoints share the calls; empty when there are none.</summary>
    public EndpointGroup[] Groups { get; init; }

    /// <summary>All endpoints in rotation, whether this process uses them or not.</summary>
    public Endpoint[] Healthy { get; init; }

    /// <summary>The number of these that this process does not use.</summary>
    public int StandbyCount { get; init; }

    /// <summary>The number of endpoints that the share of ejections refers to: those not draining, or as many of them as this process may
    /// come to use.</summary>
    public int Judged { get; init; }

    /// <summary>Whether they have more than one priority level.</summary>
    public bool HasLevels { get; init; }

    /// <summary>Decides how many endpoints are used; null for all of them.</summary>
    public SubsetScaler? Growth { get; init; }

    /// <summary>Ejected endpoints. None of them is draining: an endpoint that leaves is not tried again.</summary>
    public Endpoint[] Ejected { get; }

    /// <summary>Endpoints that have given notice that they are about to leave.</summary>
    public Endpoint[] Draining { get; }

    /// <summary>The draining ones that still answer: calls go to them if no other endpoint is left.</summary>
    public Endpoint[] Leaving { get; init; }

    /// <summary>Whether so many are ejected that ejections are ignored.</summary>
    public bool Panic { get; }

    /// <summary>When the first trial of an ejected endpoint is due; <see cref="MeshTime.Never"/> for none.</summary>
    public MeshTime NextTrial { get; }

    /// <summary>The part that may serve an <c>https</c> request: a source may raise the scheme, never lower it.</summary>
    public EndpointSet Secure
    {
        get
        {
            // Racing readers may create a few, all with equal content.
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

                // The endpoints that could serve the request are never all excluded: those about to leave are used, then (panic) ejected
                // ones.
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
