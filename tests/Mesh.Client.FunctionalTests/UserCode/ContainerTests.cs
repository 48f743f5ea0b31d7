using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.FunctionalTests.UserCode;

/// <summary>What applications make of the container beside the mesh.</summary>
public sealed class ContainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The mesh logs, and its filter is in every factory of clients: the two must not wait for each other.</summary>
    [Theory]
    [InlineData("on the mesh")]
    [InlineData("without")]
    [InlineData("switched off")]
    public async Task Log_provider_may_send_through_a_client_of_the_factory(string client)
    {
        using var host = await Task.Run(
            () =>
            {
                var builder = Host.CreateApplicationBuilder();
                builder.Configuration["Mesh:Service:Name"] = "shop";
                builder.Configuration["Mesh:Enabled"] = client == "switched off" ? "false" : "true";
                var logs = builder.Services.AddHttpClient("logs");
                if (client == "without")
                {
                    logs.WithoutMesh();
                }

                builder.Services.AddSingleton<ILoggerProvider, SendingProvider>();
                builder.Services.AddMesh();
                return builder.Build();
            },
            Token).Soon();

        await host.StartAsync(Token).Soon();
        host.Services.GetRequiredService<ILogger<ContainerTests>>().LogInformation("A line.");

        using var made = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("logs");
        await host.StopAsync(Token).Soon();
    }

    [Fact]
    public async Task Object_made_before_the_mesh_sends_its_last_data_when_it_is_disposed_of()
    {
        var taken = 0;
        await using var server = await TestServer.StartAsync(context =>
        {
            Interlocked.Increment(ref taken);
            context.Response.StatusCode = (int)HttpStatusCode.NoContent;
            return Task.CompletedTask;
        });
        await using (var application = new MeshApplication(
            Settings.Service("audit", server.Url), static services => services.AddSingleton<Sink>()))
        {
            await application.Services.GetRequiredService<Sink>().SendAsync();
        }

        Assert.Equal(2, taken);
    }

    private sealed class Sink(IHttpClientFactory clients) : IAsyncDisposable
    {
        public async Task SendAsync()
        {
            using var client = clients.CreateClient();
            using var response = await client.PostAsync(new Uri("http://audit/events"), new StringContent("rest"), Token).Soon();
            response.EnsureSuccessStatusCode();
        }

        public async ValueTask DisposeAsync() => await SendAsync();
    }

    private sealed class SendingProvider(IHttpClientFactory clients) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName)
        {
            Assert.NotNull(clients);
            return NullLogger.Instance;
        }

        public void Dispose()
        {
        }
    }
}
