using Grpc.Core;

namespace Mesh.Client.FunctionalTests.UserCode;

/// <summary>Greets, but never answers a nobody.</summary>
internal sealed class GreeterService : Greeter.GreeterBase
{
    public override async Task<GreetReply> Greet(GreetRequest request, ServerCallContext context)
    {
        if (request.Name == "nobody")
        {
            await new TaskCompletionSource().Task.WaitAsync(context.CancellationToken);
        }

        Fail(request);
        return Reply(request);
    }

    public override async Task Watch(GreetRequest request, IServerStreamWriter<GreetReply> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Count; i++)
        {
            await PauseAsync(request, context);
            await responseStream.WriteAsync(Reply(request), context.CancellationToken);
        }

        Fail(request);
    }

    public override async Task<GreetReply> Collect(IAsyncStreamReader<GreetRequest> requestStream, ServerCallContext context)
    {
        var names = new List<string>();
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            names.Add(request.Name);
        }

        return new GreetReply { Text = "Hello " + string.Join(", ", names) };
    }

    public override async Task Chat(
        IAsyncStreamReader<GreetRequest> requestStream, IServerStreamWriter<GreetReply> responseStream, ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(Reply(request), context.CancellationToken);
        }
    }

    private static Task PauseAsync(GreetRequest request, ServerCallContext context) =>
        Patience.PassAsync(TimeSpan.FromMilliseconds(request.PauseMs), context.CancellationToken);

    private static void Fail(GreetRequest request)
    {
        if (request.Status != 0)
        {
            throw new RpcException(new Status((StatusCode)request.Status, "as asked"));
        }
    }

    private static GreetReply Reply(GreetRequest request) => new() { Text = "Hello " + request.Name };
}
