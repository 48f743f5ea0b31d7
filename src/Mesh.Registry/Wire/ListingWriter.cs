using System.Text;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>Writes the documents of the protocol: all applications, one application, one instance.</summary>
internal sealed class ListingWriter(TimeProvider time)
{
    public byte[] WriteApplications(WireForm form, IEnumerable<RegisteredInstance> instances, string version, string hash) =>
        WireDocument.Write(form, (instances, version, hash, form, now: time.GetUtcNow()), static (wire, listing) =>
        {
            wire.Begin(WireNames.Applications);
            var compact = listing.form.IsCompact();
            if (!compact)
            {
                WriteHead(wire, listing.version, listing.hash);
            }

            wire.BeginList(WireNames.Application);
            foreach (var app in listing.instances.GroupBy(static instance => instance.App))
            {
                wire.BeginItem(WireNames.Application);
                WriteApplication(wire, app.Key, app, listing.now, compact);
            }

            wire.EndList();

            // The compact form of a real server puts it last.
            if (compact)
            {
                WriteHead(wire, listing.version, listing.hash);
            }

            wire.End();
        });

    public byte[] WriteApplication(WireForm form, string name, IEnumerable<RegisteredInstance> instances) =>
        WireDocument.Write(form, (name, instances, form, now: time.GetUtcNow()), static (wire, app) =>
        {
            wire.Begin(WireNames.Application);
            WriteApplication(wire, app.name, app.instances, app.now, app.form.IsCompact());
        });

    public byte[] WriteInstance(WireForm form, RegisteredInstance instance) =>
        WireDocument.Write(form, (instance, now: time.GetUtcNow()), static (wire, shown) =>
    {
        wire.Begin(WireNames.Instance);
        InstanceWriter.Write(wire, shown.instance, shown.now);
        wire.End();
    });

    /// <summary>The number of instances in each state: clients compare it with their own after they have applied changes.</summary>
    public static string Hash(IEnumerable<RegisteredInstance> instances)
    {
        Span<int> counts = stackalloc int[InstanceStatusNames.Sorted.Length];
        foreach (var instance in instances)
        {
            counts[(int)instance.Status]++;
        }

        var hash = new StringBuilder();
        foreach (var status in InstanceStatusNames.Sorted)
        {
            if (counts[(int)status] is > 0 and var count)
            {
                hash.Append(status.ToWire()).Append('_').Append(count).Append('_');
            }
        }

        return hash.ToString();
    }

    private static void WriteHead(IWireWriter wire, string version, string hash)
    {
        wire.Text(WireNames.Version, version);
        wire.Text(WireNames.Hash, hash);
    }

    private static void WriteApplication(
        IWireWriter wire, string name, IEnumerable<RegisteredInstance> instances, DateTimeOffset now, bool compact)
    {
        wire.Text(WireNames.Name, name);
        wire.BeginList(WireNames.Instance);
        foreach (var instance in instances)
        {
            wire.BeginItem(WireNames.Instance);
            if (compact)
            {
                CompactInstanceWriter.Write(wire, instance);
            }
            else
            {
                InstanceWriter.Write(wire, instance, now);
            }

            wire.End();
        }

        wire.EndList();
        wire.End();
    }
}
