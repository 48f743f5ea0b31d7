namespace Mesh.Registry.Store;

/// <summary>How many of the heartbeats that were due in the last minute have arrived, and what follows.</summary>
/// <param name="Promised">Heartbeats that were due.</param>
/// <param name="Threshold">How many of them must arrive, so that silence counts as the fault of single instances.</param>
/// <param name="Received">Heartbeats that arrived.</param>
/// <param name="Protected">Whether expired instances stay, because too many are silent at once.</param>
internal readonly record struct LeaseHealth(int Promised, int Threshold, int Received, bool Protected)
{
    public static LeaseHealth Of(RegistrySnapshot snapshot, int received, RegistrySettings settings)
    {
        var promised = 0;
        foreach (var instances in snapshot.Apps.Values)
        {
            foreach (var instance in instances.Values)
            {
                // An instance registered half a minute ago did not owe a whole minute of heartbeats.
                var seconds = Math.Min(60, (int)instance.Lease.Lifetime.TotalSeconds);
                promised += seconds / Math.Max(1, instance.RenewalIntervalSeconds);
            }
        }

        var threshold = (int)(promised * settings.RenewalThreshold);

        // With few instances one crash is a large share; protection would keep every dead one.
        var isOn = settings.SelfPreservation && snapshot.Count >= settings.SelfPreservationMinInstances;
        return new LeaseHealth(promised, threshold, received, isOn && received < threshold);
    }
}
