using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>What an endpoint runs: the steps in order, then what the application has mapped.</summary>
/// <param name="endpoint">The application's endpoint. It has a delegate.</param>
/// <param name="steps">All steps.</param>
internal sealed class EndpointRun(Endpoint endpoint, IEndpointStep[] steps)
{
    private readonly RequestDelegate _application = endpoint.RequestDelegate!;

    /// <summary>Without an asynchronous frame as long as the steps complete at once.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            var step = steps[i].RunAsync(context, endpoint);
            if (!step.IsCompletedSuccessfully)
            {
                return ContinueAsync(context, step, i + 1);
            }

            if (!step.Result)
            {
                return Task.CompletedTask;
            }
        }

        return _application(context);
    }

    private async Task ContinueAsync(HttpContext context, ValueTask<bool> step, int next)
    {
        while (await step.ConfigureAwait(false))
        {
            if (next == steps.Length)
            {
                await _application(context).ConfigureAwait(false);
                return;
            }

            step = steps[next++].RunAsync(context, endpoint);
        }
    }
}
