using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Identity.Roles;
using Microsoft.Extensions.Configuration;

namespace Identity;

/// <summary>The program that the user sits at: it has the token from the log-in, and calls the storefront with it.</summary>
internal sealed class Kiosk : IAsyncDisposable
{
    public const string Name = "kiosk";

    /// <summary>How long the user waits. All services behind share this time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services;
    private readonly HttpClient _storefront;

    public Kiosk(Fleet fleet, string token)
    {
        Token = token;
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Mesh:Service:Name"] = Name,
                [$"Mesh:Services:{Role.Storefront}:Endpoints:0"] = fleet.Storefront.Address.AbsoluteUri,
                [$"Mesh:Services:{Role.Storefront}:Timeout"] = Patience.ToString(),
            }).Build())
            .AddMesh().Services
            .BuildServiceProvider();
        _storefront = _services.GetRequiredService<IHttpClientFactory>().CreateClient();

        // Its own token, so it says itself where it goes: the mesh leaves such a header alone.
        _storefront.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public string Token { get; }

    /// <summary>Asks all services of the chain which user they see.</summary>
    public async Task<Journey> AskAsync(CancellationToken cancellation)
    {
        using var activity = new Activity("checkout").Start();
        var sightings = await GetAsync<Sighting[]>(new Uri($"http://{Role.Storefront}/who"), cancellation);
        return new Journey(activity.TraceId.ToHexString(), sightings);
    }

    /// <summary>Gets an answer of a storefront as the logged-in user.</summary>
    /// <exception cref="DemoException">There is none.</exception>
    public async Task<T> GetAsync<T>(Uri address, CancellationToken cancellation)
    {
        try
        {
            using var response = await _storefront.GetAsync(address, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new DemoException($"GET {address.PathAndQuery} of the storefront was answered {(int)response.StatusCode}: "
                    + $"{await response.Content.ReadAsStringAsync(cancellation)}");
            }

            return await response.Content.ReadFromJsonAsync<T>(cancellation)
                ?? throw new DemoException($"GET {address.PathAndQuery} of the storefront has no answer.");
        }
        catch (Exception error) when (error is HttpRequestException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new DemoException($"GET {address.PathAndQuery} of the storefront failed: {error.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _storefront.Dispose();
        await _services.DisposeAsync();
    }
}
