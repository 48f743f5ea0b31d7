namespace Mesh.Registry.Server;

/// <summary>The program's line once it can be reached.</summary>
internal static class ListeningNotice
{
    /// <summary>The line for one address.</summary>
    /// <param name="url">The address that the server listens on.</param>
    /// <param name="machine">The name of this machine: a client elsewhere cannot use an address that stands for all.</param>
    public static string For(string url, string machine)
    {
        var address = new Uri(url);
        var isAll = address.Host is "0.0.0.0" or "[::]";
        var root = isAll ? $"{address.Scheme}://{machine}:{address.Port}" : url;
        var where = isAll ? "   (on all addresses of this machine)" : "";
        return $"The registry runs. Service URL for clients: {root}/eureka/   page: {root}/   health: {root}/health{where}";
    }
}
