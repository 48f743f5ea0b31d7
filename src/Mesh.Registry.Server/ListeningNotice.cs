namespace Mesh.Registry.Server;

/// <summary>What the program says when it can be reached.</summary>
internal static class ListeningNotice
{
    /// <summary>The line for one address.</summary>
    /// <param name="url">What the server listens on.</param>
    /// <param name="machine">The name of this machine: what stands for all addresses is none that a client elsewhere can use.</param>
    public static string For(string url, string machine)
    {
        var address = new Uri(url);
        var isAll = address.Host is "0.0.0.0" or "[::]";
        var root = isAll ? $"{address.Scheme}://{machine}:{address.Port}" : url;
        var where = isAll ? "   (on all addresses of this machine)" : "";
        return $"The registry runs. Service URL for clients: {root}/eureka/   page: {root}/   health: {root}/health{where}";
    }
}
