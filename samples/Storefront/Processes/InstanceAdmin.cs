using System.Net.Http.Json;
using System.Text.Json;
using Storefront.Controls;

namespace Storefront.Processes;

/// <summary>Reaches the instances directly: their counters and their faults.</summary>
internal sealed class InstanceAdmin : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>Reads the counters of an instance; null when it does not answer.</summary>
    public async Task<InstanceStats?> ReadStatsAsync(ServiceProcess instance, CancellationToken cancellation)
    {
        try
        {
            return await _http.GetFromJsonAsync<InstanceStats>(new Uri(instance.Address, "/admin/stats"), cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Switches the fault of an instance.</summary>
    public async Task SetFaultAsync(ServiceProcess instance, FaultMode mode, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.PostAsync(new Uri(instance.Address, $"/admin/fault?mode={mode}"), null, cancellation);
            response.EnsureSuccessStatusCode();
        }
        catch (Exception error) when (error is HttpRequestException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new DemoException($"The fault {mode} could not be switched at {instance.Name}: {error.Message}");
        }

        instance.State = mode switch
        {
            FaultMode.Slow => ServiceState.Slow,
            FaultMode.Failing => ServiceState.Failing,
            _ => ServiceState.Up,
        };
    }

    public void Dispose() => _http.Dispose();
}
