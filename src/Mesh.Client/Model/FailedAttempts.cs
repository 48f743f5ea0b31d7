using System.Collections;

namespace Mesh.Client.Model;

/// <summary>The failed attempts of a call, in the data of its exception. As text they are readable: many programs log this data.</summary>
internal sealed class FailedAttempts(string service, IReadOnlyList<FailedAttempt> attempts) : IReadOnlyList<FailedAttempt>
{
    /// <summary>The key in <see cref="Exception.Data"/>.</summary>
    public const string Key = "mesh.attempts";

    public int Count => attempts.Count;

    public FailedAttempt this[int index] => attempts[index];

    public IEnumerator<FailedAttempt> GetEnumerator() => attempts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"service '{service}': {string.Join("; ", attempts)}";
}
