using System.Collections.Immutable;

namespace Mesh.Registry.Instances;

/// <summary>The data centre that an instance reports. The registry uses only the id that it gives to an instance of Amazon's
/// cloud.</summary>
internal sealed record DataCenter(string Class, string Name, ImmutableArray<KeyValuePair<string, string>> Metadata)
{
    /// <summary>The Java type of all data centres except one, as it is on the wire.</summary>
    public const string OwnClass = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";

    public const string AmazonClass = "com.netflix.appinfo.AmazonInfo";
    public const string OwnName = "MyOwn";
    public const string AmazonName = "Amazon";

    private const string InstanceIdKey = "instance-id";

    /// <summary>Gets the id of an instance that sends none itself, or null.</summary>
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
