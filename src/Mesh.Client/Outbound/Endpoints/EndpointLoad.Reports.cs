using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

// What the endpoint reports of itself.
internal sealed partial class EndpointLoad
{
    /// <summary>The weight of a server's report: a half after this long, then a third, …, because other clients send requests,
    /// too.</summary>
    private const float FreshMs = 50;
    private const float ReportWeight = 0.2f;

    /// <summary>The mean of the reports is kept in sixteenths.</summary>
    private const float Fraction = 16f;

    private long _report;
    private float _serviceTime;

    /// <summary>Whether its last answer had a load report.</summary>
    public bool Reports => Volatile.Read(ref _report) != 0;

    /// <summary>The requests in flight by its last report; null without one.</summary>
    public int? ReportedRequests => Volatile.Read(ref _report) is not 0 and var report ? (ushort)(report >> 48) : null;

    /// <summary>Its service time by its last report, ms.</summary>
    public float ServiceTime => Volatile.Read(ref _serviceTime);

    /// <summary>Takes the load report of an answer.</summary>
    public void ObserveReport(MeshTime now, LoadReport report)
    {
        var old = Volatile.Read(ref _report);
        var mean = old == 0 ? report.InFlight : Mean(old) + (ReportWeight * (report.InFlight - Mean(old)));

        // The last one wins; both are true.
        Volatile.Write(ref _serviceTime, report.ServiceMs);
        Volatile.Write(
            ref _report, ((long)report.InFlight << 48) | ((long)(ushort)Math.Min(ushort.MaxValue, mean * Fraction) << 32) | now.Stamp);
    }

    /// <summary>It does not report, or no longer does.</summary>
    public void ForgetReport()
    {
        if (Reports)
        {
            Volatile.Write(ref _report, 0);
        }
    }

    /// <summary>The reported requests in flight: the last report while it is fresh, then the mean. -1 without reports.</summary>
    /// <param name="stamp">The present <see cref="MeshTime.Stamp"/>.</param>
    public float ReportedQueue(uint stamp)
    {
        var report = Volatile.Read(ref _report);
        if (report == 0)
        {
            return -1f;
        }

        var fresh = Decay(MeshTime.ElapsedMs(stamp, (uint)report) * (1 / FreshMs));
        return (fresh * (ushort)(report >> 48)) + ((1f - fresh) * Mean(report));
    }

    private static float Mean(long report) => (ushort)(report >> 32) / Fraction;
}
