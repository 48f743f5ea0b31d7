using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>Checks the entries of the endpoint policy's lists.</summary>
internal static class EndpointPolicyOptionsValidator
{
    public static void Validate(string key, EndpointPolicyOptions options, ConfigurationErrors mistakes)
    {
        for (var i = 0; i < options.AllowedNetworks.Count; i++)
        {
            if (TrustedNetworks.Parse(options.AllowedNetworks[i]) is null)
            {
                mistakes.Add($"{key}:AllowedNetworks:{i}", $"'{options.AllowedNetworks[i]}' is neither a network, such as 10.0.0.0/8 "
                    + "(bits after the prefix must be 0), nor an address.");
            }
        }

        for (var i = 0; i < options.AllowedHostSuffixes.Count; i++)
        {
            var suffix = options.AllowedHostSuffixes[i]?.Trim().Trim('.');
            if (string.IsNullOrEmpty(suffix) || Uri.CheckHostName(suffix) != UriHostNameType.Dns)
            {
                mistakes.Add(
                    $"{key}:AllowedHostSuffixes:{i}",
                    $"'{options.AllowedHostSuffixes[i]}' is not a DNS suffix, such as svc.cluster.local.");
            }
        }
    }
}
