using System.Globalization;
using Mesh.Client.Model;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Resources;

namespace Mesh.Client.Telemetry;

/// <summary>Names this application in exported telemetry by its service name and version on the mesh.</summary>
internal sealed class MeshResource(ModelInForce model) : IResourceDetector
{
    private const string Name = "service.name";

    /// <summary>Names the application in its own providers, unless they have a name already. A name that is set later takes
    /// precedence.</summary>
    public static void NameIfUnknown(ResourceBuilder resource, IServiceProvider services)
    {
        var name = resource.Build().Attributes.FirstOrDefault(static attribute => attribute.Key == Name).Value as string;

        // OpenTelemetry's default where no name is set.
        if (name is null || name.StartsWith("unknown_service", StringComparison.Ordinal))
        {
            resource.AddDetector(ActivatorUtilities.CreateInstance<MeshResource>(services));
        }
    }

    public Resource Detect()
    {
        var identity = model.Current.Options.Service;
        var attributes = new List<KeyValuePair<string, object>>();
        Add(Name, identity.Name);
        Add("service.version", identity.Version);

        // Without it, the time series of several instances would be merged.
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
