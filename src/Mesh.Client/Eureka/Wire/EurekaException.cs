namespace Mesh.Client.Eureka.Wire;

/// <summary>No registry server gave a usable answer. The message names each server, without its credentials, and its failure.</summary>
internal sealed class EurekaException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The status of a server's answer; 0 where there was none.</summary>
    public int Status { get; init; }

    /// <summary>Whether the server said more than its status; the message has it.</summary>
    public bool HasWords { get; init; }

    /// <summary>How the servers have failed (<see cref="FailureKind"/>); empty where none was asked.</summary>
    public string Kinds { get; init; } = string.Empty;

    /// <summary>Whether no server can have received the request, because no connection was made.</summary>
    public bool NothingSent { get; init; }

    /// <summary>Whether a server has answered at all: its answer was of no use, but another request may succeed.</summary>
    public bool Answered { get; init; }
}
