using System.Globalization;
using Mesh.Registry.Instances;
using Mesh.Registry.Replication;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace Mesh.Registry.Http;

/// <summary>The status of this registry, in the form of the real server's <c>/status</c>.</summary>
internal sealed class StatusEndpoint(Replicator replicator, RegistrySettings settings, IHostEnvironment environment, TimeProvider time)
{
    private static readonly WireName Root = new("com.netflix.eureka.util.StatusInfo");
    private static readonly WireName General = new("generalStats");
    private static readonly WireName Environment = new("environment");
    private static readonly WireName Processors = new("num-of-cpus");
    private static readonly WireName TotalMemory = new("total-avail-memory");
    private static readonly WireName UsedMemory = new("current-memory-usage");
    private static readonly WireName Uptime = new("server-uptime");
    private static readonly WireName Replicas = new("applicationStats");
    private static readonly WireName Registered = new("registered-replicas");
    private static readonly WireName Available = new("available-replicas");
    private static readonly WireName Unavailable = new("unavailable-replicas");
    private static readonly WireName Self = new("instanceInfo");

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public Task WriteAsync(HttpContext context, WireForm form)
    {
        var self = Describe(context);
        return RegistryResponse.WriteAsync(context, new Payload(WireDocument.Write(form.Full(), (form, self), (wire, document) =>
        {
            if (!document.form.IsJson())
            {
                wire.Begin(Root);
            }

            WriteGeneral(wire);
            WriteReplicas(wire);
            wire.Begin(Self);
            InstanceWriter.Write(wire, document.self, time.GetUtcNow());
            wire.End();
            if (!document.form.IsJson())
            {
                wire.End();
            }
        })));
    }

    private void WriteGeneral(IWireWriter wire)
    {
        var uptime = time.GetUtcNow() - _startedAt;
        var memory = GC.GetGCMemoryInfo();
        wire.Begin(General);
        wire.Text(Environment, environment.EnvironmentName);
        wire.Text(Processors, System.Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        wire.Text(TotalMemory, Megabytes(memory.TotalAvailableMemoryBytes));
        wire.Text(UsedMemory, $"{Megabytes(memory.HeapSizeBytes)} "
            + $"({100 * memory.HeapSizeBytes / Math.Max(1, memory.TotalAvailableMemoryBytes)}%)");
        wire.Text(Uptime, string.Create(CultureInfo.InvariantCulture, $"{(int)uptime.TotalHours:00}:{uptime.Minutes:00}"));
        wire.End();
    }

    private void WriteReplicas(IWireWriter wire)
    {
        wire.Begin(Replicas);
        wire.Text(Registered, List(replicator.Peers));
        wire.Text(Available, List(replicator.Peers.Where(static peer => peer.IsReachable)));
        wire.Text(Unavailable, List(replicator.Peers.Where(static peer => !peer.IsReachable)));
        wire.End();
    }

    private RegisteredInstance Describe(HttpContext context)
    {
        var connection = context.Features.Get<IHttpConnectionFeature>();
        var address = connection?.LocalIpAddress?.ToString() ?? "127.0.0.1";
        var port = connection?.LocalPort ?? 0;
        var started = _startedAt.ToUnixTimeMilliseconds();
        return new RegisteredInstance
        {
            App = "EUREKA",
            InstanceId = System.Environment.MachineName,
            HostName = System.Environment.MachineName,
            IpAddress = address,
            Status = InstanceStatus.Up,
            Port = new PortBinding(port, !context.Request.IsHttps),
            SecurePort = new PortBinding(context.Request.IsHttps ? port : 443, context.Request.IsHttps),
            DataCenter = new DataCenter(DataCenter.OwnClass, DataCenter.OwnName, []),
            Lease = new Lease(settings.DefaultLeaseSeconds, time),
            VipAddress = "eureka",
            LastUpdatedAt = started,
            LastDirtyAt = started,
        };
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_048_576}mb");

    private static string List(IEnumerable<PeerLink> peers) => string.Join(',', peers.Select(static peer => peer.Address));
}
