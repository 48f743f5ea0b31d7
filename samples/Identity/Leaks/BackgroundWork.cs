namespace Identity.Leaks;

/// <summary>Work that a request starts and does not wait for, as it should not be done and often is.</summary>
internal sealed class BackgroundWork
{
    private readonly TaskCompletionSource<CallResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CallResult> Result => _result.Task;

    /// <summary>Starts it inside the request. It calls when the request has ended.</summary>
    public void Start(HttpContext context, Func<Task<HttpResponseMessage>> call)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Response.OnCompleted(() =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        });
        _ = RunAsync();

        // In the execution context of the request, which still flows in here when the request is over.
        async Task RunAsync()
        {
            await ended.Task;
            _result.TrySetResult(await CallResult.OfAsync(call));
        }
    }
}
