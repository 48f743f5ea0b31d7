namespace Mesh.Client.Options;

/// <summary>Which calls a route takes: those for which all that is set holds.</summary>
public sealed class RouteMatchOptions
{
    /// <summary>The path: as it is, or with <c>*</c> (or <c>{name}</c>) for one segment and one <c>**</c> for any number of them, none
    /// included. <c>/reports/**</c> is everything at and below <c>/reports</c>. Case matters.</summary>
    /// <value>Default none: any. Begins with a slash. For gRPC: <c>/package.Service/Method</c>.</value>
    public string? Path { get; set; }

    /// <summary>A regular expression that all of the path matches, instead of <see cref="Path"/>; see
    /// <see cref="TextMatchOptions.Regex"/>.</summary>
    /// <value>Default none.</value>
    public string? PathRegex { get; set; }

    /// <summary>Methods, any of which it may be.</summary>
    /// <value>Default none: any.</value>
    public IList<string> Methods { get; set; } = [];

    /// <summary>Headers by name, all of which must match. Several values are joined as they are sent.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, TextMatchOptions> Headers { get; set; } =
        new Dictionary<string, TextMatchOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Query parameters by name, all of which must match; of several with one name the first counts. Case matters.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, TextMatchOptions> Query { get; set; } = new Dictionary<string, TextMatchOptions>(StringComparer.Ordinal);

    /// <summary>Names of clients of the HttpClientFactory, any of which may make the call. A typed client has the name of its
    /// type, or of its interface.</summary>
    /// <value>Default none: any.</value>
    public IList<string> Clients { get; set; } = [];
}
