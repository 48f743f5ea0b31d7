using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Configuration;

/// <summary>Settings of a package that is not this one, below section <c>Mesh</c>.</summary>
public sealed class FurtherSettingsTests
{
    private const string Path = "Discovery:HttpList";

    [Fact]
    public void Settings_are_bound_and_follow_a_reload()
    {
        using var application = new TestApplication(Json("""{ "Url": "http://list/", "Nested": { "Depth": 2 } }"""));
        Add(application.Services.AddMesh());
        Add(application.Services.AddMesh());
        var settings = application.Build().GetRequiredService<IOptionsMonitor<Settings>>();
        Assert.Equal((new Uri("http://list/"), 2), (settings.CurrentValue.Url, settings.CurrentValue.Nested.Depth));
        Assert.Empty(settings.CurrentValue.Names);

        application.Edit(Json("""{ "Url": "http://other/", "Names": ["a", "b"] }"""));

        Assert.Equal(new Uri("http://other/"), settings.CurrentValue.Url);
        Assert.Equal(["a", "b"], settings.CurrentValue.Names);
    }

    [Fact]
    public void Section_in_place_of_Mesh_counts_here_too()
    {
        using var application = new TestApplication("""{ "Mine": { "Discovery": { "HttpList": { "Url": "http://list/" } } } }""");
        Add(application.Services.AddMesh(application.Configuration.GetSection("Mine")));

        Assert.Equal(new Uri("http://list/"), application.Build().GetRequiredService<IOptions<Settings>>().Value.Url);
    }

    [Fact]
    public void Code_counts_over_the_configuration()
    {
        using var application = new TestApplication(Json("""{ "Url": "http://list/" }"""));
        Add(application.Services.AddMesh());
        application.Services.Configure<Settings>(static settings => settings.Url = new Uri("http://code/"));

        Assert.Equal(new Uri("http://code/"), application.Build().GetRequiredService<IOptions<Settings>>().Value.Url);
    }

    [Theory]
    [InlineData("""{ "Ulr": "http://list/" }""", "Mesh:Discovery:HttpList:Ulr is not a setting. Did you mean 'Url'?")]
    [InlineData("""{ "Nested": { "Depht": 1 } }""", "Mesh:Discovery:HttpList:Nested:Depht is not a setting. Did you mean 'Depth'?")]
    public void Unknown_key_is_refused(string section, string mistake) =>
        Assert.Equal([mistake], TestApplication.MistakesOf(Json(section), static mesh => Add(mesh)));

    [Fact]
    public void Section_that_nobody_has_added_is_refused() =>
        Assert.StartsWith(
            "Mesh:Discovery:HttpList is not a setting.", Assert.Single(TestApplication.MistakesOf(Json("""{ "Url": "http://list/" }"""))),
            StringComparison.Ordinal);

    [Fact]
    public void Without_a_list_of_keys_any_may_stand_there() => TestApplication.Read(
        Json("""{ "Anything": { "At": "all" } }"""),
        static mesh => mesh.AddSettings<Settings>(Path, static (section, settings) => section.Bind(settings)));

    [Theory]
    [InlineData("Discovery:Eureka")]
    [InlineData("Services")]
    [InlineData("discovery")]
    public void Section_of_the_mesh_cannot_be_taken(string path)
    {
        var taken = Assert.Throws<InvalidOperationException>(() => TestApplication.Read(
            "{}", mesh => mesh.AddSettings<Settings>(path, static (section, settings) => section.Bind(settings))));

        Assert.Equal($"The section Mesh:{path} belongs to somebody already.", taken.Message);
    }

    [Theory]
    [InlineData("Discovery:")]
    [InlineData(":Discovery")]
    [InlineData("Discovery::HttpList")]
    [InlineData("Discovery: ")]
    public void Path_with_an_empty_part_is_none(string path)
    {
        var mistake = Assert.Throws<ArgumentException>(
            () => new ServiceCollection().AddMesh().AddSettings<Settings>(path, static (_, _) => { }));

        Assert.StartsWith($"'{path}' is no path of settings: a part of it is empty.", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_stand_at_one_path()
    {
        var mesh = Add(new ServiceCollection().AddMesh());
        Add(mesh);

        var mistake = Assert.Throws<ArgumentException>(() => mesh.AddSettings<Settings>("Discovery:Other", static (_, _) => { }));

        Assert.StartsWith(
            "Settings is read from Mesh:Discovery:HttpList already, so it cannot stand at 'Discovery:Other', too.",
            mistake.Message,
            StringComparison.Ordinal);
    }

    private static IMeshBuilder Add(IMeshBuilder mesh) => mesh.AddSettings<Settings>(
        Path, static (section, settings) => section.Bind(settings), "Url", "Names", "Nested:Depth");

    private static string Json(string section) => $$"""{ "Mesh": { "Discovery": { "HttpList": {{section}} } } }""";

    private sealed class Settings
    {
        public Uri? Url { get; set; }

        public IList<string> Names { get; } = [];

        public Inner Nested { get; } = new();
    }

    private sealed class Inner
    {
        public int Depth { get; set; }
    }
}
