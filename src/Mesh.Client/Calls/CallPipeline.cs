namespace Mesh.Client.Calls;

/// <summary>What happens to a call, once per process.</summary>
internal sealed class CallPipeline;
