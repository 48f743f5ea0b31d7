using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;

namespace Mesh.Client.Configuration;

/// <summary>The ranges of a service's credentials settings.</summary>
internal static class CredentialsOptionsValidator
{
    public static void Validate(string key, CredentialsOptions options, ConfigurationErrors mistakes)
    {
        mistakes.Known($"{key}:Mode", options.Mode);
        mistakes.Known($"{key}:MissingUser", options.MissingUser);
        mistakes.Range($"{key}:MinimumLifetime", options.MinimumLifetime, TimeSpan.Zero, TimeSpan.FromHours(1));
        mistakes.Range($"{key}:MaxTokenBytes", options.MaxTokenBytes, 256, Credentials.MaxBytes);
        if (options.Audience is { } audience && (audience.Length == 0 || audience.Any(char.IsWhiteSpace)))
        {
            mistakes.Add($"{key}:Audience", $"'{audience}' is not an audience: it is empty or has spaces.");
        }
    }
}
