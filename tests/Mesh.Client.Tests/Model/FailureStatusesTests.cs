using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Model;

/// <summary>Which statuses count against the endpoint that answers with them.</summary>
public sealed class FailureStatusesTests
{
    [Theory]
    [InlineData("404", 404, 404)]
    [InlineData("500-504", 500, 504)]
    [InlineData("499 - 501", 499, 501)]
    [InlineData("4xx", 400, 499)]
    [InlineData("5XX", 500, 599)]
    public void TryRead_status_range_or_class(string text, int first, int last)
    {
        Assert.True(FailureStatuses.TryRead(text, out var from, out var to));
        Assert.Equal((first, last), (from, to));
        var statuses = FailureStatuses.Of([text]);
        Assert.All(Enumerable.Range(0, 600), status => Assert.Equal(status >= first && status <= last, statuses.Contains(status)));

        // Beyond all classes: as 500.
        Assert.All(Enumerable.Range(600, 400), status => Assert.Equal(first <= 500 && last >= 500, statuses.Contains(status)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("399")]
    [InlineData("600")]
    [InlineData("3xx")]
    [InlineData("504-500")]
    [InlineData("500-")]
    [InlineData("-500")]
    [InlineData("5x")]
    [InlineData("not found")]
    public void TryRead_what_is_none_is_refused(string? text) => Assert.False(FailureStatuses.TryRead(text, out _, out _));

    [Fact]
    public void Default_is_5xx_without_what_says_never() =>
        Assert.Equal([.. Enumerable.Range(500, 100).Except([501, 505])], Enumerable.Range(0, 600).Where(FailureStatuses.Default.Contains));

    [Theory]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(501)]
    public async Task Listed_status_of_one_endpoint_ejects_it(int status)
    {
        using var mesh = Fleet.Of(3, service => service.OutlierDetection.Statuses = [$"{status}"]);
        mesh.Network.On(Fleet.At(1), (HttpStatusCode)status);
        await Calls(mesh, 15);
        Assert.Equal([mesh.Endpoint(1)], mesh.Catalog().Endpoints.Current.Ejected);

        // A trial that gets the same answer does not bring it back.
        mesh.Time.Advance(TimeSpan.FromSeconds(7));
        await Calls(mesh, 3);
        Assert.Equal([mesh.Endpoint(1)], mesh.Catalog().Endpoints.Current.Ejected);

        mesh.Network.On(Fleet.At(1), HttpStatusCode.OK);
        mesh.Time.Advance(TimeSpan.FromSeconds(7));
        await Calls(mesh, 3);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(501)]
    public async Task Listed_status_counts_also_where_a_long_body_follows(int status)
    {
        using var mesh = Fleet.Of(3, service => service.OutlierDetection.Statuses = [$"{status}"]);
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(
            new HttpResponseMessage((HttpStatusCode)status) { Content = new StreamContent(new ForwardOnlyStream(new byte[100_000])) }));
        for (var i = 0; i < 15; i++)
        {
            (await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
                .Dispose();
        }

        Assert.Equal([mesh.Endpoint(1)], mesh.Catalog().Endpoints.Current.Ejected);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(429)]
    public async Task Listed_4xx_of_all_endpoints_ejects_none(int status)
    {
        using var mesh = Fleet.Of(3, service => service.OutlierDetection.Statuses = ["4xx"]);
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)));
        await Calls(mesh, 60);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Status_that_is_not_listed_ejects_none()
    {
        using var mesh = Fleet.Of(3, service =>
        {
            service.OutlierDetection.Statuses = ["503"];
            service.CircuitBreaker.Enabled = false;
        });
        mesh.Network.On(Fleet.At(1), HttpStatusCode.InternalServerError);
        await Calls(mesh, 60);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);

        mesh.Network.On(Fleet.At(1), HttpStatusCode.ServiceUnavailable);
        await Calls(mesh, 60);
        Assert.Equal([mesh.Endpoint(1)], mesh.Catalog().Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Status_4xx_ejects_none_by_default()
    {
        using var mesh = Fleet.Of(3);
        mesh.Network.On(Fleet.At(1), HttpStatusCode.NotFound);
        await Calls(mesh, 60);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
    }

    [Fact]
    public void Statuses_of_the_service_replace_those_of_the_defaults()
    {
        var defaults = new ServiceOptions();
        defaults.OutlierDetection.Statuses = ["500"];
        var service = new ServiceOptions();
        Assert.True(OutlierDetectionPolicy.Create(service.OutlierDetection, defaults.OutlierDetection).Statuses.Contains(500));
        service.OutlierDetection.Statuses = ["404"];
        Assert.Equal(
            FailureStatuses.Of(["404"]), OutlierDetectionPolicy.Create(service.OutlierDetection, defaults.OutlierDetection).Statuses);
    }

    private static async Task Calls(MeshFixture mesh, int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await mesh.Client.GetAsync(Fleet.Url)).Dispose();
        }
    }
}
