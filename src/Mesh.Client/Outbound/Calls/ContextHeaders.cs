using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.Context;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The headers of an attempt: set before it is sent and removed after it, so that the request carries them nowhere else.</summary>
internal readonly struct ContextHeaders
{
    /// <summary>Values of the application for these headers are not sent: the headers describe the attempt.</summary>
    private static readonly string[] Ours = [MeshHeaders.Caller, MeshHeaders.Deadline, MeshHeaders.Attempt, MeshHeaders.Criticality];

    private static readonly string[] Attempts =
        [.. Enumerable.Range(0, 12).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private readonly ContextLabels? _labels;
    private readonly List<(string Name, string[] Values)>? _users;
    private readonly Added _added;
    private readonly ushort _addedLabels;

    private ContextHeaders(Added added, ContextLabels? labels, ushort addedLabels, List<(string Name, string[] Values)>? users)
    {
        _added = added;
        _labels = labels;
        _addedLabels = addedLabels;
        _users = users;
    }

    [Flags]
    private enum Added
    {
        None = 0,
        Caller = 1,
        Deadline = 2,
        Attempt = 4,
        Criticality = 8,
    }

    /// <param name="attempt">The attempt.</param>
    /// <param name="caller">The name of this application.</param>
    /// <param name="now">When they are sent, with what is left of the deadline then.</param>
    public static ContextHeaders Apply(Attempt attempt, string caller, MeshTime now)
    {
        var call = attempt.Call;
        var headers = attempt.Request.Headers;
        var bare = headers.NonValidated.Count == 0;
        if (!attempt.SendsContext)
        {
            // A gateway copies the headers of its caller.
            return bare ? default : new ContextHeaders(Added.None, null, 0, UsersHeaders.SetAsideAll(headers, MeshHeaders.Prefix));
        }

        var users = bare ? null : UsersHeaders.SetAside(headers, Ours);
        var added = Added.Caller;
        HeaderWriter.TryAdd(headers, MeshHeaders.Caller, caller);
        if (AttemptDeadline.Text(attempt, now) is { } deadline)
        {
            HeaderWriter.TryAdd(headers, MeshHeaders.Deadline, deadline);
            added |= Added.Deadline;
        }

        if (attempt.Number > 1)
        {
            HeaderWriter.TryAdd(headers, MeshHeaders.Attempt, Attempts[Math.Min(attempt.Number, Attempts.Length - 1)]);
            added |= Added.Attempt;
        }

        var criticality = call.Context?.Criticality ?? Criticality.Sheddable;
        if (criticality != Criticality.Critical)
        {
            HeaderWriter.TryAdd(headers, MeshHeaders.Criticality, criticality.Name());
            added |= Added.Criticality;
        }

        var labels = call.Context?.Labels;
        return new ContextHeaders(added, labels, labels is null ? (ushort)0 : AddLabels(headers, labels, bare), users);
    }

    /// <summary>Must not throw: the attempt is completed after it.</summary>
    public void Restore(HttpRequestMessage request)
    {
        if (_added == Added.None && _users is null)
        {
            return;
        }

        var headers = request.Headers;
        Remove(headers, Added.Caller, MeshHeaders.Caller);
        Remove(headers, Added.Deadline, MeshHeaders.Deadline);
        Remove(headers, Added.Attempt, MeshHeaders.Attempt);
        Remove(headers, Added.Criticality, MeshHeaders.Criticality);
        for (var i = 0; _addedLabels >> i != 0; i++)
        {
            if ((_addedLabels & (1 << i)) != 0)
            {
                headers.Remove(_labels!.Headers[i].Key);
            }
        }

        UsersHeaders.PutBack(headers, _users);
    }

    /// <summary>A label that the user has set on the request itself takes precedence.</summary>
    private static ushort AddLabels(HttpRequestHeaders headers, ContextLabels labels, bool bare)
    {
        var added = 0;
        for (var i = 0; i < labels.Headers.Length; i++)
        {
            var (name, value) = labels.Headers[i];
            if ((bare || !headers.NonValidated.Contains(name)) && HeaderWriter.TryAdd(headers, name, value))
            {
                added |= 1 << i;
            }
        }

        return (ushort)added;
    }

    private void Remove(HttpRequestHeaders headers, Added which, string name)
    {
        if ((_added & which) != 0)
        {
            headers.Remove(name);
        }
    }
}
