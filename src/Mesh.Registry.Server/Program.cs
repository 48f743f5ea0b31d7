namespace Mesh.Registry.Server;

internal static class Program
{
    public static Task<int> Main(string[] args) => RegistryProgram.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
}
