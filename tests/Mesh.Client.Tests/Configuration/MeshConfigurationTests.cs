using Mesh.Client.Configuration;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Configuration;

public sealed class MeshConfigurationTests : IDisposable
{
    private const string Good = """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:01" } } } }""";
    private const string Better = """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:02" } } } }""";
    private const string Broken = """{ "Mesh": { "Services": { "orders": { "Timeout": "soon", "Timeuot": "00:00:01" } } } }""";
    private const string BrokenOtherwise = """{ "Mesh": { "Services": { "orders": { "Timeout": "later" } } } }""";

    private readonly TestApplication _application = new(Good);
    private readonly MeshConfiguration _configuration;
    private readonly List<string> _seen = [];

    public MeshConfigurationTests()
    {
        _application.Services.AddMesh();
        _configuration = _application.Build().GetRequiredService<MeshConfiguration>();
        _configuration.Model.OnChange(view => _seen.Add($"first {view.Generation}"));
        _configuration.Model.OnChange(view => _seen.Add($"second {view.Generation}"));
    }

    public void Dispose() => _application.Dispose();

    [Fact]
    public void An_edit_becomes_the_next_generation_and_handlers_follow_in_order()
    {
        _application.Edit(Better);

        Assert.Equal(2, _configuration.Model.Current.Generation);
        Assert.Equal(TimeSpan.FromSeconds(2), _configuration.Model.Current.Of("orders").Routes[0].Policy.Timeout);
        Assert.Equal(["first 2", "second 2"], _seen);
        Assert.Equal([100], _application.EventIds());
    }

