using System.Diagnostics;

namespace Mesh.Client;

/// <summary>The user of a request, captured by <see cref="MeshContext.Capture"/>. It reveals nothing about the user.</summary>
/// <remarks>It holds the user's token: keep it in memory, and no longer than the work needs it.</remarks>
[DebuggerDisplay("***")]
public sealed class MeshUser
{
    internal MeshUser(BearerToken token) => Token = token;

    internal BearerToken Token { get; }

    /// <summary>Shows nothing of the user.</summary>
    /// <returns>Three asterisks.</returns>
    public override string ToString() => "***";
}
