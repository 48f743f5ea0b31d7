using Mesh.Client.Options;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Configuration;

/// <summary>The stock factory, except that its error can be read: one mistake a line.</summary>
internal sealed class MeshOptionsFactory(
    IEnumerable<IConfigureOptions<MeshOptions>> setups,
    IEnumerable<IPostConfigureOptions<MeshOptions>> postConfigures,
    IEnumerable<IValidateOptions<MeshOptions>> validations) : IOptionsFactory<MeshOptions>
{
    private readonly OptionsFactory<MeshOptions> _inner = new(setups, postConfigures, validations);

    public MeshOptions Create(string name)
    {
        try
        {
            return _inner.Create(name);
        }
        catch (OptionsValidationException exception)
        {
            throw new MeshConfigurationException(name, [.. exception.Failures]);
        }
    }
}
