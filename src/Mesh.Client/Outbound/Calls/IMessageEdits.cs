namespace Mesh.Client.Outbound.Calls;

/// <summary>What a sending has put on its message.</summary>
internal interface IMessageEdits
{
    /// <summary>Takes it off the message, or off a copy of it. Does not throw.</summary>
    void Restore(HttpRequestMessage request);
}
