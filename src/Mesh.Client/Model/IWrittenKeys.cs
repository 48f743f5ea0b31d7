namespace Mesh.Client.Model;

/// <summary>Knows under which key a setting was written, for messages: the mesh's own, or one of Steeltoe's.</summary>
internal interface IWrittenKeys
{
    /// <param name="setting">The key below the section of the mesh, such as <c>Service:Name</c>.</param>
    string Written(string setting);
}
