using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One sending of a message: what an attempt has put on it, so that another sending of the same message at the same time can tell
/// what is the user's. Pooled, by itself or with its call.</summary>
/// <remarks>A user's handler may send a message again before its first answer: to hedge, or to fail over. The first sending writes on the
/// user's message and takes it off again, as if it were alone. Each further one gets a copy without what the first has written.</remarks>
internal sealed class MessageUse : IResettable
{
    /// <summary>How often a copy that fails is tried, although the mesh has changed nothing: the runtime's span and the user's handlers
    /// write on the message, too.</summary>
    private const int MaxTries = 10;

    /// <summary>Odd while the message is being changed. Never set back, also not for the next use: a reader that sees the same even number
    /// before and after has read what belongs together.</summary>
    private int _version;

    private HttpRequestMessage? _message;
    private PrimaryHandler? _primary;
    private HttpRequestMessage? _copy;
    private Uri? _address;

    /// <summary>What is on the message at present; null if this has never written on it. To be changed between <see cref="BeginEdit"/> and
    /// <see cref="EndEdit"/>.</summary>
    public IMessageEdits? Edits { get; set; }

    /// <summary>The content that the message carried when it was copied: of the user, or of an attempt.</summary>
    public HttpContent? Carried { get; private set; }

    /// <summary>The user's message; null if unused.</summary>
    public HttpRequestMessage? Message => Volatile.Read(ref _message);

    /// <summary>Whether a copy is sent instead of the user's message.</summary>
    public bool IsCopy => _copy is not null;

    /// <summary>The place in <see cref="MessagesUnderWay"/>, which alone sets it; negative for none.</summary>
    public int Slot { get; set; } = MessagesUnderWay.NoSlot;

    /// <summary>Begins the use.</summary>
    /// <returns>What is to be sent: the message; a copy of it if it is under way already.</returns>
    public HttpRequestMessage Enter(HttpRequestMessage message, PrimaryHandler primary)
    {
        _primary = primary;
        Volatile.Write(ref _message, message);

        // First added, then looked for others: of two that begin at once, at least one sees the other. If both do, both send a copy.
        MessagesUnderWay.Add(this);
        return MessagesUnderWay.IsUsed(message, primary, this) ? EnterUsed(message, primary) : message;
    }

    /// <summary>The message has a new purpose by now, and this use goes on with a copy. To be called between attempts.</summary>
    public HttpRequestMessage Part(Uri address, HttpContent? content)
    {
        var copy = RequestCopy.Of(_copy ?? _message!);
        copy.RequestUri = address;
        copy.Content = content;
        MessagesUnderWay.Remove(this);
        _copy = copy;
        _address = address;
        return copy;
    }

    /// <summary>Ends the use; the message is as the user made it.</summary>
    public void Leave()
    {
        MessagesUnderWay.Remove(this);
        Interlocked.Add(ref _version, 2);
        Volatile.Write(ref _message, null);
        _primary = null;
        _copy = null;
        _address = null;
        Edits = null;
        Carried = null;
    }

    public bool TryReset()
    {
        Leave();
        return true;
    }

    /// <summary>The message is about to be changed. May be called again before <see cref="EndEdit"/>.</summary>
    public void BeginEdit()
    {
        if ((_version & 1) == 0)
        {
            // A full fence: no change is seen before the odd number.
            Interlocked.Increment(ref _version);
        }
    }

    public void EndEdit() => Volatile.Write(ref _version, _version + (_version & 1));

    /// <summary>The answer for the user, who knows nothing of a copy. After a redirect the copy stays: it has the last address.</summary>
    public HttpResponseMessage Answered(HttpResponseMessage response)
    {
        if (_copy is { } copy && ReferenceEquals(response?.RequestMessage, copy) && ReferenceEquals(copy.RequestUri, _address))
        {
            response.RequestMessage = _message;
        }

        return response!;
    }

    /// <summary>Whether another sending of the message through this handler would meet this one. A primary handler of the user's may send
    /// the message that it has got through another client: that is a request of its own, inside this one.</summary>
    public bool IsMetBy(HttpRequestMessage message, PrimaryHandler primary) =>
        ReferenceEquals(Message, message) && (_primary is not { IsOwn: true } own || ReferenceEquals(own, primary));

    private HttpRequestMessage EnterUsed(HttpRequestMessage message, PrimaryHandler primary)
    {
        var spin = new SpinWait();
        for (var tries = 1; ; tries++)
        {
            // All of them: some may only be about to copy it, as this one. None can begin to write on it that is not here yet, since it
            // would see this one.
            var others = MessagesUnderWay.OthersOf(message, primary, this);
            if (others.Count == 0)
            {
                return message;
            }

            if (TryCopy(message, others, mayFail: tries < MaxTries, out var carried) is { } copy)
            {
                MessagesUnderWay.Remove(this);
                _copy = copy;
                _address = copy.RequestUri;
                Carried = carried;
                return copy;
            }

            // A change takes microseconds.
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private static HttpRequestMessage? TryCopy(HttpRequestMessage message, List<MessageUse> others, bool mayFail, out HttpContent? carried)
    {
        carried = null;
        var versions = others.ConvertAll(static other => Volatile.Read(ref other._version));
        if (versions.Exists(static version => (version & 1) != 0))
        {
            return null;
        }

        HttpRequestMessage copy;
        try
        {
            copy = RequestCopy.Of(message);
            carried = copy.Content;
            foreach (var other in others)
            {
                other.Edits?.Restore(copy);
            }
        }
        catch (Exception) when (mayFail || HasChanged(message, others, versions))
        {
            // Read while it was written.
            return null;
        }

        return HasChanged(message, others, versions) ? null : copy;
    }

    private static bool HasChanged(HttpRequestMessage message, List<MessageUse> others, List<int> versions)
    {
        // What was read is read before the numbers are compared.
        Interlocked.MemoryBarrier();
        for (var i = 0; i < others.Count; i++)
        {
            if (Volatile.Read(ref others[i]._version) != versions[i] || !ReferenceEquals(others[i].Message, message))
            {
                return true;
            }
        }

        return false;
    }
}
