using Mesh.Registry.Replication;
using Mesh.Registry.Store;

namespace Mesh.Registry.Page;

/// <summary>Finds what is worth a warning and describes it.</summary>
internal static class PageWarnings
{
    public static List<PageWarning> Of(RegistryReport report, Replicator replicator, WarmUp warmUp, RegistrySettings settings)
    {
        List<PageWarning> warnings = [];
        if (!warmUp.IsOver)
        {
            warnings.Add(new PageWarning(
                "Listings are refused for now",
                $"This registry started and could copy none of its peers. For {Words.Time(settings.PeerSyncWait)} after the start it "
                + "answers requests for the list with 403.",
                "Clients use another registry, or keep what they know. Registrations and heartbeats are taken.",
                "Nothing, if this is the first registry of the site to start. Otherwise see below which peer does not answer."));
        }

        Leases(warnings, report, settings);
        foreach (var peer in replicator.Peers)
        {
            if (!peer.IsReachable)
            {
                warnings.Add(new PageWarning(
                    "A peer does not answer",
                    $"{peer.Address} did not answer the last request, or was not asked yet. {Words.Count(peer.Pending, "instance")} "
                    + "changed since; the changes are waiting to be sent.",
                    "Clients of that registry, if it still runs, see an older list. When it answers, it gets the changes that it missed.",
                    "Check that it runs and that this machine reaches it."));
            }
        }

        if (report.Snapshot.Count > settings.MaxInstances * 0.9)
        {
            warnings.Add(new PageWarning(
                "Nearly full",
                $"{report.Snapshot.Count} of at most {settings.MaxInstances} instances are registered.",
                "Once it is full, new instances get 503 and are not listed; those already registered are not affected.",
                "Raise Mesh:Registry:MaxInstances, or look for clients that keep registering under new ids."));
        }

        return warnings;
    }

    private static void Leases(List<PageWarning> warnings, RegistryReport report, RegistrySettings settings)
    {
        var leases = report.Leases;
        if (leases.Protected)
        {
            warnings.Add(new PageWarning(
                "Self-preservation is on: dead instances may be listed",
                $"{leases.Received} heartbeats came in the last minute; {leases.Promised} were due, and {leases.Threshold} is the least "
                + $"that counts as normal. {Words.Count(report.Expired, "instance")} have run out of lease.",
                "No instance is removed, because so much silence at once looks like a broken network and not like broken instances. "
                + "Callers may be sent to instances that are gone; they need timeouts and retries.",
                "Check the network between the instances and this registry. It ends by itself when heartbeats come again. If the "
                + "instances were stopped on purpose, remove them with DELETE apps/SERVICE/ID."));
        }
        else if (report.Expired > 0)
        {
            var share = report.Snapshot.Count - (int)(report.Snapshot.Count * settings.RenewalThreshold);
            warnings.Add(new PageWarning(
                $"{Words.Count(report.Expired, "instance")} out of lease",
                "No heartbeat came within the lease. Such instances leave at the next run: one every "
                + $"{Words.Time(settings.EvictionInterval)}, at most {share} at a time.",
                "Until then callers may still be sent to them.",
                "Nothing, if they were stopped without deregistering. Otherwise see why their heartbeats do not arrive."));
        }
    }
}
