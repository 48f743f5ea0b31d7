namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>The same thing done again and again, with all that it needs around it.</summary>
internal interface ILoop : IAsyncDisposable
{
    Task RunAsync(int times);
}
