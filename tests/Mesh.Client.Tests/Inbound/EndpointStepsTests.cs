using Mesh.Client.Inbound;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Inbound;

public sealed class EndpointStepsTests
{
    private readonly List<string> _ran = [];

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Watch_nothing_is_installed_without_steps_or_without_the_mesh(bool enabled, int steps)
    {
        IEndpointFeature? seen = null;
        using var server = Server(enabled, [.. Enumerable.Repeat(Step("one"), steps)]);
        server.Application = context =>
        {
            seen = context.Features.Get<IEndpointFeature>();
            return Task.CompletedTask;
        };
        var request = ServerFixture.Request();
        var own = new OwnFeature();
        request.Features.Set<IEndpointFeature>(own);

        await server.InvokeAsync(request);

        Assert.Same(own, seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_steps_run_in_order_before_the_endpoint(bool late)
    {
        using var server = Server(true, Step("one", late: late), Step("two"), Step("three", late: late));
        var endpoint = Route();

        await ExecuteAsync(server, endpoint, ServerFixture.Request());

        Assert.Equal(["one /orders", "two /orders", "three /orders", "application"], _ran);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Run_a_step_that_answers_is_the_last(bool late, bool lateAnswer)
    {
        using var server = Server(true, Step("one", late: late), Step("two", goesOn: false, late: lateAnswer), Step("three"));

        await ExecuteAsync(server, Route(), ServerFixture.Request());

        Assert.Equal(["one /orders", "two /orders"], _ran);
    }

    [Fact]
    public async Task Run_with_a_deadline_steps_run_within_it()
    {
        TimeSpan? remaining = null;
        using var server = Server(true, new Probe((_, _) =>
        {
            remaining = MeshContext.Remaining;
            return new(true);
        }));

        await ExecuteAsync(server, Route(), ServerFixture.Request(deadline: "5000"));

        Assert.Equal(TimeSpan.FromSeconds(5), remaining);
        Assert.Equal(["application"], _ran);
    }

    [Fact]
    public async Task Around_an_endpoint_that_is_put_back_runs_the_steps_once()
    {
        using var server = Server(true, Step("one"));
        server.Application = context =>
        {
            context.SetEndpoint(Route());
            var first = context.GetEndpoint();
            context.SetEndpoint(null);
            Assert.Null(context.GetEndpoint());
            context.SetEndpoint(first);
            Assert.Same(first, context.GetEndpoint());
            return first!.RequestDelegate!(context);
        };

        await server.InvokeAsync(ServerFixture.Request());

        Assert.Equal(["one /orders", "application"], _ran);
    }

    [Fact]
    public void Around_a_route_stays_one_with_all_that_is_read_from_it()
    {
        var steps = EndpointSteps.Of([Step("one")])!;
        var route = Route();

        var around = Assert.IsType<RouteEndpoint>(steps.Around(route));

        Assert.NotSame(route, around);
        Assert.Same(route.RoutePattern, around.RoutePattern);
        Assert.Equal(7, around.Order);
        Assert.Same(route.Metadata, around.Metadata);
        Assert.Equal("orders", around.DisplayName);
    }

    [Fact]
    public void Around_an_endpoint_of_another_kind_keeps_metadata_and_name()
    {
        var endpoint = new Endpoint(static _ => Task.CompletedTask, new EndpointMetadataCollection("mark"), "405");

        var around = EndpointSteps.Of([Step("one")])!.Around(endpoint)!;

        Assert.NotSame(endpoint, around);
        Assert.Same(endpoint.Metadata, around.Metadata);
        Assert.Equal("405", around.DisplayName);
    }

    /// <summary>Middleware behind it answers, and sees by the missing delegate that it may.</summary>
    [Fact]
    public void Around_an_endpoint_that_runs_nothing_is_left_alone()
    {
        var endpoint = new Endpoint(requestDelegate: null, EndpointMetadataCollection.Empty, "nothing");

        Assert.Same(endpoint, EndpointSteps.Of([Step("one")])!.Around(endpoint));
    }

    [Fact]
    public void Watch_costs_nothing_for_an_endpoint_and_a_connection_that_it_knows()
    {
        var steps = EndpointSteps.Of([Step("one")])!;
        var own = new OwnFeature();
        var features = new FeatureCollection();
        var route = Route();
        Choose(times: 1);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Choose(times: 100);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotSame(route, own.Endpoint);
        Assert.NotNull(own.Endpoint);

        void Choose(int times)
        {
            for (var i = 0; i < times; i++)
            {
                // As a server does between two requests.
                features[typeof(IEndpointFeature)] = own;
                own.Endpoint = null;
                steps.Watch(features);
                ((IEndpointFeature)features[typeof(IEndpointFeature)]!).Endpoint = route;
            }
        }
    }

    private static ServerFixture Server(bool enabled, params IEndpointStep[] steps) => new(
        options => options.Enabled = enabled,
        services =>
        {
            foreach (var step in steps)
            {
                services.AddSingleton(step);
            }
        });

    private static Task ExecuteAsync(ServerFixture server, Endpoint endpoint, HttpContext request)
    {
        server.Application = context =>
        {
            context.SetEndpoint(endpoint);
            return context.GetEndpoint()!.RequestDelegate!(context);
        };
        return server.InvokeAsync(request);
    }

    private RouteEndpoint Route() => new(
        _ =>
        {
            _ran.Add("application");
            return Task.CompletedTask;
        },
        RoutePatternFactory.Parse("/orders"),
        order: 7,
        new EndpointMetadataCollection("mark"),
        "orders");

    private Probe Step(string name, bool goesOn = true, bool late = false) => new(async (_, endpoint) =>
    {
        if (late)
        {
            await Task.Yield();
        }

        _ran.Add($"{name} {((RouteEndpoint)endpoint).RoutePattern.RawText}");
        return goesOn;
    });

    private sealed class Probe(Func<HttpContext, Endpoint, ValueTask<bool>> run) : IEndpointStep
    {
        public ValueTask<bool> RunAsync(HttpContext context, Endpoint endpoint) => run(context, endpoint);
    }

    private sealed class OwnFeature : IEndpointFeature
    {
        public Endpoint? Endpoint { get; set; }
    }
}
