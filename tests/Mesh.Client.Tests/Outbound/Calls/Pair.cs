using Mesh.Client.Outbound.Calls;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A call with two attempts side by side, and what sends them: the pipeline of the product. When to do so is no matter
/// here.</summary>
internal sealed class Pair
{
    private readonly AttemptPipeline _pipeline;

    private Pair(AttemptPipeline pipeline, Call call)
    {
        _pipeline = pipeline;
        Call = call;
        Attempts = [call.First, call.Beside()];
    }

    public Call Call { get; }

    public Attempt[] Attempts { get; }

    public Task[] Flows { get; private set; } = [];

    public static Pair Of(MeshFixture mesh, HttpRequestMessage message, CancellationToken caller)
    {
        var service = mesh.Catalog();
        var primary = mesh.Handler.Primary;
        var call = Call.Rent();
        call.Begin(service, call.Use.Enter(message, primary), primary, synchronous: false, service.Clock.Now, caller);
        return new Pair(mesh.Provider.GetRequiredService<AttemptPipeline>(), call);
    }

    public void Send() => Flows = [.. Attempts.Select(attempt => _pipeline.SendAsync(attempt).AsTask())];

    /// <summary>One has ended: its result is that of the call, which ends, and the other attempt is given up.</summary>
    public HttpResponseMessage Take(int winner)
    {
        Call.Take(Attempts[winner]);
        try
        {
            return Call.Use.Answered(Call.Last.GetOrThrow());
        }
        finally
        {
            Attempts[1 - winner].Abandon();
            Release(winner);
            Call.Close();
        }
    }

    /// <summary>Both have ended, and so does the call.</summary>
    public void End()
    {
        Release(0);
        Release(1);
        Call.Close();
    }

    public void Release(int which) => Call.Release(Attempts[which]);
}
