using Mesh.Client.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Registry;

/// <summary>Reports every key of the section that no option has, and every value of a wrong shape. The binder would pass over
/// them.</summary>
internal sealed class RegistrySectionValidator(IConfigurationSection section) : IValidateOptions<MeshRegistryOptions>
{
    private static readonly string[] Keys = [.. typeof(MeshRegistryOptions).GetProperties().Select(static property => property.Name)];

    public ValidateOptionsResult Validate(string? name, MeshRegistryOptions options)
    {
        List<string> problems = [];
        if (!string.IsNullOrEmpty(section.Value))
        {
            problems.Add($"{section.Path} is a single value, but a section of settings is expected.");
        }

        foreach (var child in section.GetChildren())
        {
            if (!Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                var close = Suggestion.Closest(child.Key, Keys);
                problems.Add($"{child.Path} is not a setting. "
                    + (close.Count > 0 ? $"Did you mean '{string.Join("' or '", close)}'?" : $"Known here: {string.Join(", ", Keys)}."));
            }
            else if (!child.Key.Equals(nameof(MeshRegistryOptions.Peers), StringComparison.OrdinalIgnoreCase))
            {
                if (child.GetChildren().Any())
                {
                    problems.Add($"{child.Path} is a section, but a single value is expected.");
                }
            }
            else if (child.GetChildren().FirstOrDefault(static peer => peer.GetChildren().Any()) is { } section)
            {
                problems.Add($"{section.Path} is a section, but a single value is expected.");
            }
            else if (!string.IsNullOrWhiteSpace(child.Value))
            {
                problems.Add($"{child.Path} is a single value, but a list is expected: write [ \"…\" ], or {child.Path}:0 as a single key.");
            }
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
