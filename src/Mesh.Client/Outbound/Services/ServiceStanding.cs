using Mesh.Client.Discovery;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Services;

/// <summary>The state of a service in this application, apart from its endpoints.</summary>
internal sealed class ServiceStanding
{
    /// <summary>How exactly the time of the last call is known: a write for each call would be one that all threads share.</summary>
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(30);

    // Any of the calls that write it at once may win: all are of the same time.
    private long _calledAt = MeshTime.LongAgo.Micros;
    private volatile Absent? _absent;

    /// <summary>Whether a call to it was ever made.</summary>
    public bool IsCalled => MeshTime.Read(ref _calledAt) != MeshTime.LongAgo;

    /// <summary>Why a source has no endpoint for it, such as <c>its 2 instances are STARTING</c>; null where none has said so.</summary>
    public string? Absence => _absent?.Reason;

    /// <summary>Whether a source has an entry for it that is of no use.</summary>
    public bool IsListedWithoutUse => _absent is { IsListed: true };

    /// <summary>Takes what a source says of it beside endpoints. Where several say something, the last word counts.</summary>
    public void Explain(string source, string? absence, bool isListed)
    {
        if (absence is not null || isListed)
        {
            _absent = new Absent(source, absence is null ? null : Printable.Of(absence, RegistryLimits.Message), isListed);
        }
        else if (_absent?.Source == source)
        {
            _absent = null;
        }
    }

    /// <summary>A call begins. It only reads, except once in half a minute.</summary>
    public void MarkCalled(MeshTime now)
    {
        if (now - MeshTime.Read(ref _calledAt) > Grain)
        {
            MeshTime.Write(ref _calledAt, now);
        }
    }

    /// <summary>Whether a call was made within a time, to half a minute.</summary>
    public bool IsCalledSince(MeshTime time) => MeshTime.Read(ref _calledAt) >= time;

    /// <summary>One object, so that readers see both values of one source.</summary>
    private sealed record Absent(string Source, string? Reason, bool IsListed);
}
