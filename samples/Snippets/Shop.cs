using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Snippets;

/// <summary>The application of the README, as a test starts it.</summary>
/// <param name="configure">What its settings say.</param>
internal sealed class Shop(Action<IWebHostBuilder> configure) : WebApplicationFactory<Program>
{
    protected override void ConfigureWebHost(IWebHostBuilder builder) => configure(builder);
}
