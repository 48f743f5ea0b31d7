using System.Collections.Immutable;

namespace Mesh.Registry.Instances;

/// <summary>Where an instance says it runs. The registry uses only the id that an instance of Amazon's cloud has by it.</summary>
internal sealed record DataCenter(string Class, string Name, ImmutableArray<KeyValuePair<string, string>> Metadata)
{
    /// <summary>The Java type of all data centers but one, as it stands on the wire.</summary>
    public const string OwnClass = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";

    public const string AmazonClass = "com.netflix.appinfo.AmazonInfo";
    public const string OwnName = "MyOwn";
    public const string AmazonName = "Amazon";

    private const string InstanceIdKey = "instance-id";

    /// <summary>Gets the id by which an instance goes that gives none itself, or null.</summary>
    public string? InstanceId
    {
        get
        {
            foreach (var (key, value) in Metadata)
            {
                if (key == InstanceIdKey && !string.IsNullOrWhiteSpace(value))
                {
                    return value;
                }
            }

            return null;
        }
    }
}
