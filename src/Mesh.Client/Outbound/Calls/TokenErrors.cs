using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The errors for callers when a call has no token: service, reason, what to change. They show sizes, times and audiences, and
/// nothing else of a token.</summary>
internal static class TokenErrors
{
    public static TokenException NoUser(string service) => Create(service, TokenFailure.NoUser,
        "there is no user. Inside a request: the caller must be authenticated, and the handler must keep its token (JwtBearer: SaveToken, "
        + "the default; the scheme "
        + "must be the default one). Background work keeps a user with MeshContext.Capture() and RunAsync. "
        + $"{Key(service)}:MissingUser: Anonymous sends such calls without a token.");

    public static TokenException WrongAudience(string service, BearerToken token, string audience) =>
        Create(service, TokenFailure.WrongAudience,
        $"it is for {Audiences(token)}, not for '{audience}'. Have tokens issued for this audience too, or, if the service goes by "
        + $"another, set {Key(service)}:Audience.");

    public static TokenException Expired(string service, TimeSpan left, CredentialsPolicy policy) => Create(service, TokenFailure.Expired,
        (left < TimeSpan.Zero ? $"it expired {-left.TotalSeconds:0.#} s ago" : $"it expires in {left.TotalSeconds:0.#} s")
        + $", and {policy.MinimumLifetime.TotalSeconds:0.###} s must be left ({Key(service)}:MinimumLifetime). The caller of this "
        + "application must renew the token.");

    public static TokenException TooLarge(string service, BearerToken token, CredentialsPolicy policy) =>
        Create(service, TokenFailure.TooLarge,
        $"it has {token.Bytes} bytes, and {policy.MaxTokenBytes} are allowed ({Key(service)}:MaxTokenBytes). Have smaller tokens issued, "
        + "for instance without groups.");

    public static TokenException HeadersTooLarge(string service, BearerToken token, int bytes) => Create(service, TokenFailure.TooLarge,
        $"with its {token.Bytes} bytes the mesh would add {bytes} bytes of headers to the request, and {Credentials.MaxBytes} are "
        + "allowed. Use fewer or shorter labels, or smaller tokens.");

    public static TokenException NotReadable(string service, BearerToken token) => Create(service, TokenFailure.NotReadable,
        $"it {token.Fault}, so its audience and expiry cannot be checked. Have signed JSON Web Tokens issued.");

    public static TokenException InsecureTransport(string service, Endpoint endpoint) => Create(service, TokenFailure.InsecureTransport,
        $"{WithoutTls(service, endpoint)} In Development, loopback addresses are allowed; {Key(service)}:AllowInsecureTransport allows "
        + "all, and the tokens can then be read on the network.");

    public static TokenException RedirectingHandler(string service) => Create(service, TokenFailure.RedirectingHandler,
        "the client has a primary handler of its own that follows redirects, uses a proxy (UseProxy also takes that of the environment) "
        + "or is of an unknown type, and might take the token elsewhere. "
        + "Set AllowAutoRedirect and UseProxy of that handler to false: redirects inside a service are not lost, the caller gets them. "
        + "If it is a type of your own that you trust, call TrustPrimaryHandler().");

    public static TokenException SourceFailed(string service, Exception exception) => Create(service, TokenFailure.SourceFailed,
        exception is TimeoutException
            ? "the token source had none before the time of the call was over."
            : $"the token source failed with {exception.GetType().Name}.",
        exception);

    private static TokenException Create(string service, TokenFailure reason, string why, Exception? inner = null) =>
        new(service, reason, $"The call to service '{service}' was not sent. It should carry the user's token ({Key(service)}:Mode: "
            + $"Propagate), but {why}", inner);

    private static string WithoutTls(string service, Endpoint endpoint) => endpoint.SpeaksTls
        ? $"it would go to the plain port of the endpoint {endpoint.Name}, which has one for TLS, too "
            + $"({endpoint.Description.SecurePort}). Call https://{service}, or set Mesh:Services:{service}:RequireTls"
            + (endpoint.Description.Origin == EndpointOrigin.Configuration
                ? "." : ", or Mesh:Discovery:Eureka:PreferSecurePort for all services.")
        : $"the endpoint {endpoint.Name} does not speak TLS. Give it an https address.";

    private static string Key(string service) => $"Mesh:Services:{service}:Credentials";

    private static string Audiences(BearerToken token) =>
        token.Audiences.Length == 0
            ? "no audience"
            : string.Join(", ", token.Audiences.Take(5).Select(audience => $"'{Printable.Of(audience, 100)}'"));
}
