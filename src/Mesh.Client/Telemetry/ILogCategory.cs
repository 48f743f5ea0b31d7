namespace Mesh.Client.Telemetry;

/// <summary>A category of messages. The type is only its key in the container.</summary>
internal interface ILogCategory
{
    /// <value>The name to filter by.</value>
    static abstract string Name { get; }
}
