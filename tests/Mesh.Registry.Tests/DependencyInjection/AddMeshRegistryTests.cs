using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Registry.Tests.DependencyInjection;

public sealed class AddMeshRegistryTests
{
    [Fact]
    public void AddMeshRegistry_twice_equals_once()
    {
        var once = new ServiceCollection().AddMeshRegistry();
        var twice = new ServiceCollection().AddMeshRegistry().AddMeshRegistry();

        Assert.Equal(once.Select(static service => service.ServiceType), twice.Select(static service => service.ServiceType));
    }

    [Fact]
    public void Options_without_a_word_come_from_the_section_mesh_registry()
    {
        var settings = Settings(
            static services => services.AddMeshRegistry(),
            ("Mesh:Registry:EvictionInterval", "00:00:01"),
            ("Mesh:Registry:MaxInstances", "7"));

        Assert.Equal((TimeSpan.FromSeconds(1), 7, 90), (settings.EvictionInterval, settings.MaxInstances, settings.DefaultLeaseSeconds));
    }

    [Fact]
    public void Options_in_code_win_over_the_section()
    {
        var settings = Settings(
            static services => services.AddMeshRegistry(static options => options.MaxInstances = 8), ("Mesh:Registry:MaxInstances", "7"));

        Assert.Equal(8, settings.MaxInstances);
    }

    [Fact]
    public void Options_from_another_section_do_not_mix_with_the_default_one()
    {
        var configuration = Configuration(("Mesh:Registry:MaxInstances", "7"), ("Other:MaxBodyBytes", "20000"));
        var services = new ServiceCollection().AddSingleton(configuration).AddLogging();
        services.AddMeshRegistry(configuration.GetSection("Other"));
        using var provider = services.BuildServiceProvider();

        var settings = provider.GetRequiredService<RegistrySettings>();

        Assert.Equal((10_000, 20_000), (settings.MaxInstances, settings.MaxBodyBytes));
    }

