using System.Globalization;
using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>Endpoints that say in their answers that they are about to leave.</summary>
public sealed class DrainingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_that_says_so_is_the_last_one_of_its_endpoint()
    {
        using var mesh = Fleet.Of(3);
        Drain(mesh, 2);

        await Call(mesh, 30);

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(2)));
        var record = Assert.Single(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1203);
        Assert.Equal(LogLevel.Information, record.Level);
        Assert.Equal("EndpointDraining", record.Id.Name);
        Assert.Contains(Fleet.At(2), record.Message, StringComparison.Ordinal);
        Assert.Equal([mesh.Endpoint(2)], mesh.Catalog().Endpoints.Current.Draining);
    }

    [Fact]
    public async Task Only_endpoint_is_used_on()
    {
        using var mesh = Fleet.Of(1);
        Drain(mesh, 1);
        await Call(mesh, 5);
        Assert.Equal(5, mesh.Network.CountOf(Fleet.At(1)));
    }

    [Fact]
    public async Task All_draining_are_all_used()
    {
        using var mesh = Fleet.Of(2);
        Drain(mesh, 1);
        Drain(mesh, 2);
        await Call(mesh, 10);
        Assert.True(mesh.Network.CountOf(Fleet.At(1)) > 1 && mesh.Network.CountOf(Fleet.At(2)) > 1);
    }

    [Theory]
    [InlineData(1, 1, "GET")]
    [InlineData(1, 1, "POST")]
    [InlineData(1, 2, "POST")]
    [InlineData(2, 1, "GET")]
    [InlineData(2, 1, "POST")]
    public async Task Dead_endpoints_beside_those_that_leave_fail_no_call(int dead, int leaving, string method)
    {
        using var mesh = Fleet.Of(dead + leaving);
        for (var i = 1; i <= dead + leaving; i++)
        {
            Drain(mesh, i);
        }

        for (var i = 1; i <= dead; i++)
        {
            mesh.Network.On(Fleet.At(i), (_, _) => throw ScriptedNetwork.Refused());
        }

        await Call(mesh, 60, new HttpMethod(method));

        Assert.Equal(leaving, mesh.Catalog().Endpoints.Current.Usable.Length);
        Assert.InRange(mesh.Catalog().Endpoints.Current.All.Sum(endpoint => mesh.Network.CountOf(endpoint.Name)), 60, 60 + (10 * dead));
    }

    [Fact]
    public async Task Back_after_two_minutes_where_no_call_may_ask()
    {
        using var mesh = Fleet.Of(2);
        Drain(mesh, 1);
        await Call(mesh, 4);
        mesh.All(Answers.Status(HttpStatusCode.OK));
        var before = mesh.Network.CountOf(Fleet.At(1));

        mesh.Time.Advance(DrainingEndpoints.MaxTime - TimeSpan.FromMilliseconds(1));
        await Call(mesh, 4, HttpMethod.Post);
        Assert.Equal(before, mesh.Network.CountOf(Fleet.At(1)));

        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Call(mesh, 4, HttpMethod.Post);
        Assert.True(mesh.Network.CountOf(Fleet.At(1)) > before);
    }

    [Fact]
    public async Task Restarted_one_is_back_with_the_first_good_answer_to_a_trial()
    {
        using var mesh = Fleet.Of(2);
        Drain(mesh, 1);
        await Call(mesh, 4);
        mesh.All(Answers.Status(HttpStatusCode.OK));
        var before = mesh.Network.CountOf(Fleet.At(1));

        mesh.Time.Advance(DrainingEndpoints.FirstTrial - TimeSpan.FromMilliseconds(1));
        await Call(mesh, 4);
        Assert.Equal(before, mesh.Network.CountOf(Fleet.At(1)));

        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Call(mesh, 1);
        Assert.Equal(before + 1, mesh.Network.CountOf(Fleet.At(1)));
        Assert.Empty(mesh.Catalog().Endpoints.Current.Draining);
        Assert.Equal(2, mesh.Catalog().Endpoints.Current.Usable.Length);
    }

    [Theory]
    [InlineData("leaving")]
    [InlineData("gone")]
    [InlineData("failing")]
    public async Task One_that_is_not_back_gets_fewer_and_fewer_trials_and_no_call_fails_by_them(string state)
    {
        using var mesh = Fleet.Of(2);
        Drain(mesh, 1);
        await Call(mesh, 4);
        mesh.Network.On(Fleet.At(1), state switch
        {
            "leaving" => Answers.Draining(),
            "gone" => Answers.Throw(ScriptedNetwork.Refused),
            // Its port was taken by something that does not work yet.
            _ => Answers.Status(HttpStatusCode.ServiceUnavailable),
        });
        var before = mesh.Network.CountOf(Fleet.At(1));

        // 5, 15, 35, 65 and 95 s after the word.
        for (var second = 0; second < 119; second++)
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            await Call(mesh, 2);
        }

        Assert.Equal(before + 5, mesh.Network.CountOf(Fleet.At(1)));
        Assert.Single(mesh.Catalog().Endpoints.Current.Draining);
    }

    [Fact]
    public async Task Trial_is_one_request_however_many_come_at_once()
    {
        using var mesh = Fleet.Of(2);
        Drain(mesh, 1);
        await Call(mesh, 4);
        var before = mesh.Network.CountOf(Fleet.At(1));
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        mesh.Network.On(Fleet.At(1), (_, _) => answer.Task);

        mesh.Time.Advance(DrainingEndpoints.FirstTrial);
        var first = mesh.Client.GetAsync(Fleet.Url, Token);
        await Call(mesh, 10);

        Assert.Equal(before + 1, mesh.Network.CountOf(Fleet.At(1)));
        answer.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        (await first).Dispose();
    }

    [Fact]
    public void Registered_anew_is_back_at_once()
    {
        using var mesh = new MeshFixture();
        var service = Published(mesh, "http://10.0.0.1", "http://10.0.0.2");
        Publish(service, "orders-1", registered: 5);
        service.Draining.Begin(service.Endpoints.Current.All[0]);

        // The same registration says nothing, nor does an older one from another server.
        Publish(service, "orders-1", registered: 5);
        Publish(service, "orders-1", registered: 4);
        Assert.Single(service.Endpoints.Current.Draining);

        Publish(service, "orders-1", registered: 6);
        Assert.Empty(service.Endpoints.Current.Draining);
    }

    [Fact]
    public void Registered_under_another_id_is_back_at_once()
    {
        using var mesh = new MeshFixture();
        var service = Published(mesh, "http://10.0.0.1", "http://10.0.0.2");
        Publish(service, "orders-1", registered: 5);
        service.Draining.Begin(service.Endpoints.Current.All[0]);

        Publish(service, "orders-2", registered: 3);

        Assert.Empty(service.Endpoints.Current.Draining);
    }

    [Fact]
    public async Task Answer_without_the_word_to_a_later_request_takes_it_back()
    {
        using var mesh = Fleet.Of(1);
        Drain(mesh, 1);
        await Call(mesh, 1);
        mesh.All(Answers.Status(HttpStatusCode.OK));
        await Call(mesh, 1);
        Assert.Single(mesh.Catalog().Endpoints.Current.Draining);

        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Call(mesh, 1);

        Assert.Empty(mesh.Catalog().Endpoints.Current.Draining);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Address_with_one_of_two_processes_leaving_is_said_once_and_has_one_timer(int endpoints)
    {
        var time = new CountingTime();
        using var mesh = Fleet.Of(endpoints, services: services => services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, time));
        var calls = 0;
        mesh.Network.On(
            Fleet.At(1),
            (request, token) => Interlocked.Increment(ref calls) % 2 == 0 ? Answers.Draining()(request, token)
                : Answers.Status(HttpStatusCode.OK)(request, token));
        var before = time.Timers;
        var most = 0;
        for (var i = 0; i < 20_000; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Call(mesh, 1);
            most = Math.Max(most, time.Timers - before);
        }

        Assert.Single(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1203);
        Assert.InRange(most, 0, 1);

        // The address is used on: one of its processes is well.
        Assert.True(calls > 100, $"{calls} calls");
    }

    [Fact]
    public async Task Next_restart_long_after_a_refuted_word_is_believed_and_said_again()
    {
        using var mesh = Fleet.Of(2);
        for (var round = 1; round <= 3; round++)
        {
            Drain(mesh, 1);
            await Call(mesh, 4);
            Assert.Single(mesh.Catalog().Endpoints.Current.Draining);
            Assert.Equal(round, mesh.Logs.GetSnapshot().Count(r => r.Id.Id == 1203));
            mesh.All(Answers.Status(HttpStatusCode.OK));
            mesh.Time.Advance(DrainingEndpoints.FirstTrial);
            await Call(mesh, 4);
            Assert.Empty(mesh.Catalog().Endpoints.Current.Draining);
            mesh.Time.Advance(DrainingEndpoints.FirstDoubt + DrainingEndpoints.MaxTime);
        }
    }

    [Fact]
    public void Published_again_after_it_was_gone_is_a_new_endpoint()
    {
        using var mesh = new MeshFixture();
        var service = Published(mesh, "http://10.0.0.1", "http://10.0.0.2");
        service.Draining.Begin(service.Endpoints.Current.All[0]);
        Publish(service, "http://10.0.0.1", "http://10.0.0.2");
        Assert.Single(service.Endpoints.Current.Draining);

        Publish(service, "http://10.0.0.2");
        Assert.Empty(service.Endpoints.Current.Draining);
        Publish(service, "http://10.0.0.1", "http://10.0.0.2");

        Assert.Equal(2, service.Endpoints.Current.Usable.Length);
    }

    [Fact]
    public void Panic_does_not_call_back_who_is_leaving()
    {
        using var mesh = Fleet.Of(5, s => s.OutlierDetection.MaxEjectedRatio = 1);
        mesh.Catalog().Draining.Begin(mesh.Endpoint(1));
        mesh.Eject(2);
        mesh.Eject(3);
        mesh.Eject(4);

        var set = mesh.Catalog().Endpoints.Current;

        Assert.True(set.Panic);
        Assert.Equal(4, set.Usable.Length);
        Assert.DoesNotContain(mesh.Endpoint(1), set.Usable);
    }

    [Fact]
    public void Those_leaving_are_better_than_those_known_to_fail()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        mesh.Catalog().Draining.Begin(mesh.Endpoint(2));
        Assert.Equal([mesh.Endpoint(2)], mesh.Catalog().Endpoints.Current.Usable);
        Assert.False(mesh.Catalog().Endpoints.Current.Panic);
    }

    [Fact]
    public void Those_leaving_and_known_to_fail_are_none_to_fall_back_on()
    {
        using var mesh = Fleet.Of(3);
        mesh.Eject(1);
        mesh.Catalog().Draining.Begin(mesh.Endpoint(1));
        mesh.Catalog().Draining.Begin(mesh.Endpoint(2));
        Assert.Equal([mesh.Endpoint(2)], mesh.Catalog().Endpoints.Current.Leaving);

        mesh.Catalog().Draining.Begin(mesh.Endpoint(3));
        Assert.Equal([mesh.Endpoint(2), mesh.Endpoint(3)], mesh.Catalog().Endpoints.Current.Usable);
    }

    [Fact]
    public async Task Retry_does_not_go_to_who_is_leaving()
    {
        using var mesh = Fleet.Of(2);
        mesh.Catalog().Draining.Begin(mesh.Endpoint(1));
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal(0, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(mesh.Network.CountOf(Fleet.At(2)) > 1);
    }

    /// <summary>Nothing was sent, and another one answers: there is nothing to wait for.</summary>
    [Fact]
    public async Task Retry_after_a_refused_connection_goes_at_once_to_who_is_leaving()
    {
        using var mesh = Fleet.Of(2);
        mesh.Catalog().Draining.Begin(mesh.Endpoint(1));
        mesh.Network.Refuse(Fleet.At(2));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        await call.Settle();

        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([Fleet.At(2), Fleet.At(1)], mesh.Network.Received.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task Retry_after_a_refused_connection_prefers_who_is_leaving_to_the_ejected()
    {
        using var mesh = Fleet.Of(3);
        mesh.Eject(2);
        mesh.Catalog().Draining.Begin(mesh.Endpoint(1));
        mesh.Network.Refuse(Fleet.At(3));

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal([Fleet.At(3), Fleet.At(1)], mesh.Network.Received.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task Last_endpoint_serves_on_when_its_source_takes_it_out_and_a_refused_connection_ends_it()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        Drain(mesh, 1);
        await Call(mesh, 1);

        Leave(sink, "1");
        await Call(mesh, 20);
        await Call(mesh, 5, HttpMethod.Post);
        Assert.Equal(26, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(sink.NewsWanted.IsCompleted);

        mesh.Network.Refuse(Fleet.At(1));
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));
        Assert.Empty(mesh.Catalog().Endpoints.Current.All);
        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));
    }

    [Fact]
    public async Task Call_that_the_last_endpoint_refuses_goes_to_its_successor()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        sink.BeginRead();
        sink.EndRead(TimeSpan.FromSeconds(30));
        Drain(mesh, 1);
        await Call(mesh, 1);
        Leave(sink, "1");
        mesh.Network.Refuse(Fleet.At(1));

        // However new the last answer is: the refused connection is newer.
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));

        var call = mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token);
        Assert.True(sink.NewsWanted.IsCompleted);
        sink.BeginRead();
        Publish(sink, "2");
        sink.EndRead(TimeSpan.FromSeconds(30));

        using var response = await mesh.Advance(call);
        Assert.Equal([Fleet.At(1), Fleet.At(1), Fleet.At(2)], mesh.Network.Received.Select(request => request.Endpoint));
    }

    [Theory]
    [InlineData("not listed")]
    [InlineData("another status")]
    [InlineData("no word of its own")]
    public async Task Endpoint_that_does_not_leave_by_both_words_gets_no_further_call(string what)
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        if (what != "no word of its own")
        {
            Drain(mesh, 1);
        }

        await Call(mesh, 1);
        Leave(sink, what == "no word of its own" ? ["1"] : what == "another status" ? ["7"] : []);
        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));
    }

    [Fact]
    public async Task Endpoint_that_its_source_has_removed_is_gone_although_it_was_kept_before()
    {
        var (mesh, sink) = await LastResortAsync();
        using var _ = mesh;
        await Call(mesh, 1);

        // Another service may have its address by now.
        Leave(sink);

        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));
    }

    [Fact]
    public async Task Last_endpoint_gets_nothing_while_another_one_serves_and_is_there_when_that_one_fails()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        Drain(mesh, 1);
        await Call(mesh, 1);
        Publish(sink, "2", leaving: "1");
        await Call(mesh, 3);
        Assert.Equal((1, 3), (mesh.Network.CountOf(Fleet.At(1)), mesh.Network.CountOf(Fleet.At(2))));

        // No trial either: its source has confirmed that it leaves.
        mesh.Time.Advance(2 * DrainingEndpoints.FirstTrial);
        await Call(mesh, 3);
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));

        mesh.Network.Refuse(Fleet.At(2));
        await Call(mesh, 3);
        Assert.Equal(4, mesh.Network.CountOf(Fleet.At(1)));
    }

    /// <summary>Its place has been taken: by a new process of the service, which is listed soon, or by another service.</summary>
    [Theory]
    [InlineData(null, 200)]
    [InlineData(null, 404)]
    [InlineData(null, 429)]
    [InlineData(null, 500)]
    [InlineData(null, 503)]
    [InlineData("starting", 200)]
    [InlineData("starting", 503)]
    public async Task Last_endpoint_goes_with_the_first_answer_that_does_not_say_that_it_leaves(string? notice, int status)
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        sink.BeginRead();
        sink.EndRead(TimeSpan.FromSeconds(30));
        Drain(mesh, 1);
        await Call(mesh, 1);
        Leave(sink, "1");
        await Call(mesh, 2);
        mesh.Network.On(Fleet.At(1), (request, _) =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request };
            if (notice is not null)
            {
                response.Headers.Add("mesh-draining", notice);
            }

            return Task.FromResult(response);
        });
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await mesh.Advance(mesh.Client.PostAsync(Fleet.Url, null, Token))).Dispose();

        Assert.Empty(mesh.Catalog().Endpoints.Current.All);
        Assert.True(sink.NewsNeeded.IsCompleted);

        // The next call waits for what the source says, although its last answer is new.
        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        sink.BeginRead();
        Publish(sink, "2");
        sink.EndRead(TimeSpan.FromSeconds(30));
        (await mesh.Advance(call)).Dispose();
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(2)));
    }

    /// <summary>Answers that a server gives before its application, or that could not have the notice.</summary>
    [Theory]
    [InlineData(400, true)]
    [InlineData(431, true)]
    [InlineData(200, false)]
    [InlineData(503, false)]
    public async Task Last_endpoint_stays_where_an_answer_could_not_say_that_it_leaves(int status, bool sendsContext)
    {
        var (mesh, sink) = await LastResortAsync();
        using var _ = mesh;
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        if (!sendsContext)
        {
            sink.Publish(new DefaultsUpdate(new ServiceOptions { SendContext = false }));
        }

        mesh.Network.On(Fleet.At(1), Answers.Status((HttpStatusCode)status));
        (await mesh.Advance(mesh.Client.PostAsync(Fleet.Url, null, Token))).Dispose();

        Assert.Single(mesh.Catalog().Endpoints.Current.All);
    }

    [Fact]
    public async Task Endpoint_that_was_never_ready_is_no_last_resort()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        mesh.Network.On(Fleet.At(1), (request, _) =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
            response.Headers.Add("mesh-draining", "starting");
            return Task.FromResult(response);
        });
        await Call(mesh, 1);
        Drain(mesh, 1);
        await Call(mesh, 1);

        Leave(sink, "1");

        Assert.Empty(mesh.Catalog().Endpoints.Current.All);
    }

    [Fact]
    public async Task Last_endpoint_goes_after_two_minutes()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        Drain(mesh, 1);
        await Call(mesh, 1);
        var since = mesh.Time.GetUtcNow();
        Leave(sink, "1");
        await Call(mesh, 2);

        mesh.Time.Advance(since + DrainingEndpoints.MaxTime - TimeSpan.FromSeconds(1) - mesh.Time.GetUtcNow());
        await Call(mesh, 1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));
    }

    [Fact]
    public async Task Last_endpoint_that_does_not_answer_in_time_stays_and_its_successor_is_looked_for()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        Drain(mesh, 1);
        await Call(mesh, 1);
        sink.BeginRead();
        sink.BeginRead();
        Leave(sink, "1");
        mesh.Network.On(Fleet.At(1), Answers.Throw(static () => new HttpRequestException(HttpRequestError.ConnectionError, "timed out")));

        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.Single(mesh.Catalog().Endpoints.Current.All);
        Assert.True(sink.NewsWanted.IsCompleted);
    }

    [Theory]
    [InlineData("tls required", 8443, false)]
    [InlineData("tls required", 0, false)]
    [InlineData("tls name", 8443, false)]
    [InlineData("connect timeout", 8443, true)]
    [InlineData("host header", 0, true)]
    public void Last_endpoint_is_judged_by_a_reload_like_any_other_and_never_made_anew(string change, int securePort, bool stays)
    {
        using var mesh = new MeshFixture();
        var service = new Service("published", new MeshModel(new MeshOptions(), generation: 1).Defaults, Dependencies(mesh));
        service.Publish("test", [Described("1") with { SecurePort = securePort }]);
        var endpoint = service.Endpoints.Current.All[0];
        service.Draining.Begin(endpoint);
        service.Endpoints.Publish("test", MeshSourceRank.Registry, [], new HashSet<string> { "1" });
        Assert.Same(endpoint, Assert.Single(service.Endpoints.Current.All));
        Assert.True(service.Endpoints.IsLastResort(endpoint));

        var options = new MeshOptions { Services = { ["published"] = new ServiceOptions() } };
        var settings = options.Services["published"];
        (settings.RequireTls, settings.TlsName, settings.ConnectTimeout, settings.HostHeader) = (
            change == "tls required" ? true : null,
            change == "tls name" ? "orders.internal" : null,
            change == "connect timeout" ? TimeSpan.FromSeconds(7) : null,
            change == "host header" ? HostHeader.Endpoint : null);
        service.Apply(new MeshModel(options, generation: 2).Of("published"));

        Assert.Equal(stays ? [endpoint] : [], service.Endpoints.Current.All);
        Assert.Equal(stays, service.Endpoints.IsLastResort(endpoint));
        Assert.Equal(stays, endpoint.IsDraining && service.Endpoints.Current.Leaving.Contains(endpoint));
    }

    [Fact]
    public void Last_endpoint_goes_when_the_configuration_names_others()
    {
        using var mesh = new MeshFixture();
        var (service, endpoint) = LastResort(mesh);

        service.Apply(new MeshModel(
            new MeshOptions { Services = { ["published"] = new() { Endpoints = ["http://10.0.0.9"] } } }, generation: 2).Of("published"));

        Assert.Equal([Fleet.At(9)], service.Endpoints.Current.All.Select(static known => known.Name));
        Assert.False(service.Endpoints.IsLastResort(endpoint));
    }

    [Fact]
    public async Task Call_of_the_last_endpoint_looks_for_its_successor_although_all_is_well()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        Drain(mesh, 1);
        await Call(mesh, 1);
        sink.BeginRead();
        Leave(sink, "1");
        sink.EndRead(TimeSpan.FromSeconds(30));
        Assert.False(sink.NewsWanted.IsCompleted);

        await Call(mesh, 1);

        Assert.True(sink.NewsWanted.IsCompleted);
        Assert.False(sink.NewsNeeded.IsCompleted);
    }

    /// <summary>It is not ready yet, and its source may say so: no reason to hurry.</summary>
    [Fact]
    public async Task Endpoint_that_starts_and_is_not_the_last_resort_is_no_need_for_news()
    {
        var (mesh, sink) = await DiscoveredAsync();
        using var _ = mesh;
        mesh.Network.On(Fleet.At(1), static (request, _) => Task.FromResult(
            new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Headers = { { "mesh-draining", "starting" } } }));
        await Call(mesh, 1);
        var since = mesh.Endpoint(1).DrainingSince;
        await Call(mesh, 1);

        Assert.Equal(since, mesh.Endpoint(1).DrainingSince);
        Assert.True(sink.NewsWanted.IsCompleted);
        Assert.False(sink.NewsNeeded.IsCompleted);
    }

    /// <summary>Endpoint 1, which has said that it leaves, as its source does.</summary>
    private static (Service Service, Endpoint Endpoint) LastResort(MeshFixture mesh)
    {
        var service = new Service("published", new MeshModel(new MeshOptions(), generation: 1).Defaults, Dependencies(mesh));
        service.Publish("test", [Described("1")]);
        var endpoint = service.Endpoints.Current.All[0];
        service.Draining.Begin(endpoint);
        service.Endpoints.Publish("test", MeshSourceRank.Registry, [], new HashSet<string> { "1" });
        Assert.True(service.Endpoints.IsLastResort(endpoint));
        return (service, endpoint);
    }

    private static EndpointDescription Described(string number) =>
        TestSource.Endpoint("http://" + Fleet.At(int.Parse(number, CultureInfo.InvariantCulture))) with { InstanceId = number };

    private static void Publish(IMeshSink sink, string number, string? leaving = null) => sink.Publish(new ServiceUpdate(Fleet.Name)
    {
        Endpoints = [Described(number)],
        Leaving = leaving is null ? null : new HashSet<string> { leaving },
    });

    /// <summary>No endpoint is named any more; these are listed as leaving.</summary>
    private static void Leave(IMeshSink sink, params string[] leaving) =>
        sink.Publish(new ServiceUpdate(Fleet.Name) { Endpoints = [], Leaving = leaving.ToHashSet() });

    /// <summary>The only endpoint has said that it leaves, and so has its source.</summary>
    private static async Task<(MeshFixture Mesh, IMeshSink Sink)> LastResortAsync()
    {
        var (mesh, sink) = await DiscoveredAsync();
        Drain(mesh, 1);
        await Call(mesh, 1);
        Leave(sink, "1");
        return (mesh, sink);
    }

    private static async Task<(MeshFixture Mesh, IMeshSink Sink)> DiscoveredAsync()
    {
        var source = new TestSource();
        var mesh = new MeshFixture(services: services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        Publish(sink, "1");
        sink.Ready();
        return (mesh, sink);
    }

    private static async Task Call(MeshFixture mesh, int count, HttpMethod? method = null)
    {
        for (var i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(method ?? HttpMethod.Get, Fleet.Url);
            var call = mesh.Client.SendAsync(request, Token);
            while (!call.IsCompleted)
            {
                mesh.Time.Advance(TimeSpan.FromMilliseconds(10));
                await Task.Yield();
            }

            using var response = await call;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static void Drain(MeshFixture mesh, int number) => mesh.Network.On(Fleet.At(number), Answers.Draining());

    private static Service Published(MeshFixture mesh, params string[] addresses)
    {
        var service = new Service("published", new MeshModel(new MeshOptions(), generation: 1).Defaults, Dependencies(mesh));
        Publish(service, addresses);
        return service;
    }

    private static ServiceDependencies Dependencies(MeshFixture mesh) =>
        (ServiceDependencies)mesh.Provider.GetService(typeof(ServiceDependencies))!;

    private static void Publish(Service service, string id, long registered) => service.Publish("test",
    [
        new EndpointDescription { Address = new Uri("http://10.0.0.1"), InstanceId = id, Registered = registered },
        TestSource.Endpoint("http://10.0.0.2"),
    ]);

    private static void Publish(Service service, params string[] addresses) =>
        service.Publish("test", [.. addresses.Select(address => new EndpointDescription { Address = new Uri(address) })]);
}
