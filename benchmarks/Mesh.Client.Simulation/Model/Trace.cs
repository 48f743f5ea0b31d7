using Mesh.Client.Model;

namespace Mesh.Client.Simulation.Model;

/// <summary>What happened in a run: a hash over every attempt, and every call.</summary>
internal sealed class Trace
{
    private const ulong Prime = 1_099_511_628_211;

    private readonly List<CallRecord> _calls = [];

    /// <summary>FNV-1a over time, client, server and outcome of each attempt, in the order of their ends.</summary>
    public ulong Hash { get; private set; } = 14_695_981_039_346_656_037;

    public IReadOnlyList<CallRecord> Calls => _calls;

    public void Attempted(double time, int client, int server, CallOutcome outcome)
    {
        Add((ulong)(time * 1_000_000));
        Add((ulong)client);
        Add((ulong)server);
        Add((ulong)outcome);
    }

    /// <summary>A call that failed counts with the time its caller was ready to wait.</summary>
    public void Ended(double arrived, double milliseconds, bool ok, int attempts, double deadline) =>
        _calls.Add(new CallRecord(arrived, ok ? milliseconds : deadline, ok, attempts));

    private void Add(ulong value)
    {
        for (var shift = 0; shift < 64; shift += 8)
        {
            Hash = unchecked((Hash ^ ((value >> shift) & 0xFF)) * Prime);
        }
    }
}
