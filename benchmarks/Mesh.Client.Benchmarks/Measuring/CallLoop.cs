namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>One call after the other, with <c>GetAsync</c> as an application writes it.</summary>
internal sealed class CallLoop(HttpClient client, bool freshUri)
{
    public const string Address = "http://orders/api/orders/42?expand=lines";

    private static readonly Uri Repeated = new(Address);

    public Task RunAsync(int calls) => freshUri ? RunFreshAsync(calls) : RunRepeatedAsync(calls);

    private async Task RunRepeatedAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            using var response = await client.GetAsync(Repeated);
        }
    }

    private async Task RunFreshAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            using var response = await client.GetAsync(new Uri(Address));
        }
    }
}
