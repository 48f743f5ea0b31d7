using Mesh.Client.Options;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Configuration;

/// <summary>All mistakes of the configuration, one a line.</summary>
internal sealed class MeshConfigurationException(
    string name, IReadOnlyCollection<string> mistakes) : OptionsValidationException(name, typeof(MeshOptions), mistakes)
{
    public override string Message { get; } =
        "The configuration of the mesh has "
        + $"{(mistakes.Count == 1 ? "a mistake" : $"{mistakes.Count} mistakes")}:"
        + string.Concat(mistakes.Select(mistake => $"\n  {mistake}"));
}