    [Fact]
    public async Task Options_with_mistakes_stop_the_start_and_name_all_of_them()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMeshRegistry(static options =>
        {
            options.EvictionInterval = TimeSpan.Zero;
            options.MaxInstances = 0;
            options.DefaultLeaseDuration = TimeSpan.FromSeconds(1.5);
            options.PagePath = "page";
        });
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Collection(
            error.Failures,
            static failure => Assert.StartsWith("Mesh:Registry:EvictionInterval is 00:00:00.", failure, StringComparison.Ordinal),
            static failure => Assert.StartsWith("Mesh:Registry:MaxInstances is 0.", failure, StringComparison.Ordinal),
            static failure => Assert.StartsWith("Mesh:Registry:DefaultLeaseDuration is", failure, StringComparison.Ordinal),
            static failure => Assert.StartsWith("Mesh:Registry:PagePath is 'page'.", failure, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/health", "/health")]
    [InlineData("/Registry/", "/registry")]
    [InlineData("/", "/")]
    public void Page_and_health_endpoint_at_one_path_are_refused(string page, string health)
    {
        var result = new MeshRegistryOptionsValidator().Validate(null, new MeshRegistryOptions { PagePath = page, HealthPath = health });

        Assert.StartsWith("Mesh:Registry:PagePath and Mesh:Registry:HealthPath are both "
            + "", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Peers_that_are_blank_are_as_if_not_there(string blank)
    {
        var settings = Settings(
            static services => services.AddMeshRegistry(),
            ("Mesh:Registry:Peers:0", blank),
            ("Mesh:Registry:Peers:1", " http://registry-2:8761/eureka "),
            ("Mesh:Registry:Peers:2", blank),
            ("Mesh:Registry:Peers:3", blank),
            ("Mesh:Registry:Peers:4", blank),
            ("Mesh:Registry:Peers:5", blank));

        Assert.Equal(["http://registry-2:8761/eureka/"], settings.Peers.Select(static peer => peer.AbsoluteUri));
    }

    [Fact]
    public void Peers_with_a_mistake_are_named_by_their_own_place()
    {
        var result = new MeshRegistryOptionsValidator().Validate(null, new MeshRegistryOptions { Peers = { "", null!, "registry-2" } });

        Assert.StartsWith("Mesh:Registry:Peers:2 is not the URL", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EvictionIntervall", "00:00:01", "Mesh:Registry:EvictionIntervall is not a setting. Did you mean 'EvictionInterval'?")]
    [InlineData("Colour", "red", "Mesh:Registry:Colour is not a setting. Known here: EvictionInterval, ")]
    [InlineData(
        "Peers",
        "http://registry-2/eureka/",
        "Mesh:Registry:Peers is a single value, but a list is expected: write [ \"…\" ], or Mesh:Registry:Peers:0 as a single key.")]
    [InlineData("RenewalThreshold:x", "1", "Mesh:Registry:RenewalThreshold is a section, but a single value is expected.")]
    [InlineData("Peers:0", "http://a/eureka/,http://b/eureka/", "Mesh:Registry:Peers:0 holds several addresses. Write each as an ")]
    public void Key_that_means_nothing_is_refused(string key, string value, string mistake)
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => Settings(static services => services.AddMeshRegistry(), ("Mesh:Registry:" + key, value)));
        Assert.StartsWith(mistake, Assert.Single(error.Failures), StringComparison.Ordinal);

        var section = new ConfigurationBuilder().AddInMemoryCollection([new("Mine:" + key, value)]).Build().GetSection("Mine");
        var other = Assert.Throws<OptionsValidationException>(() => Settings(services => services.AddMeshRegistry(section)));
        Assert.Single(other.Failures);
    }

    [Fact]
    public void Value_in_place_of_the_section_is_refused()
    {
        var error = Assert.Throws<OptionsValidationException>(
            static () => Settings(static services => services.AddMeshRegistry(), ("Mesh:Registry", "x")));

        Assert.Equal("Mesh:Registry is a single value, but a section of settings is expected.", Assert.Single(error.Failures));
    }

    [Fact]
    public void Validate_a_default_lease_over_the_maximum_fails()
    {
        var options =
            new MeshRegistryOptions { DefaultLeaseDuration = TimeSpan.FromSeconds(90), MaxLeaseDuration = TimeSpan.FromSeconds(60) };

        var result = new MeshRegistryOptionsValidator().Validate(null, options);

        Assert.Contains("longer than MaxLeaseDuration", Assert.Single(result.Failures!), StringComparison.Ordinal);
        Assert.True(new MeshRegistryOptionsValidator().Validate(null, new MeshRegistryOptions()).Succeeded);
    }

    [Theory]
    [InlineData("/eureka/apps", "/health", "/eureka", "PagePath")]
    [InlineData("/Eureka/v2/Apps/orders", "/health", "/eureka/", "PagePath")]
    [InlineData("/", "/eureka/status", "eureka", "HealthPath")]
    [InlineData("/vips/", "/health", "", "PagePath")]
    [InlineData("/v2/apps", "/health", "/", "PagePath")]
    public async Task MapMeshRegistry_with_a_path_of_the_protocol_for_the_page_says_so(
        string page, string health, string pattern, string setting)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddMeshRegistry(options => (options.PagePath, options.HealthPath) = (page, health));
        await using var app = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(() => app.MapMeshRegistry(pattern));

        Assert.StartsWith($"Mesh:Registry:{setting} is '{(setting == "PagePath" ? page : health)}', a path of the registry's "
            + "protocol", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/eureka", "/eureka")]
    [InlineData("/eureka/page", "/eureka")]
    [InlineData("/apps", "/eureka")]
    public async Task MapMeshRegistry_with_a_page_beside_the_protocol_is_fine(string page, string pattern)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddMeshRegistry(options => options.PagePath = page);
        await using var app = builder.Build();

        Assert.Null(Record.Exception(() => app.MapMeshRegistry(pattern)));
    }

    [Fact]
    public async Task MapMeshRegistry_without_services_says_what_to_call()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();

        var error = Assert.Throws<InvalidOperationException>(() => app.MapMeshRegistry());

        Assert.Contains("AddMeshRegistry()", error.Message, StringComparison.Ordinal);
    }

    private static RegistrySettings Settings(Action<IServiceCollection> add, params (string Key, string Value)[] entries)
    {
        var services = new ServiceCollection().AddSingleton(Configuration(entries)).AddLogging();
        add(services);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<RegistrySettings>();
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] entries) => new ConfigurationBuilder()
        .AddInMemoryCollection(entries.Select(static entry => KeyValuePair.Create(entry.Key, (string?)entry.Value)))
        .Build();
}
