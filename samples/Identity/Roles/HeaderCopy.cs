using Microsoft.Extensions.Configuration;

namespace Identity.Roles;

/// <summary>What is often written in place of token propagation: a handler that copies the header of the request that is being served to
/// every request sent.</summary>
internal sealed class HeaderCopy(IHttpContextAccessor accessor) : DelegatingHandler
{
    /// <summary>The key of the configuration that puts it on all clients.</summary>
    public const string Key = "Demo:Naive";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (accessor.HttpContext?.Request.Headers.Authorization is [{ } header])
        {
            request.Headers.Add("Authorization", header);
        }

        return base.SendAsync(request, cancellationToken);
    }

    public static void AddWhereAsked(WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue<bool>(Key))
        {
            builder.Services.AddHttpContextAccessor();
            builder.Services.AddTransient<HeaderCopy>();
            builder.Services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler<HeaderCopy>());
        }
    }
}
