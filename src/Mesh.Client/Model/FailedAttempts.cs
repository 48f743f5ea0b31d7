using System.Collections.ObjectModel;

namespace Mesh.Client.Model;

/// <summary>The failed attempts of a call, in the data of its exception. As text they are readable: many programs log this data.</summary>
internal sealed class FailedAttempts(string service, IList<FailedAttempt> attempts) : ReadOnlyCollection<FailedAttempt>(attempts)
{
    /// <summary>The key in <see cref="Exception.Data"/>.</summary>
    public const string Key = "mesh.attempts";

    public override string ToString() => $"service '{service}': {string.Join("; ", this)}";
}
