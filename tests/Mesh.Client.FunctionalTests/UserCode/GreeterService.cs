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

        return new GreetReply { Text = "Hello " + request.Name };
    }
}
