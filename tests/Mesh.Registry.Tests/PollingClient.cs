using System.Text.Json.Nodes;
using Mesh.Registry.Wire;

namespace Mesh.Registry.Tests;

/// <summary>Keeps its picture of the registry as clients of the protocol do: everything once, then changes.</summary>
internal sealed class PollingClient
{
    private readonly SortedDictionary<string, string> _states = new(StringComparer.Ordinal);

    public void Fetch(Payloads full)
    {
        _states.Clear();
        foreach (var instance in Instances(full, out _))
        {
            _states[Key(instance)] = (string)instance["status"]!;
        }
    }

    /// <summary>Applies changes.</summary>
    /// <returns>The hash that the registry says the result must have.</returns>
    public string Apply(Payloads delta)
    {
        foreach (var instance in Instances(delta, out var hash))
        {
            if ((string)instance["actionType"]! == "DELETED")
            {
                _states.Remove(Key(instance));
            }
            else
            {
                _states[Key(instance)] = (string)instance["status"]!;
            }
        }

        _ = Instances(delta, out var expected);
        return expected;
    }

    public string Hash() => string.Concat(_states.Values
        .GroupBy(static status => status)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => $"{group.Key}_{group.Count()}_"));

    public string Picture() => string.Join(' ', _states.Select(static state => $"{state.Key}={state.Value}"));

    private static JsonNode[] Instances(Payloads payload, out string hash)
    {
        var root = JsonNode.Parse(payload.In(WireForm.Json).Plain)!["applications"]!;
        hash = (string)root["apps__hashcode"]!;
        return [.. root["application"]!.AsArray().SelectMany(static app => app!["instance"]!.AsArray())
            .Select(static instance => instance!)];
    }

    private static string Key(JsonNode instance) => $"{(string)instance["app"]!}/{(string)instance["instanceId"]!}";
}
