namespace Mesh.Client.Outbound.Calls;

/// <summary>What reads a body.</summary>
internal interface IBodyReader
{
    /// <summary>Whether it reads now.</summary>
    bool IsReading { get; }
}
