using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>This application's name in its calls, and the baggage that they carry. Immutable; a reload makes the next one.</summary>
/// <param name="Caller">The value of <see cref="MeshHeaders.Caller"/>.</param>
/// <param name="Baggage">Which baggage is sent to services.</param>
internal sealed record ContextSettings(string Caller, BaggageFilter Baggage)
{
    public static ContextSettings From(MeshOptions options) =>
        new(
            ContextSyntax.CallerText(options.Service),
            options.Context.Baggage.Count == 0 ? BaggageFilter.Nothing : new BaggageFilter(options.Context.Baggage));
}
