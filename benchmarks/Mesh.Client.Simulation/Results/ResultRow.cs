namespace Mesh.Client.Simulation.Results;

/// <summary>One window of one run. Times in milliseconds; a failed call counts with its deadline.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Window">The part of it.</param>
/// <param name="Policy">The policy's name.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="P50">Median over all calls.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="P999">99.9th percentile.</param>
/// <param name="OracleP99">The 99th percentile of the oracle with the same seed.</param>
/// <param name="Errors">The share of calls that failed, 0 to 1.</param>
/// <param name="Amplification">Attempts for each call.</param>
/// <param name="Goodput">Successful calls as a share of what the servers can do.</param>
internal sealed record ResultRow(
    string Scenario,
    string Window,
    string Policy,
    int Seed,
    double P50,
    double P99,
    double P999,
    double OracleP99,
    double Errors,
    double Amplification,
    double Goodput);
