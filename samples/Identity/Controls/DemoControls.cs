namespace Identity.Controls;

/// <summary>What makes an ordinary application an actor of the demo: it says that it runs, and ends when the demo ends.</summary>
internal static class DemoControls
{
    /// <summary>Answers with the id of the process.</summary>
    public const string AlivePath = "/alive";

    public static void AddDemoControls(this WebApplicationBuilder builder) => builder.Services.AddHostedService<ParentWatch>();

    public static void UseDemoControls(this WebApplication app)
    {
        app.Use(AnswerErrorsAsync);
        app.MapGet(AlivePath, () => Environment.ProcessId);
    }

    /// <summary>The caller gets the reason in one line. The exception page of Development would
    /// show all headers, the token among them.</summary>
    private static async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception error) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync($"{error.GetType().Name}: {error.Message}");
        }
    }
}
