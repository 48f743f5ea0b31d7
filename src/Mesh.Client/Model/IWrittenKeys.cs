namespace Mesh.Client.Model;

/// <summary>Finds the key under which the user wrote a setting, for messages: the mesh's own key, or one of Steeltoe's.</summary>
internal interface IWrittenKeys
{
    /// <param name="setting">The key below the section of the mesh, such as <c>Service:Name</c>.</param>
    string Written(string setting);
}