    [Fact]
    public void Edits_are_taken_up_after_a_silence()
    {
        var almost = MeshConfiguration.Debounce - TimeSpan.FromMilliseconds(1);
        _application.Save(Broken);
        _application.Time.Advance(almost);
        _application.Save(Better);
        _application.Time.Advance(almost);
        Assert.Equal(1, _configuration.Model.Current.Generation);

        _application.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, _configuration.Model.Current.Generation);
        Assert.Equal([100], _application.EventIds());
    }

    /// <summary>A provider of feature flags may reload several times a second.</summary>
    [Fact]
    public void Edit_among_signals_without_end_is_taken_up_in_time()
    {
        var step = TimeSpan.FromMilliseconds(100);
        _application.Save(Better);
        for (var waited = step; waited < MeshConfiguration.MaxDelay; waited += step)
        {
            _application.Time.Advance(step);
            Assert.Equal(1, _configuration.Model.Current.Generation);
            _application.Save(Better);
        }

        _application.Time.Advance(step);
        Assert.Equal(2, _configuration.Model.Current.Generation);

        // The next one has its whole time again.
        _application.Save(Good);
        _application.Time.Advance(MeshConfiguration.Debounce);
        Assert.Equal(3, _configuration.Model.Current.Generation);
    }

    [Theory]
    [InlineData("""{ "Mesh": null }""")]
    [InlineData("{ }")]
    [InlineData("""{ "Mesh": { "Defaults": { "Timeout": "00:00:01" } } }""")]
    public void An_edit_that_takes_away_every_service_and_registry_is_warned_of(string json)
    {
        _application.Edit(json);
        _application.Edit("{ }");

        Assert.Equal(
            json == "{ }" ? [100, 109] : json.Contains("null", StringComparison.Ordinal) ? [100, 109] : [100, 109, 100],
            _application.EventIds());
        var warning = Assert.Single(_application.Log.GetSnapshot(), record => record.Id.Id == 109);
        Assert.Equal("ConfigurationEmptied", warning.Id.Name);
        Assert.Equal(LogLevel.Warning, warning.Level);
    }

    [Fact]
    public void An_edit_that_takes_everything_away_and_switches_the_mesh_off_is_not_warned_of()
    {
        _application.Edit("""{ "Mesh": { "Enabled": false } }""");

        Assert.Equal([100], _application.EventIds());
    }

    [Fact]
    public void An_edit_that_leaves_a_service_or_a_registry_is_not()
    {
        _application.Edit("""{ "Mesh": { "Discovery": { "Eureka": { "ServiceUrls": ["http://a:8761/"] } } } }""");
        _application.Edit("""{ "Mesh": { "Services": { "other": { } } } }""");

        Assert.Equal([100, 100], _application.EventIds());
        _application.Edit("""{ "Eureka": { "Client": { "ServiceUrl": "http://a:8761/" } } }""");
        _application.Edit("""{ "Mesh": { "Discovery": { "Eureka": { "ZoneServiceUrls": { "z": ["http://a:8761/"] } } } } }""");
        Assert.DoesNotContain(109, _application.EventIds());

        _application.Edit("{ }");
        Assert.Contains(109, _application.EventIds());
    }

    [Fact]
    public void Content_that_did_not_change_for_the_mesh_is_no_new_generation()
    {
        var before = _configuration.Model.Current;

        _application.Edit(Good);
        _application.Edit(
            """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:01" } } }, "Logging": { "LogLevel": { "Default": "Debug" } } }""");

        Assert.Same(before, _configuration.Model.Current);
        Assert.Empty(_seen);
        Assert.Empty(_application.EventIds());
    }

    [Fact]
    public void A_Steeltoe_key_that_changes_is_a_new_generation()
    {
        _application.Edit(
            """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:01" } } }, "Eureka": { "Client": { "ServiceUrl": "http://eureka:8761/" } } }""");

        Assert.Equal(2, _configuration.Model.Current.Generation);
        Assert.Equal(["http://eureka:8761/"], _configuration.Model.Current.Options.Discovery.Eureka.ServiceUrls);
    }

    [Fact]
    public void A_broken_edit_keeps_the_view_and_is_reported_once()
    {
        var before = _configuration.Model.Current;

        _application.Edit(Broken);
        _application.Edit(Broken);

        Assert.Same(before, _configuration.Model.Current);
        Assert.Empty(_seen);
        var record = Assert.Single(_application.Log.GetSnapshot(), record => record.Id.Name == "ConfigurationRejected");
        Assert.Equal(101, record.Id.Id);
        Assert.Equal(LogLevel.Error, record.Level);
        Assert.Contains("generation 1 stays in force", record.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:orders:Timeout: 'soon' is not a duration.", record.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:orders:Timeuot is not a setting.", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_broken_edit_is_reported_again()
    {
        _application.Edit(Broken);
        _application.Edit(BrokenOtherwise);

        Assert.Equal([101, 101], _application.EventIds());
    }

    [Fact]
    public void A_broken_edit_that_is_taken_back_leaves_the_view_as_it_was()
    {
        var before = _configuration.Model.Current;

        _application.Edit(Broken);
        _application.Edit(Good);

        Assert.Same(before, _configuration.Model.Current);
        Assert.Empty(_seen);
        Assert.Equal([101, 102], _application.EventIds());
        Assert.Equal(LogLevel.Information, _application.Log.LatestRecord.Level);
    }

    [Fact]
    public void A_broken_edit_that_is_corrected_becomes_the_next_generation()
    {
        _application.Edit(Broken);
        _application.Edit(Better);
        _application.Edit(Broken);

        Assert.Equal(2, _configuration.Model.Current.Generation);
        Assert.Equal(["first 2", "second 2"], _seen);
        Assert.Equal([101, 102, 101], _application.EventIds());
    }

    [Fact]
    public void A_handler_that_throws_does_not_keep_others_from_following()
    {
        _configuration.Model.OnChange(_ => throw new InvalidOperationException("cannot follow"));
        _configuration.Model.OnChange(view => _seen.Add($"last {view.Generation}"));

        _application.Edit(Better);
        _application.Edit(Good);

        Assert.Equal(["first 2", "second 2", "last 2", "first 3", "second 3", "last 3"], _seen);
        Assert.Equal([100, 103, 100, 103], _application.EventIds());
    }

    [Fact]
    public void A_handler_may_add_a_handler()
    {
        _configuration.Model.OnChange(_ => _configuration.Model.OnChange(view => _seen.Add($"added {view.Generation}")));

        _application.Edit(Better);

        Assert.DoesNotContain("added 2", _seen);
        _application.Edit(Good);
        Assert.Contains("added 3", _seen);
    }

    [Fact]
    public void Code_that_throws_on_reload_keeps_the_view()
    {
        using var application = new TestApplication(Good);
        application.Services.AddMesh().AddService("orders", service =>
        {
            if (service.Timeout > TimeSpan.FromSeconds(1))
            {
                throw new NotSupportedException("too long for this code");
            }
        });
        var configuration = application.Build().GetRequiredService<MeshConfiguration>();

        application.Edit(Better);

        Assert.Equal(1, configuration.Model.Current.Generation);
        Assert.Contains("too long for this code", application.Log.LatestRecord.Message, StringComparison.Ordinal);
        Assert.Equal([101], application.EventIds());
    }

    [Fact]
    public void Disposed_it_follows_no_longer()
    {
        _application.Save(Better);
        _configuration.Dispose();
        _application.Time.Advance(MeshConfiguration.Debounce);
        _application.Edit(Broken);

        Assert.Equal(1, _configuration.Model.Current.Generation);
        Assert.Empty(_application.EventIds());
    }

    [Fact]
    public void A_configuration_that_changes_while_it_is_first_read_is_read_again()
    {
        using var application = new TestApplication(Good);
        var edited = false;
        application.Services.AddMesh(_ =>
        {
            if (!edited)
            {
                edited = true;
                application.Save(Better);
            }
        });
        var configuration = application.Build().GetRequiredService<MeshConfiguration>();

        application.Time.Advance(MeshConfiguration.Debounce);

        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Model.Current.Of("orders").Routes[0].Policy.Timeout);
    }
}
