using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Mesh.Client.Inbound;

/// <summary>Puts <see cref="InboundMiddleware"/> before everything the application adds to its pipeline.</summary>
internal sealed class InboundStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<InboundMiddleware>();
        next(app);
    };
}
