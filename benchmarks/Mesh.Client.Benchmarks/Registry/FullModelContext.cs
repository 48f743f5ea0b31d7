using System.Text.Json.Serialization;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>What the generator makes for <see cref="FullModel"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FullModel))]
internal sealed partial class FullModelContext : JsonSerializerContext;
