using Mesh.Client;

namespace Snippets;

internal static class ContextSnippets
{
    public static string Read()
    {
        // snippet: context-read
        var caller = MeshContext.Caller?.Name ?? "unknown";
        var tenant = MeshContext.Labels.GetValueOrDefault("tenant", "none");
        var left = MeshContext.Remaining;
        // end
        return $"{caller} {tenant} {left}";
    }

    public static void Background(Func<Task> sendReceipts)
    {
        // snippet: context-run-as
        var values = MeshContext.Capture() with { Criticality = Criticality.SheddablePlus };
        _ = MeshContext.RunAsync(values, sendReceipts);
        // end
    }

    public static Lazy<Task<string>> Shared(HttpClient catalog)
    {
        // snippet: context-shared
        var products = new Lazy<Task<string>>(() => MeshContext.RunAsync(
            MeshContext.Capture() with { User = null },
            () => catalog.GetStringAsync(new Uri("http://catalog/products"))));
        // end
        return products;
    }

    public static async Task<string> Lane(HttpClient catalog)
    {
        // snippet: context-begin
        using (MeshContext.Begin(new MeshContextValues
        {
            Criticality = MeshContext.Criticality,
            Labels = new Dictionary<string, string> { ["lane"] = "blue" },
        }))
        {
            return await catalog.GetStringAsync(new Uri("http://catalog/products"));
        }

        // end
    }
}
