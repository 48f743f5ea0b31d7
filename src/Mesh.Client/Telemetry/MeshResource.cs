using System.Globalization;
using Mesh.Client.DependencyInjection;
using OpenTelemetry.Resources;

namespace Mesh.Client.Telemetry;

/// <summary>Says in exported telemetry who this application is, in the words of the mesh: those are the names that callers know.</summary>
internal sealed class MeshResource(MeshConfiguration configuration) : IResourceDetector
{
    public Resource Detect()
    {
        var identity = configuration.Current.Options.Service;
        var attributes = new List<KeyValuePair<string, object>>();
        Add("service.name", identity.Name);
        Add("service.version", identity.Version);

        // Without it the time series of several instances are one.
        Add("service.instance.id", string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}"));
        return new Resource(attributes);

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                attributes.Add(new(name, value));
            }
        }
    }
}
