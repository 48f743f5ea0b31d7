using System.Net;
using Mesh.Client.Benchmarks.Measuring;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>One call after the other, with <c>GetAsync</c> as an application writes it.</summary>
internal sealed class CallLoop : ILoop
{
    public const string Address = "http://orders/api/orders/42?expand=lines";

    private static readonly Uri Repeated = new(Address);

    private readonly ClientApplication _application;
    private readonly bool _freshUri;

    private CallLoop(ClientApplication application, bool freshUri)
    {
        _application = application;
        _freshUri = freshUri;
    }

    /// <exception cref="InvalidOperationException">The stack does not do its work.</exception>
    public static async Task<ILoop> StartAsync(Stack stack, BenchmarkCase benchmarkCase)
    {
        var stub = StubHandler.Create(benchmarkCase.Transport);
        var application = await ClientApplication.StartAsync(stack, stub);
        await CheckAsync(application.Client, stack, stub);
        return new CallLoop(application, freshUri: benchmarkCase.Uri == BenchmarkCase.Fresh);
    }

    public Task RunAsync(int times) => _freshUri ? RunFreshAsync(times) : RunRepeatedAsync(times);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task RunRepeatedAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await _application.Client.GetAsync(Repeated);
        }
    }

    private async Task RunFreshAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await _application.Client.GetAsync(new Uri(Address));
        }
    }

    private static async Task CheckAsync(HttpClient client, Stack stack, StubHandler stub)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.GetAsync(new Uri(Address));
        }
        catch (HttpRequestException exception)
        {
            throw new InvalidOperationException($"A call through {stack.Name} does not reach the stub: {exception.Message}", exception);
        }

        using (response)
        {
            if (response.StatusCode != HttpStatusCode.OK || stub.LastUri is not { } arrived)
            {
                throw new InvalidOperationException($"A call through {stack.Name} does not reach the stub.");
            }

            if (stack.ResolvesAddress && arrived.Host == ClientApplication.Service)
            {
                throw new InvalidOperationException($"A call through {stack.Name} arrives with the name of the service instead of an "
                    + "address.");
            }
        }
    }
}
